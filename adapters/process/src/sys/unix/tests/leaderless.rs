//! Groups whose leader was reaped behind this crate's back.

use futures_lite::io::BufReader;
use rustix::process::{WaitOptions, waitpid};
use tenure_bounds::{blocking, within};

use super::support::{
    Busy, end, is_held, line, pid, run, run_with_sigchld_ignored, sh, start_watched, wait_until_dropped,
};
use crate::sys::parts::Watching;
use crate::{ChildOutput, Process};

/// Leaves a child of its own behind that holds on to the output, and exits at the end of its input.
const LEAVES: &str = "sleep 60 & echo ready; read line; exit 0";

/// What becomes of a handle whose child is gone.
#[derive(Clone, Copy, Debug)]
enum End {
    Waited,
    Killed,
    Dropped,
}

async fn ends(mut process: Process<Busy>, mut stdout: BufReader<ChildOutput<Busy>>, how: End) {
    match how {
        End::Waited => assert!(process.wait().await.unwrap_err().to_string().contains("SIGCHLD")),
        End::Killed => process.kill().unwrap(),
        End::Dropped => drop(process),
    }
    end(&mut stdout).await;
}

fn each(test: impl Fn(Watching, End)) {
    for watching in [Watching::Best, Watching::Thread] {
        for how in [End::Waited, End::Killed, End::Dropped] {
            test(watching, how);
        }
    }
}

#[test]
fn what_a_leader_left_is_ended_in_a_program_that_ignores_sigchld() {
    run_with_sigchld_ignored("leave behind", "\nnobody is left");
}

/// In a program of its own.
pub(super) fn groups_are_ended_without_their_leaders() {
    each(|watching, how| {
        run(async {
            let (child, token) = start_watched(&mut sh(LEAVES), watching);
            let (stdin, stdout, mut process) = child.split();
            let mut stdout = BufReader::new(stdout);
            assert_eq!(line(&mut stdout).await, "ready");
            drop(stdin);
            within("the exit", process.exited()).await.unwrap();
            assert!(is_held(&token));
            ends(process, stdout, how).await;
            wait_until_dropped(&token);
        });
    });
    println!("\nnobody is left");
}

#[test]
fn what_a_leader_left_is_ended_though_somebody_else_reaped_it() {
    each(|watching, how| {
        run(async {
            let (child, token) = start_watched(&mut sh(LEAVES), watching);
            let (stdin, stdout, process) = child.split();
            let mut stdout = BufReader::new(stdout);
            assert_eq!(line(&mut stdout).await, "ready");
            drop(stdin);
            blocking("the exit", || waitpid(Some(pid(process.pid())), WaitOptions::empty())).unwrap();
            ends(process, stdout, how).await;
            wait_until_dropped(&token);
        });
    });
}
