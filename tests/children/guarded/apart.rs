//! What a guardian has, and what it has not.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use tenure_bounds::mark;

use super::{parent, sh, stat};
use crate::processes::wait_until;
use crate::support::{Runtime, guardian, run};

/// More than it takes, less than anybody would notice; in KB.
const MOST_MEMORY: u64 = 512;

/// What the descriptors of a process stand for.
fn descriptors(process: u32) -> Vec<(u32, String)> {
    let listed = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let mut all: Vec<_> = listed
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, std::fs::read_link(entry.path()).ok()?.to_str()?.to_owned()))
        })
        .collect();
    all.sort();
    all
}

fn sockets(process: u32) -> BTreeSet<String> {
    let all = descriptors(process).into_iter().map(|(_, what)| what);
    all.filter(|what| what.starts_with("socket:")).collect()
}

/// So no byte is copied, none waits for it, and the end of each pipe is seen at both sides; and the guardian sees the
/// end of the host.
pub(crate) fn a_guardian_holds_no_pipe_of_the_child_and_the_child_no_lifeline<R: Runtime>() {
    run::<R, _>(async {
        // What this program was started with and isn't closed by `exec` is inherited, as by any child.
        let mut sleep = Command::new("sleep");
        let usual =
            tenure_process::spawn(&R::reactor(), mark(sleep.arg("60").stderr(Stdio::piped())), ()).unwrap();
        let inherited = sockets(usual.pid());
        let guardian = guardian();
        let mut sleep = guardian.command("sleep");
        let command = mark(sleep.arg("60").stderr(Stdio::piped()));
        let child = tenure_process::spawn_guarded(&R::reactor(), &guardian, command, ()).await.unwrap();
        let its_guardian = parent(child.pid());
        assert_eq!(sockets(child.pid()), inherited, "the server holds a socket of its guardian's");
        let of_both: BTreeSet<_> =
            sockets(std::process::id()).intersection(&sockets(its_guardian)).cloned().collect();
        assert!(of_both.is_subset(&inherited), "the guardian holds this program's end: {of_both:?}");

        let its = descriptors(child.pid());
        let pipes: BTreeSet<_> =
            its.iter().filter(|(number, _)| *number <= 2).map(|(_, what)| what).collect();
        assert!(pipes.len() == 3 && pipes.iter().all(|what| what.starts_with("pipe:")), "{its:?}");
        let guardians = descriptors(its_guardian);
        let held = guardians.iter().find(|(_, what)| pipes.contains(what));
        assert_eq!(held, None, "the guardian holds a pipe of the server's");
    });
}

pub(crate) fn a_guardian_is_known_by_its_name<R: Runtime>() {
    run::<R, _>(async {
        let child = sh::<R>("exec sleep 60").await;
        let guardian = parent(child.pid());
        let words = std::fs::read_to_string(format!("/proc/{guardian}/cmdline")).unwrap();
        assert_eq!(words.replace('\0', " "), "tenure: guards /bin/sh -c exec sleep 60 ");
        let name = std::fs::read_to_string(format!("/proc/{guardian}/comm")).unwrap();
        assert_eq!(name, "tenure: guards\n");
    });
}

/// What only this process has of memory, in KB.
fn private_memory(process: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap();
    let private = rollup
        .lines()
        .filter(|line| line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:"));
    private.map(|line| line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()).sum()
}

/// There is one for each server.
pub(crate) fn a_guardian_is_small<R: Runtime>() {
    run::<R, _>(async {
        let child = sh::<R>("exec sleep 60").await;
        let memory = private_memory(parent(child.pid()));
        assert!((1..=MOST_MEMORY).contains(&memory), "a guardian has {memory} KB of its own");
    });
}

/// One that asks the system again and again is never seen to sleep.
pub(crate) fn a_guardian_sleeps_while_nothing_happens<R: Runtime>() {
    run::<R, _>(async {
        let child = sh::<R>("exec sleep 60").await;
        let guardian = parent(child.pid());
        let sleeps = || (0..20).all(|_| stat(guardian)[0] == "S");
        wait_until("the guardian to sleep", sleeps);
    });
}
