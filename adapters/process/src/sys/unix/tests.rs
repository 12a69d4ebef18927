//! The way without a pidfd, and what can't be reached from outside.

use std::env;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;

use futures_lite::io::BufReader;
use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _, future};
use rustix::process::{WaitOptions, getpgid, waitpid};
use tenure_bounds::{BOUND, blocking, mark, within};

mod directly;
mod leaderless;
mod stops;
mod support;

use self::support::{
    Dropped, Impatient, assert_reaped, end, is_held, line, part, pid, run, run_with_sigchld_ignored, sh,
    start, start_watched, wait_until_dropped,
};
use super::Watching;
use crate::SpawnError;
use crate::child::spawn_watched as spawn;

#[test]
fn without_pidfd_ends_on_end_of_input() {
    run(async {
        let (child, token) = start(&mut Command::new("cat"));
        let id = child.pid();
        let (mut stdin, mut stdout, mut process) = child.split();
        stdin.write_all(b"hello").await.unwrap();
        drop(stdin);
        let mut said = String::new();
        stdout.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "hello");
        assert!(within("the child to exit", process.wait()).await.unwrap().success());
        assert!(within("the child to exit", process.wait()).await.unwrap().success());
        assert!(!is_held(&token));
        assert_reaped(id);
    });
}

#[test]
fn without_pidfd_wakes_the_latest_waiter() {
    run(async {
        let (child, _token) = start(&mut sh("echo ready; exec sleep 60"));
        let (_stdin, stdout, mut process) = child.split();
        assert_eq!(line(&mut BufReader::new(stdout)).await, "ready");
        assert!(future::poll_once(process.wait()).await.is_none());
        assert!(future::poll_once(process.exited()).await.is_none());
        process.terminate().unwrap();
        assert_eq!(within("the child to exit", process.wait()).await.unwrap().signal(), Some(15));
    });
}

#[test]
fn without_pidfd_dropped_while_running() {
    run(async {
        let (child, token) = start(&mut sh("trap '' TERM; sleep 60 & echo ready; wait"));
        let id = child.pid();
        let (_stdin, stdout, process) = child.split();
        let mut stdout = BufReader::new(stdout);
        assert_eq!(line(&mut stdout).await, "ready");
        drop(process);
        wait_until_dropped(&token);
        assert_reaped(id);
        end(&mut stdout).await;
    });
}

#[test]
fn without_pidfd_dropped_after_its_exit() {
    run(async {
        let (child, token) = start(&mut sh("sleep 60 & exit 0"));
        let id = child.pid();
        let (_stdin, stdout, mut process) = child.split();
        within("the exit", process.exited()).await.unwrap();
        assert!(is_held(&token));
        drop(process);
        assert!(!is_held(&token));
        assert_reaped(id);
        end(&mut BufReader::new(stdout)).await;
    });
}

#[test]
fn its_debug_output_says_whether_it_was_reaped() {
    run(async {
        let (child, _token) = start(&mut Command::new("cat"));
        let (stdin, _stdout, mut process) = child.split();
        assert!(format!("{process:?}").contains("Unreaped { pid: "), "{process:?}");
        drop(stdin);
        within("the child to exit", process.wait()).await.unwrap();
        assert!(format!("{process:?}").contains("Reaped(ExitStatus"), "{process:?}");
    });
}

#[test]
fn without_pidfd_no_second_thread_is_started_to_reap_it() {
    for _ in 0..20 {
        let (theirs, thread) = channel();
        let mut sleep = sh("exec sleep 60");
        let token = Box::new(Dropped(theirs));
        drop(spawn(&Impatient::new(), mark(&mut sleep), token, Watching::Thread).unwrap());
        assert_ne!(thread.recv_timeout(BOUND).unwrap(), "tenure-reaper");
    }
}

/// Whatever fails after the start, nothing is left of the child.
#[test]
fn a_reactor_that_refuses() {
    for (refused, panics) in (0..4).flat_map(|n| [(n, false), (n, true)]) {
        // Each process of the group holds this; its end says that all are gone.
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut command = sh("sleep 60 & wait");
        command.stderr(Stdio::from(OwnedFd::from(theirs)));
        let (theirs, token) = channel::<()>();
        let mut reactor = Impatient::refusing_after(refused);
        reactor.panics = panics;
        let spawned = catch_unwind(AssertUnwindSafe(|| {
            spawn(&reactor, mark(&mut command), Box::new(theirs), Watching::Best)
        }));
        drop(command);
        match spawned {
            Ok(Ok(child)) => {
                assert!(refused >= 2, "a pidfd if there is one, and two pipes");
                drop(child);
            }
            Ok(Err(error)) => assert!(matches!(error, SpawnError::Io { .. }), "{error:?}"),
            Err(_) => assert!(panics),
        }
        wait_until_dropped(&token);
        let end = blocking("the whole group to be gone", || ours.read(&mut [0]));
        assert_eq!(end.unwrap(), 0);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn takes_a_pidfd_where_there_is_one() {
    use rustix::process::{PidfdFlags, getpid, pidfd_open};

    let pidfds = usize::from(pidfd_open(getpid(), PidfdFlags::empty()).is_ok());
    for (watching, expected) in [(Watching::Best, 2 + pidfds), (Watching::Thread, 2)] {
        let reactor = Impatient::refusing_after(10);
        let child = spawn(&reactor, &mut Command::new("cat"), Box::new(()), watching).unwrap();
        assert_eq!(reactor.left.load(Ordering::Relaxed), 10 - expected);
        drop(child);
    }
}

/// Somebody's `waitpid(-1)`.
#[test]
fn reaped_by_somebody_else() {
    for watching in [Watching::Best, Watching::Thread] {
        run(async {
            let (child, token) = start_watched(&mut sh("exit 0"), watching);
            let (_stdin, _stdout, mut process) = child.split();
            blocking("the exit", || waitpid(Some(pid(process.pid())), WaitOptions::empty())).unwrap();
            process.terminate().unwrap();
            process.kill().unwrap();
            within("the exit", process.exited()).await.unwrap();
            assert!(is_held(&token));
            let error = process.wait().await.unwrap_err();
            assert!(error.to_string().contains("SIGCHLD"), "{error}");
            assert!(!is_held(&token));
            assert!(process.try_wait().is_err());
        });

        let (child, token) = start_watched(&mut sh("exit 0"), watching);
        blocking("the exit", || waitpid(Some(pid(child.pid())), WaitOptions::empty())).unwrap();
        drop(child);
        wait_until_dropped(&token);
    }
}

/// Does nothing unless started by one of the tests below.
#[test]
fn as_a_part() {
    match env::var("TENURE_TEST_PART").as_deref() {
        Ok("leave") => {
            let parents = getpgid(rustix::process::getppid()).unwrap();
            rustix::process::setpgid(None, Some(parents)).unwrap();
            println!("\nleft");
            let _ = io::stdin().read(&mut [0]);
        }
        Ok("ignore") => children_are_reaped_by_the_system(),
        Ok("leave behind") => leaderless::groups_are_ended_without_their_leaders(),
        Ok("terminal") => stops::a_prompt_on_the_terminal(),
        Ok("dropped on the terminal") => stops::dropped_children_on_the_terminal(),
        Ok("dead on the terminal") => stops::dead_children_on_the_terminal(),
        #[cfg(target_os = "linux")]
        Ok("no terminal") => stops::a_child_without_a_terminal(),
        _ => {}
    }
}

#[test]
fn a_leader_that_leaves_its_group() {
    for end in [false, true] {
        run(async {
            let (child, token) =
                start_watched(&mut part("/bin/sh", "exec \"$0\" \"$@\"", "leave"), Watching::Best);
            let id = child.pid();
            let (_stdin, stdout, mut process) = child.split();
            let mut stdout = BufReader::new(stdout);
            while line(&mut stdout).await != "left" {}
            if end {
                drop(process);
                wait_until_dropped(&token);
            } else {
                process.terminate().unwrap();
                assert_eq!(within("the child to exit", process.wait()).await.unwrap().signal(), Some(15));
            }
            assert_reaped(id);
        });
    }
}

/// In a program that was started with SIGCHLD ignored there is no zombie, ever: a child is gone at
/// once. Nothing may hang on that.
#[test]
fn sigchld_ignored() {
    run_with_sigchld_ignored("ignore", "\nnothing hung");
}

fn children_are_reaped_by_the_system() {
    for watching in [Watching::Best, Watching::Thread] {
        run(async {
            let (child, token) = start_watched(&mut Command::new("cat"), watching);
            let (stdin, _stdout, mut process) = child.split();
            drop(stdin);
            within("the exit", process.exited()).await.unwrap();
            assert!(process.wait().await.is_err());
            assert!(!is_held(&token));

            let (child, token) = start_watched(&mut sh("sleep 60 & wait"), watching);
            drop(child);
            wait_until_dropped(&token);
        });
    }
    println!("\nnothing hung");
}
