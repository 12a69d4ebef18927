//! Children that are stopped: by the terminal, or by somebody.

use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

use futures_lite::io::BufReader;
use futures_lite::{AsyncWriteExt as _, future};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Signal, ioctl_tiocsctty, setsid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tenure_bounds::{BOUND, blocking, mark, within};

use super::support::{
    Dropped, Impatient, assert_reaped, end, is_held, line, part, pid, run, sh, start, start_watched,
    wait_until_dropped,
};
use crate::child::spawn_watched as spawn;
use crate::sys::parts::Watching;

#[test]
fn a_stop_is_told_with_its_signal_and_the_child_lives_on() {
    run(async {
        let script = "for stop in STOP TTIN TTOU; do kill -$stop $$; echo $stop; done; read line; exit 3";
        let (child, _token) = start(&mut sh(script));
        let (mut stdin, stdout, mut process) = child.split();
        let mut stdout = BufReader::new(stdout);
        for (signal, name, by_terminal) in [
            (Signal::STOP, "SIGSTOP", false),
            (Signal::TTIN, "SIGTTIN", true),
            (Signal::TTOU, "SIGTTOU", true),
        ] {
            let stopped = within("the stop", process.stopped()).await;
            assert_eq!(stopped.signal(), signal.as_raw());
            assert_eq!(stopped.by_terminal(), by_terminal);
            assert_eq!(stopped.to_string(), format!("stopped by {name}"));
            // Told once, and no exit.
            assert!(future::poll_once(process.stopped()).await.is_none());
            assert!(future::poll_once(process.exited()).await.is_none());
            assert!(process.try_wait().unwrap().is_none());
            rustix::process::kill_process(pid(process.pid()), Signal::CONT).unwrap();
            assert_eq!(line(&mut stdout).await, &name[3..]);
        }
        stdin.write_all(b"\n").await.unwrap();
        assert_eq!(within("the exit", process.wait()).await.unwrap().code(), Some(3));
        assert!(future::poll_once(process.stopped()).await.is_none());
    });
}

#[test]
fn a_stopped_child_is_ended_by_its_drop() {
    run(async {
        let (child, token) = start(&mut sh("sleep 60 & kill -STOP $$"));
        let (_stdin, stdout, mut process) = child.split();
        within("the stop", process.stopped()).await;
        drop(process);
        wait_until_dropped(&token);
        end(&mut BufReader::new(stdout)).await;
    });
}

/// Runs a part in a program of its own: only the leader of a session can take a terminal, or is without one.
fn run_part(name: &str, last: &str) {
    let mut part = part("/bin/sh", "exec \"$0\" \"$@\"", name);
    mark(&mut part).stdin(Stdio::null()).stdout(Stdio::piped());
    let child = part.spawn().unwrap();
    let said = blocking("the part to end", || child.wait_with_output()).unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && text.contains(last), "{text}");
}

/// A real terminal.
#[test]
fn a_child_that_asks_for_a_password_on_the_terminal_is_seen_to_stop() {
    run_part("terminal", "\nboth were seen");
}

#[test]
#[cfg(target_os = "linux")]
fn where_there_is_no_terminal_no_thread_waits_for_a_child() {
    run_part("no terminal", "\nnobody waits");
}

#[cfg(target_os = "linux")]
pub(super) fn a_child_without_a_terminal() {
    use rustix::process::{PidfdFlags, getpid, pidfd_open};

    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    setsid().unwrap();
    let before = threads();
    let (child, token) = start_watched(&mut sh("exec sleep 60"), Watching::Best);
    // Without a descriptor for processes a thread has to wait.
    let waits = usize::from(pidfd_open(getpid(), PidfdFlags::empty()).is_err());
    assert_eq!(threads(), before + waits);
    drop(child);
    wait_until_dropped(&token);
    println!("\nnobody waits");
}

/// Takes a terminal for this program. It is gone with what is returned.
fn take_terminal() -> OwnedFd {
    setsid().unwrap();
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = open(&*name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    ioctl_tiocsctty(&theirs).unwrap();
    ours
}

pub(super) fn a_prompt_on_the_terminal() {
    let terminal = take_terminal();
    for watching in [Watching::Best, Watching::Thread] {
        for prompt in ["read line </dev/tty", "stty -echo </dev/tty"] {
            run(async {
                let (child, token) = start_watched(Command::new("/bin/sh").args(["-c", prompt]), watching);
                let (_stdin, _stdout, mut process) = child.split();
                let stopped = within("the stop", process.stopped()).await;
                assert!(stopped.by_terminal(), "{stopped}");
                assert!(future::poll_once(process.exited()).await.is_none());
                drop(process);
                wait_until_dropped(&token);
            });
        }
    }
    println!("\nboth were seen");
    // A terminal that goes hangs its leader up.
    std::mem::forget(terminal);
}

#[test]
fn a_child_that_is_dead_is_reaped_by_its_drop_where_there_is_a_terminal_too() {
    run_part("dead on the terminal", "\nall were reaped");
}

pub(super) fn dead_children_on_the_terminal() {
    let terminal = take_terminal();
    for _ in 0..20 {
        run(async {
            let (child, token) = start_watched(&mut sh("exit 0"), Watching::Best);
            let id = child.pid();
            let (_stdin, _stdout, mut process) = child.split();
            within("the exit", process.exited()).await.unwrap();
            drop(process);
            assert!(!is_held(&token));
            assert_reaped(id);
        });
    }
    println!("\nall were reaped");
    std::mem::forget(terminal);
}

#[test]
fn no_second_thread_is_started_to_reap_a_child_where_there_is_a_terminal() {
    run_part("dropped on the terminal", "\nno other thread did");
}

pub(super) fn dropped_children_on_the_terminal() {
    let terminal = take_terminal();
    for _ in 0..20 {
        let (theirs, thread) = channel();
        let token = Box::new(Dropped(theirs));
        let mut sleep = sh("exec sleep 60");
        drop(spawn(&Impatient::new(), mark(&mut sleep), token, Watching::Best).unwrap());
        assert_ne!(thread.recv_timeout(BOUND).unwrap(), "tenure-reaper");
    }
    println!("\nno other thread did");
    std::mem::forget(terminal);
}
