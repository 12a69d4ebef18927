//! The typed states by themselves, as an embedder with a queue of its own uses them.

use std::num::NonZeroU32;
use std::time::Duration;

use tenure::state::{Connecting, Drain, Idle, Live, Place, Probed, Resting, StateName, TRANSITIONS};
use tenure::{
    Cause, Config, DeadlineKind, Exit, ExitKind, Generation, KeepAlive, Probe, Retry, Step, Time, Wake,
};

const FAILED: Exit = Exit::new(ExitKind::Failed, true);

fn connecting(config: &Config) -> Connecting {
    let Ok(connecting) = Idle::new().connect(config) else { unreachable!("no backoff is running") };
    connecting
}

fn live(config: &Config) -> Live {
    connecting(config).ready(config)
}

fn retry() -> Config {
    Config::default().retry(Some(Retry::default().base(Duration::from_secs(10)).jitter(0)))
}

#[test]
fn a_running_backoff_hands_the_idle_state_back() {
    let config = retry();
    let idle = connecting(&config).ended(FAILED, &config);
    assert!(idle.is_gated());
    let Err(mut idle) = idle.connect(&config) else { panic!("connected in a backoff") };
    assert_eq!(idle.poll_timeout(), Wake::Now(DeadlineKind::Backoff));
    assert!(idle.stamp(Time::ZERO));
    assert_eq!(idle.poll_timeout(), Wake::At(Duration::from_secs(10).into(), DeadlineKind::Backoff));
    idle.on_backoff_over();
    let Ok(next) = idle.connect(&config) else { panic!("the backoff is over") };
    assert_eq!((next.generation(), next.failed()), (Generation::FIRST.next(), 1));
}

#[test]
fn a_failure_is_counted_while_another_attempt_is_left() {
    let last = Config::default().retry(Some(Retry::default().attempts(NonZeroU32::MIN)));
    let for_good = Exit::new(ExitKind::Failed, false);
    let timeout = Drain::new(Step::Stop, Cause::Deadline(DeadlineKind::Connect));
    for (exit, config, failed) in [(FAILED, retry(), 1), (for_good, retry(), 0), (FAILED, last.clone(), 0)] {
        assert_eq!(connecting(&config).ended(exit, &config).failed(), failed);
        assert_eq!(connecting(&config).drain(Drain::runner_done(exit), &config).failed(), failed);
    }
    assert_eq!(connecting(&retry()).drain(timeout, &retry()).failed(), 1);
    assert_eq!(connecting(&last).drain(timeout, &last).failed(), 0);
}

#[test]
fn a_connect_that_was_closed_is_no_failure() {
    let config = retry();
    let closed = Drain::new(Step::Stop, Cause::Closed);
    let Resting::Idle(idle) = connecting(&config).drain(closed, &config).end(FAILED) else {
        panic!("closed")
    };
    assert_eq!((idle.failed(), idle.is_gated()), (0, false));
}

#[test]
fn a_runners_first_word_of_its_end_counts() {
    let config = Config::default();
    let mut draining = live(&config).drain(Drain::new(Step::Stop, Cause::Closed), &config);
    assert_eq!(draining.exit(), None);
    assert!(draining.on_done(FAILED));
    assert!(!draining.on_done(Exit::FINISHED));
    assert_eq!(draining.exit(), Some(FAILED));
}

/// A trace is replayed by another build, maybe years later: chance must fall the same way. The numbers are
/// those of the hash as it is published (`SplitMix64`), of seed and generation.
#[test]
fn the_chance_in_a_backoff_is_the_same_in_every_build() {
    let retry = Retry::default().base(Duration::from_secs(1)).max(Duration::from_secs(100)).jitter(100);
    let backoffs = |seed| {
        let config = Config::default().seed(seed).retry(Some(retry));
        let mut idle = Idle::new();
        [(); 4].map(|()| {
            let connecting = std::mem::take(&mut idle).connect(&config).expect("its backoff is over");
            idle = connecting.ended(FAILED, &config);
            idle.stamp(Time::ZERO);
            let wake = idle.poll_timeout();
            idle.on_backoff_over();
            match wake {
                Wake::At(time, DeadlineKind::Backoff) => time.as_nanos(),
                other => panic!("{other:?}"),
            }
        })
    };
    assert_eq!(backoffs(0), [233_698_243, 189_869_545, 2_755_033_380, 3_448_771_814]);
    assert_eq!(backoffs(7), [844_496_308, 1_067_665_977, 1_671_018_110, 7_446_951_334]);
    assert_eq!(backoffs(0x0007_0000_0003), [686_477_006, 92_829_742, 2_330_375_175, 6_791_417_263]);
    assert_eq!(backoffs(u64::MAX), [899_503_464, 1_051_924_283, 114_991_888, 2_392_885_827]);
}

#[test]
fn a_stamp_counts_from_the_time_it_is_told_and_only_once() {
    let mut connecting = connecting(&Config::default());
    assert_eq!(connecting.poll_timeout(), Wake::Now(DeadlineKind::Connect));
    assert!(connecting.stamp(Duration::from_secs(5).into()));
    assert!(!connecting.stamp(Duration::from_secs(9).into()));
    assert_eq!(connecting.poll_timeout(), Wake::At(Duration::from_secs(65).into(), DeadlineKind::Connect));
}

#[test]
fn leases_are_counted_in_place_and_never_below_none() {
    let config = Config::default();
    let mut live = live(&config);
    live.acquire();
    live.acquire();
    assert_eq!((live.release(), live.release(), live.release()), (1, 0, 0));
    assert_eq!(live.held(), 0);
}

#[test]
fn unused_is_said_once_and_not_while_a_lease_is_held() {
    let config = Config::default().keep_alive(KeepAlive::For(Duration::from_secs(1)));
    let mut live = live(&config);
    live.acquire();
    assert!(!live.on_unused(Duration::from_secs(1)));
    live.release();
    assert!(live.on_unused(Duration::from_secs(1)));
    assert!(!live.on_unused(Duration::from_secs(1)));
    live.acquire();
    assert_eq!(live.poll_timeout(), Wake::Never);
}

#[test]
fn only_the_probe_that_is_waited_for_can_be_answered() {
    let probe = Probe { interval: Duration::from_secs(1), timeout: Duration::from_secs(2) };
    let config = Config::default().probe(Some(probe));
    let mut live = live(&config);
    assert_eq!(live.poll_timeout(), Wake::Now(DeadlineKind::ProbeInterval));
    assert_eq!(live.on_probe_due(&config), 1);
    assert_eq!(live.poll_timeout(), Wake::Now(DeadlineKind::ProbeTimeout));
    assert_eq!(live.on_probe_answered(2, &config), Probed::Stale);
    assert_eq!(live.on_probe_answered(1, &config), Probed::Answered);
    assert_eq!(live.on_probe_answered(1, &config), Probed::Stale);
}

#[test]
fn finish_needs_a_lease_to_wait_for() {
    let config = Config::default();
    let draining = live(&config).drain(Drain::new(Step::Finish, Cause::Closed), &config);
    assert_eq!((draining.step(), draining.held()), (Step::Stop, 0));
    let mut held = live(&config);
    held.acquire();
    let draining = held.drain(Drain::new(Step::Finish, Cause::Closed), &config);
    assert_eq!((draining.step(), draining.held()), (Step::Finish, 1));
}

#[test]
fn a_connect_is_never_drained_at_finish() {
    let config = Config::default();
    let draining = connecting(&config).drain(Drain::new(Step::Finish, Cause::Closed), &config);
    assert_eq!(draining.step(), Step::Stop);
}

#[test]
fn draining_only_moves_forward() {
    let config = Config::default();
    let mut draining = live(&config).drain(Drain::new(Step::Stop, Cause::Closed), &config);
    assert!(!draining.advance(Step::Finish, &config));
    assert!(!draining.advance(Step::Stop, &config));
    assert!(draining.advance(Step::Discard, &config));
    assert!(!draining.advance(Step::Abort, &config));
    assert_eq!(draining.step(), Step::Discard);
}

#[test]
fn the_last_release_in_finish_is_counted_until_the_step_is_taken() {
    let config = Config::default();
    let mut live = live(&config);
    live.acquire();
    live.acquire();
    let mut draining = live.drain(Drain::new(Step::Finish, Cause::Closed), &config);
    assert_eq!((draining.release(), draining.held()), (Some(1), 1));
    assert_eq!((draining.release(), draining.held()), (Some(0), 1));
    assert!(draining.advance(Step::Stop, &config));
    assert_eq!((draining.release(), draining.held()), (None, 0));
}

#[test]
fn draining_rests_in_idle_or_for_good_in_closed() {
    let config = Config::default();
    let drain = || Drain::new(Step::Stop, Cause::Closed);
    let Resting::Idle(idle) = live(&config).drain(drain(), &config).end(FAILED) else { panic!("closed") };
    let last = idle.last().map(|ending| (ending.generation, ending.cause, ending.exit));
    assert_eq!(last, Some((Generation::FIRST, Cause::Closed, FAILED)));

    let for_good = live(&config).drain(drain().closing(true), &config);
    assert!(matches!(for_good.end(FAILED), Resting::Closed(_)));
    let mut later = live(&config).drain(drain(), &config);
    assert!(later.on_shutdown() && !later.on_shutdown() && later.is_closing());
    assert!(
        matches!(later.end(FAILED), Resting::Closed(closed) if closed.generation() == Some(Generation::FIRST))
    );
}

#[test]
fn shutting_down_an_idle_state_keeps_its_last_generation() {
    assert_eq!(Idle::new().shutdown().generation(), None);
    let config = Config::default();
    let idle = live(&config).ended(FAILED, &config);
    assert_eq!(idle.shutdown().generation(), Some(Generation::FIRST));
}

#[test]
fn an_early_end_is_a_failure_only_with_a_policy_and_only_until_stable() {
    let none = Config::default();
    assert!(!live(&none).ended(FAILED, &none).is_gated());
    let config = retry();
    assert_eq!(live(&config).ended(Exit::FINISHED, &config).failed(), 1);
    assert_eq!(live(&config).drain(Drain::runner_done(Exit::FINISHED), &config).failed(), 1);
    assert_eq!(live(&config).drain(Drain::runner_retiring(Exit::FINISHED), &config).failed(), 1);
    let mut live = live(&config);
    live.on_stable();
    let idle = live.ended(FAILED, &config);
    assert_eq!((idle.failed(), idle.is_gated()), (0, false));
}

/// All pairs of steps that lie ahead of each other are rows of the table, and no other pair is.
#[test]
fn each_step_forward_is_a_row_of_the_table() {
    let config = Config::default();
    let steps = [Step::Finish, Step::Stop, Step::Abort, Step::Discard];
    for from in steps {
        for to in steps {
            let mut held = live(&config);
            held.acquire();
            let mut draining = held.drain(Drain::new(from, Cause::Closed), &config);
            assert_eq!(draining.step(), from);
            let is_row = TRANSITIONS.iter().any(|row| (row.from.step, row.to.step) == (Some(from), Some(to)));
            assert_eq!(draining.advance(to, &config), is_row, "{from} to {to}");
            assert_eq!(draining.step(), if is_row { to } else { from });
        }
    }
}

#[test]
fn a_place_without_a_step_includes_all_steps() {
    let draining = Place::new(StateName::Draining, None);
    let stop = Place::new(StateName::Draining, Some(Step::Stop));
    assert!(draining.includes(stop) && stop.includes(stop) && !stop.includes(draining));
    assert!(!draining.includes(Place::new(StateName::Idle, None)));
    assert_eq!((draining.to_string(), stop.to_string()), ("Draining".into(), "Draining/stop".into()));
}
