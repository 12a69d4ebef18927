//! Servers have a guardian: whatever becomes of the program, nothing of them is left.

use std::process::{Command, Stdio};

use rustix::process::Signal;
use tenure_bounds::{blocking, started};

use crate::on_both_runtimes;
use crate::servers::{DEAF, HANDSHAKE, NO_TOOLS, called, embedded, raw};
use crate::support::{Folder, TENURE, run};

on_both_runtimes!(
    nothing_is_left_of_the_program_when_it_is_killed,
    a_daemon_ends_with_its_server,
    a_guardian_is_small,
    without_a_guardian_the_server_is_the_programs_own_child,
);

/// One that left its group and its session.
const DAEMON: &str = "setsid sleep 1000 </dev/null >/dev/null 2>&1 &";
/// Of a guardian's own, in KB: mostly what the loader changes of the addresses in a program of this size.
#[cfg(target_os = "linux")]
const MOST_MEMORY: u64 = 1024;
const HASTE: [&str; 4] = ["--stop-timeout", "100ms", "--abort-timeout", "100ms"];

#[track_caller]
fn wait_until_nothing_is_left() {
    if cfg!(target_os = "linux") {
        blocking("the end of all that the program started", || {
            while !started().is_empty() {
                std::thread::yield_now();
            }
        });
    }
}

fn nothing_is_left_of_the_program_when_it_is_killed(runtime: &str) {
    let command = [&["tools"][..], &HASTE].concat();
    let connecting = format!("{DAEMON} read -r line; echo 'server: asked' >&2; {DEAF}");
    let calling = format!("{DAEMON} {HANDSHAKE} {DEAF}");
    let ending = format!("{DAEMON} {HANDSHAKE} {NO_TOOLS} {DEAF}");
    for (script, moment) in
        [(connecting, "server: asked"), (calling, "server: called"), (ending, "server: eof")]
    {
        let folder = Folder::new();
        let mut running = raw(runtime, &folder, &command, &script);
        running.until(moment).signal(Signal::KILL);
        assert_eq!(running.wait().signal, Some(9), "{moment}");
        wait_until_nothing_is_left();
    }
}

fn a_daemon_ends_with_its_server(runtime: &str) {
    let folder = Folder::new();
    let command = [&["tools"][..], &HASTE].concat();
    called(runtime, &folder, &command, &format!("{DAEMON} {NO_TOOLS} cat >/dev/null")).wait().held();
    if cfg!(target_os = "linux") {
        // Before the program has ended.
        assert_eq!(started(), [0; 0]);
    }
}

/// The same program, of which it uses little.
#[cfg_attr(not(target_os = "linux"), allow(unused_variables, reason = "nothing tells"))]
fn a_guardian_is_small(runtime: &str) {
    #[cfg(target_os = "linux")]
    {
        let folder = Folder::new();
        let script = format!("cat /proc/$PPID/smaps_rollup >\"$DIR/memory\"; {NO_TOOLS} cat >/dev/null");
        called(runtime, &folder, &["tools"], &script).wait().held();
        let memory: u64 = folder
            .text("memory")
            .lines()
            .filter(|line| line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:"))
            .map(|line| line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap())
            .sum();
        assert!((1..=MOST_MEMORY).contains(&memory), "a guardian has {memory} KB of its own");
    }
}

fn without_a_guardian_the_server_is_the_programs_own_child(runtime: &str) {
    let script = format!("cat /proc/$PPID/comm >\"$DIR/parent\"; {NO_TOOLS} cat >/dev/null");
    for (command, parent) in [(&["tools"][..], "tenure: guards\n"), (&["tools", "--no-guardian"], "tenure\n")]
    {
        if cfg!(target_os = "linux") {
            let folder = Folder::new();
            called(runtime, &folder, command, &script).wait().held();
            assert_eq!(folder.text("parent"), parent);
        }
    }
    embedded(runtime, &["tools", "--no-guardian"]).held();
    run(["tools", "--no-guardian", "--url", "http://localhost:1/"]).failed(2, "--no-guardian");
}

#[test]
fn a_guardian_is_started_by_hosts_alone() {
    for words in [&["guardian"][..], &["guardian", "cat"]] {
        let mut command = Command::new(TENURE);
        let ran = blocking("it", || command.args(words).stdin(Stdio::null()).output()).unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{said}");
        assert!(said.starts_with("tenure: a guardian is started by a program that has servers: "), "{said}");
    }
}
