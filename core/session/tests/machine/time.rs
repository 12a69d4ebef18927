//! Time comes from outside, through one input.

use std::time::Duration;

use tenure::{Config, DeadlineKind, Exit, Input, KeepAlive, Mode, Probe, Retry, Time, Wake};

use crate::world::{FAILED, World};
use crate::{cap, every_deadline, generation, secs, tell};

#[test]
fn what_is_armed_without_a_clock_is_stamped_by_the_next_timeout() {
    let mut world = World::new(Config::default());
    world.now = secs(100).into();
    world.feed(Input::Acquire);
    assert_eq!(world.wake(), "now: connect", "with the reason");
    assert_eq!(tell::output(&world.feed(Input::Timeout)), "applied");
    assert_eq!(world.wake(), "at 160s: connect");
}

#[test]
fn a_timeout_before_its_time_fires_nothing() {
    let mut world = World::connecting(Config::default());
    assert_eq!(world.at(secs(59)), "applied", "the clock is seen, no more");
    assert_eq!(world.status(), "Connecting g1");
    assert_eq!(world.at(secs(59)), "nothing to do");
    assert_eq!(world.wake(), "at 60s: connect");
}

#[test]
fn many_timeouts_at_one_time_are_no_ops() {
    let mut world = World::stopping(Config::default());
    world.at(secs(3));
    for _ in 0..3 {
        assert_eq!(world.at(secs(3)), "nothing to do");
    }
}

#[test]
fn time_that_goes_backwards_stamps_at_the_last_time_seen() {
    let mut world = World::new(Config::default());
    world.at(secs(100));
    world.now = secs(40).into();
    assert_eq!(world.acquire(), "caller 1 waits | connect g1");
    assert_eq!(world.wake(), "at 160s: connect");
    assert_eq!(world.script().clock(), secs(100).into());
}

#[test]
fn time_that_goes_backwards_fires_nothing_and_does_not_spin() {
    let mut world = World::live(Config::default().finish_timeout(Duration::ZERO));
    world.at(secs(100));
    world.now = secs(40).into();
    assert_eq!(world.close(Mode::Graceful), "applied, watch g1", "due at once, but not by this clock");
    assert_eq!(world.wake(), "at 100s: finish", "later than the clock that was told: nothing to spin on");
    assert_eq!(world.at(secs(50)), "nothing to do");
    assert_eq!(world.at(secs(100)), "applied | revoke g1 (closed) | stop g1");
}

#[test]
fn after_sleep_the_steps_are_gone_through_each_counted_from_its_handling() {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    let hour = 3600;
    assert_eq!(world.at(secs(hour)), "applied | revoke g1 (closed) | stop g1", "not straight to orphan");
    assert_eq!(world.wake(), "at 3603s: stop");
    assert_eq!(world.at(secs(2 * hour)), "applied | abort g1");
    assert_eq!(world.at(secs(3 * hour)), "applied | discard g1");
    assert_eq!(world.at(secs(4 * hour)), "applied | g1 is over (closed; end not confirmed)");
}

#[test]
fn after_sleep_a_connect_and_its_backoff_are_counted_from_their_handling() {
    let retry = Retry::default().base(secs(10)).jitter(0);
    let mut world = World::connecting(Config::default().retry(Some(retry)));
    assert_eq!(world.at(secs(3600)), "applied | stop g1", "kept for the next attempt");
    assert_eq!(world.ended(1, FAILED), "applied | g1 is over (connect; failed)");
    assert_eq!(world.wake(), "at 3610s: backoff");
    assert_eq!(world.at(secs(7200)), "applied | connect g2");
    assert_eq!(world.wake(), "at 7260s: connect");
}

#[test]
fn of_many_that_are_due_the_earliest_fires_first() {
    let mut world = World::connecting(Config::default().acquire_timeout(Some(secs(10))));
    assert_eq!(
        world.at(secs(3600)),
        "applied | caller 1 is rejected: waited too long | stop g1",
        "not: not ready in time"
    );
    let mut world = World::connecting(Config::default().acquire_timeout(Some(secs(90))));
    assert_eq!(world.at(secs(3600)), "applied | caller 1 is rejected: g1 not ready in time | stop g1");

    let config = Config::default().keep_alive(KeepAlive::For(secs(20))).max_age(Some(secs(10)));
    let mut world = World::live(config);
    world.release(1);
    assert_eq!(world.at(secs(3600)), "applied | revoke g1 (max age) | stop g1");
}

#[test]
fn an_input_before_a_due_deadline_is_handled_wins_over_it() {
    let mut world = World::connecting(Config::default());
    world.now = secs(61).into();
    assert_eq!(world.feed(Input::RunnerReady { generation: generation(1) }).actions.len(), 1);
    assert_eq!(world.at(secs(61)), "applied");
    assert_eq!(world.status(), "Live g1, 1 held");

    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    world.now = secs(6).into();
    assert_eq!(world.release(1), "applied | revoke g1 (closed) | stop g1");
    assert_eq!(world.wake(), "at 9s: stop");
}

#[test]
fn the_next_wake_says_which_deadline_it_is_for() {
    let kind = |world: &World| world.script().session().poll_timeout().kind();
    assert_eq!(kind(&World::new(Config::default())), None);
    assert_eq!(kind(&World::connecting(Config::default())), Some(DeadlineKind::Connect));
    let acquire = Config::default().acquire_timeout(Some(secs(1)));
    assert_eq!(kind(&World::connecting(acquire)), Some(DeadlineKind::Acquire));
    let stable = Config::default().retry(Some(Retry::default()));
    assert_eq!(kind(&World::live(stable)), Some(DeadlineKind::Stable));
}

#[test]
fn wakes_are_ordered_now_then_at_then_never() {
    let at = |nanos| Wake::At(Time::from_nanos(nanos), DeadlineKind::Stop);
    let now = Wake::Now(DeadlineKind::Stop);
    assert!(now.is_before(at(0)) && at(0).is_before(at(1)) && at(1).is_before(Wake::Never));
    assert!(now.is_before(Wake::Never));
    for wake in [now, at(0), Wake::Never] {
        assert!(!wake.is_before(wake), "{wake:?}");
        assert_eq!(wake.or_earlier(Wake::Never), wake);
        assert_eq!(Wake::Never.or_earlier(wake), wake);
    }
    let other = Wake::At(Time::ZERO, DeadlineKind::Acquire);
    assert_eq!(at(0).or_earlier(other), at(0), "of equal ones the first");
}

/// Everything that can be set, set to one duration.
fn everything(duration: Duration) -> Config {
    every_deadline(Config::default(), duration)
        .keep_alive(KeepAlive::For(duration))
        .max_age(Some(duration))
        .acquire_timeout(Some(duration))
        .probe(Some(Probe { interval: duration, timeout: duration }))
        .retry(Some(Retry::default().base(duration).max(duration).stable_after(duration).jitter(0)))
}

#[test]
fn the_longest_durations_do_not_overflow() {
    for clock in [Time::ZERO, Time::from_nanos(1), Time::from_nanos(u64::MAX - 1)] {
        let mut world = World::new(everything(Duration::MAX));
        world.at(clock.into());
        assert_eq!(world.acquire(), "caller 1 waits | connect g1");
        assert_eq!(world.wake(), "at the end of time: connect");
        assert_eq!(world.ready(1), "applied | caller 1 gets lease 1 of g1");
        assert_eq!(world.wake(), "at the end of time: max age");
        world.close(Mode::Graceful);
        assert_eq!(world.wake(), "at the end of time: finish");
        world.acquire();
        world.ended(1, FAILED);
        world.ended(2, FAILED);
        assert_eq!(world.wake(), "at the end of time: backoff");
    }
}

#[test]
fn at_the_end_of_time_nothing_can_be_waited_for() {
    let mut world = World::new(everything(Duration::MAX));
    world.at(Time::MAX.into());
    let told = world.acquire();
    assert!(told.ends_with("caller 1 is rejected: 4 orphans"), "{told}");
    assert_eq!(world.wake(), "never");
}

#[test]
fn the_longest_durations_end_at_the_end_of_time() {
    let mut world = World::stopping(every_deadline(Config::default(), Duration::MAX));
    assert_eq!(world.wake(), "at the end of time: stop");
    assert_eq!(
        world.at(Time::MAX.into()),
        "applied | abort g1 | discard g1 | g1 is over (closed; end not confirmed)"
    );
}

#[test]
fn with_everything_zero_one_timeout_brings_it_to_rest() {
    let mut world = World::new(everything(Duration::ZERO).max_orphans(cap(3)));
    let told = world.acquire();
    assert_eq!(told.matches("connect g").count(), 3, "{told}");
    assert!(
        told.ends_with("g3 is over (connect; end not confirmed) | caller 1 is rejected: 3 orphans"),
        "{told}"
    );
    assert_eq!(world.wake(), "never");
    assert_eq!(world.waiting(), 0);
}

#[test]
fn of_two_at_the_same_time_the_sessions_own_comes_before_the_callers() {
    let mut world =
        World::connecting(Config::default().connect_timeout(secs(9)).acquire_timeout(Some(secs(9))));
    assert_eq!(world.at(secs(9)), "applied | caller 1 is rejected: g1 not ready in time | stop g1");
}

#[test]
fn a_session_that_rests_wants_no_time() {
    let mut world = World::live(Config::default());
    assert_eq!(world.wake(), "never", "live, and everything that could end it is off");
    world.close(Mode::Force);
    world.ended(1, Exit::FINISHED);
    assert_eq!(world.wake(), "never");
}

#[test]
fn times_saturate_and_convert() {
    assert_eq!(Time::from(secs(2)).saturating_since(Time::from(secs(5))), Duration::ZERO);
    assert_eq!(Time::from(secs(5)).saturating_since(Time::from(secs(2))), secs(3));
    assert_eq!(Time::from(Duration::MAX), Time::MAX);
    assert_eq!(Time::from(secs(1)).saturating_add(Duration::MAX), Time::MAX);
    assert_eq!(Time::MAX.saturating_add(secs(1)), Time::MAX);
    assert_eq!(Duration::from(Time::from(secs(7))), secs(7));
    assert_eq!(Time::from(secs(7)).as_nanos(), 7_000_000_000);
}

#[cfg(feature = "std")]
#[test]
fn times_convert_to_instants_and_back() {
    let origin = std::time::Instant::now();
    let time = Time::from_instant(origin, origin + secs(3));
    assert_eq!(time, secs(3).into());
    assert_eq!(time.to_instant(origin), Some(origin + secs(3)));
    assert_eq!(Time::from_instant(origin + secs(3), origin), Time::ZERO, "before the origin");
}
