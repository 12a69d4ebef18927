//! Servers under a guardian: all is as without one, and nothing is left of them, whatever becomes of the host.

/// One `#[test]` for each.
macro_rules! tests {
    ($runtime:ty: $($room:ident: $($name:ident),* $(,)?;)*) => {
        $($(#[test] fn $name() { crate::guarded::$room::$name::<$runtime>(); })*)*
    };
    ($runtime:ty) => {
        crate::guarded::tests! { $runtime:
            likewise:
                a_guarded_child_ends_as_it_does_without_a_guardian,
                a_guarded_child_has_its_own_id_and_group_and_is_seen_to_stop,
                a_guarded_child_inherits_ignored_and_blocked_signals_as_it_does_without_a_guardian,
                what_a_guardian_is_sent_reaches_the_child,
                real_time_signals_end_no_guardian_and_reach_no_child,
                what_cannot_be_started_is_the_same_error,
                what_is_no_guardian_is_told,
                what_is_no_guardian_is_ended_once_it_had_time_to_end_by_itself,
                a_guardian_that_says_nothing_is_given_up_after_a_while,
                a_guardian_may_be_started_by_something_in_between;
            apart:
                a_guardian_holds_no_pipe_of_the_child_and_the_child_no_lifeline,
                a_guardian_is_known_by_its_name,
                a_guardian_is_small,
                a_guardian_sleeps_while_nothing_happens;
            ends:
                a_daemon_ends_with_its_session,
                a_transport_guards_its_server_as_the_command_does,
                a_daemon_ends_with_a_server_that_dies,
                a_daemon_ends_with_a_runtime_that_is_dropped,
                a_guardian_that_somebody_stopped_still_ends_the_server,
                a_server_whose_guardian_was_killed_is_killed_and_that_is_told,
                a_server_whose_guardian_was_killed_is_dead_when_that_is_told,
                an_orphan_that_has_ended_is_reaped_while_the_server_lives;
            hosts:
                row_30_nothing_is_left_of_a_host_that_is_killed,
                row_30_a_server_has_the_times_of_its_session,
                row_30_a_server_that_left_its_group_ends_in_order,
                row_30_nothing_is_left_though_another_process_holds_the_lifeline;
            starts:
                a_guardian_that_says_nothing_meets_the_connect_deadline,
                a_start_that_is_given_up_leaves_nothing;
            terminal:
                a_guarded_server_that_asks_the_terminal_is_a_failure_at_once;
        }
    };
}
pub(crate) use tests;

pub(crate) mod apart;
pub(crate) mod ends;
pub(crate) mod hosts;
pub(crate) mod likewise;
pub(crate) mod starts;
pub(crate) mod terminal;

use std::time::{Duration, Instant};

use rustix::process::Pid;
use tenure_bounds::{BOUND, mark, started};
use tenure_process::{Child, Reactor};

use crate::support::{Runtime, guardian};

pub(crate) type Watched<R> = <<R as Runtime>::Reactor as Reactor>::Watched;

/// `/bin/sh` with this script, under a guardian.
async fn sh<R: Runtime>(script: &str) -> Child<Watched<R>> {
    let guardian = guardian();
    let mut command = guardian.command("/bin/sh");
    command.args(["-c", script]);
    tenure_process::spawn_guarded(&R::reactor(), &guardian, mark(&mut command), ()).await.unwrap()
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(i32::try_from(number).unwrap()).unwrap()
}

/// The fields of `/proc/PID/stat` behind the name: state, parent, group, session, …
fn stat(process: u32) -> Vec<String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().split_whitespace().map(ToOwned::to_owned).collect()
}

fn parent(process: u32) -> u32 {
    stat(process)[1].parse().unwrap()
}

/// Waits until nothing runs that this test has started: by id, with what left its group and session.
pub(crate) fn wait_until_nothing_is_left(after: &str) {
    let until = Instant::now() + BOUND;
    loop {
        let left = started();
        if left.is_empty() {
            return;
        }
        let words = |pid: &u32| {
            let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            format!("{pid}: {}", String::from_utf8_lossy(&words).replace('\0', " "))
        };
        assert!(
            Instant::now() < until,
            "waited {BOUND:?} for nothing to be left {after}: {:?}",
            left.iter().map(words).collect::<Vec<_>>()
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}
