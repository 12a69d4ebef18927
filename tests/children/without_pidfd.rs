//! The rows that end servers once more, on a kernel without pidfds: one before Linux 5.3, or a sandbox that doesn't
//! know them.
//!
//! This program again, started by a thread with a filter that answers as such a kernel does. All that is started by it
//! has that filter, too: the host, its threads, guardians, and servers.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use rustix::io::Errno;
use rustix::process::{PidfdFlags, getpid, pidfd_open};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use tenure_bounds::mark;

use crate::guarded::hosts::{self, Host, sockets_of};
use crate::guarded::wait_until_nothing_is_left;
use crate::smol::Smol;
use crate::support::{Runtime, skipped};
use crate::tokio::Tokio;

/// `pidfd_send_signal`, `pidfd_open`, `pidfd_getfd`: new enough to have one number on every processor.
const CALLS: [i64; 3] = [424, 434, 438];

/// Not played again: what needs pidfds itself, of which one that doesn't is below, and what waits for long and has
/// nothing to do with them.
const NOT_AGAIN: [&str; 2] = [
    "row_30_nothing_is_left_though_another_process_holds_the_lifeline",
    "a_guardian_that_says_nothing_is_given_up",
];

#[test]
fn there_a_host_on_tokio_keeps_its_promises() {
    or_skipped(in_filtered_thread(|| again("tokio::")));
}

#[test]
fn there_a_host_on_smol_keeps_its_promises() {
    or_skipped(in_filtered_thread(|| again("smol::")));
}

#[test]
fn there_nothing_is_left_on_tokio_though_another_process_holds_the_lifeline() {
    hold_a_lifeline::<Tokio>();
}

#[test]
fn there_nothing_is_left_on_smol_though_another_process_holds_the_lifeline() {
    hold_a_lifeline::<Smol>();
}

/// The guarded rows of one runtime, whose names begin like this, and those of servers that don't go. Each has its
/// bounds.
fn again(rows: &str) {
    let mut part = Command::new(std::env::current_exe().unwrap());
    part.args(["guarded::", "row_20_"].map(|room| format!("{rows}{room}")));
    part.args(NOT_AGAIN.iter().flat_map(|row| ["--skip", row]));
    let output = mark(&mut part).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("test result: ok. ") && !said.contains("ok. 0 passed"), "{said}");
}

/// The guardian has neither the end of its socket nor a pidfd.
fn hold_a_lifeline<R: Runtime>() {
    if hosts::is_part() {
        return hosts::host::<R>();
    }
    // A thread that can fetch descriptors.
    let (tell, told) = mpsc::channel();
    let (give, given) = mpsc::channel();
    let fetcher = thread::spawn(move || told.into_iter().try_for_each(|host| give.send(sockets_of(host))));
    let played = in_filtered_thread(move || {
        let mut host = Host::start::<R>();
        host.until("calls");
        tell.send(host.pid()).unwrap();
        let held: Vec<OwnedFd> = given.recv().unwrap();
        assert!(!held.is_empty());
        host.kill();
        wait_until_nothing_is_left("of a host whose lifeline this program holds");
    });
    fetcher.join().unwrap().unwrap();
    or_skipped(played);
}

/// Does this in a thread of its own, which ends with its filter; says why that can't be.
fn in_filtered_thread(part: impl FnOnce() + Send) -> Result<(), String> {
    let test = thread::current().name().unwrap_or_default().to_owned();
    thread::scope(|scope| {
        let filtered = || without_pidfds().map(|()| part());
        let thread = thread::Builder::new().name(test).spawn_scoped(scope, filtered).unwrap();
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Has this thread, and all that it starts, told that there are no pidfds.
fn without_pidfds() -> Result<(), String> {
    let told = SeccompAction::Errno(Errno::NOSYS.raw_os_error().unsigned_abs());
    let rules: BTreeMap<_, _> = CALLS.into_iter().map(|call| (call, Vec::new())).collect();
    let processor = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, told, processor).unwrap();
    let filter: BpfProgram = filter.try_into().unwrap();
    let filtered = seccompiler::apply_filter(&filter);
    filtered.map_err(|error| format!("filters of system calls are not permitted here: {error}"))?;
    assert_eq!(pidfd_open(getpid(), PidfdFlags::empty()).unwrap_err(), Errno::NOSYS);
    Ok(())
}

fn or_skipped(played: Result<(), String>) {
    if let Err(why) = played {
        skipped(&why);
    }
}
