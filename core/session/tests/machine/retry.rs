//! Failed connects, backoff, attempts.

use std::time::Duration;

use tenure::{Config, Exit, Mode, Retry};

use crate::world::{FAILED, FAILED_FOR_GOOD, World};
use crate::{cap, millis, secs};

/// Three attempts, 10 s after the first and 20 s after each later, stable after 5 s, nothing left to chance.
fn retry() -> Config {
    let retry =
        Retry::default().attempts(cap(3)).base(secs(10)).max(secs(20)).jitter(0).stable_after(secs(5));
    Config::default().retry(Some(retry))
}

fn failed(world: &World) -> u32 {
    world.script().session().failed()
}

#[test]
fn without_a_policy_all_who_wait_get_the_same_cause_at_the_same_moment() {
    let mut world = World::connecting(Config::default());
    world.acquire();
    world.acquire();
    assert_eq!(
        world.ended(1, FAILED),
        "applied | caller 1 is rejected: g1 failed | caller 2 is rejected: g1 failed | caller 3 is rejected: g1 failed | g1 is over (by itself; failed)"
    );
    assert_eq!(world.status(), "Idle after g1");
    assert_eq!(
        world.acquire(),
        "caller 4 waits | connect g2",
        "and the next acquire is an attempt of its own"
    );
}

#[test]
fn at_the_connect_deadline_all_are_rejected_then_and_not_after_the_teardown() {
    let mut world = World::connecting(Config::default());
    world.acquire();
    assert_eq!(
        world.at(secs(60)),
        "applied | caller 1 is rejected: g1 not ready in time | caller 2 is rejected: g1 not ready in time | stop g1"
    );
}

#[test]
fn with_a_policy_those_who_wait_are_kept_for_the_next_attempt() {
    let mut world = World::connecting(retry());
    world.acquire();
    assert_eq!(world.ended(1, FAILED), "applied | g1 is over (by itself; failed)");
    assert_eq!((world.status(), failed(&world)), ("Idle after g1, backoff".into(), 1));
    assert_eq!(world.wake(), "at 10s: backoff");
    assert_eq!(world.at(secs(10)), "applied | connect g2");
    assert_eq!(world.ready(2), "applied | caller 1 gets lease 1 of g2 | caller 2 gets lease 2 of g2");
}

#[test]
fn the_last_attempt_rejects_who_waits_and_starts_the_count_again() {
    let mut world = World::connecting(retry());
    world.ended(1, FAILED);
    world.at(secs(10));
    assert_eq!(world.ended(2, FAILED), "applied | g2 is over (by itself; failed)");
    assert_eq!((world.wake(), failed(&world)), ("at 30s: backoff".into(), 2));
    world.acquire();
    assert_eq!(world.at(secs(30)), "applied | connect g3");
    assert_eq!(
        world.ended(3, FAILED),
        "applied | caller 1 is rejected: g3 failed | caller 2 is rejected: g3 failed | g3 is over (by itself; failed)"
    );
    assert_eq!(failed(&world), 0);
    assert_eq!(world.status(), "Idle after g3, backoff", "the next round is gated too");
}

#[test]
fn one_attempt_is_no_retry_but_gates_the_next_connect() {
    let config = Config::default().retry(Some(Retry::default().attempts(cap(1)).base(secs(10)).jitter(0)));
    let mut world = World::connecting(config);
    assert_eq!(
        world.ended(1, FAILED),
        "applied | caller 1 is rejected: g1 failed | g1 is over (by itself; failed)"
    );
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.at(secs(10)), "applied | connect g2");
}

#[test]
fn what_would_fail_again_is_not_tried_again() {
    let mut world = World::connecting(retry());
    assert_eq!(
        world.ended(1, FAILED_FOR_GOOD),
        "applied | caller 1 is rejected: g1 failed for good | g1 is over (by itself; failed for good)"
    );
    assert_eq!(world.status(), "Idle after g1");
    assert_eq!(failed(&world), 0);
}

#[test]
fn the_connect_deadline_is_a_failed_attempt_and_its_backoff_begins_with_the_end() {
    let mut world = World::connecting(retry());
    assert_eq!(world.at(secs(60)), "applied | stop g1");
    assert_eq!(failed(&world), 1);
    assert_eq!(world.acquire(), "caller 2 waits");
    world.at(secs(62));
    assert_eq!(world.ended(1, FAILED_FOR_GOOD), "applied | g1 is over (connect; failed for good)");
    assert_eq!(world.wake(), "at 72s: backoff");
    assert_eq!(world.at(secs(72)), "applied | connect g2");
    assert_eq!(world.ready(2), "applied | caller 1 gets lease 1 of g2 | caller 2 gets lease 2 of g2");
}

#[test]
fn done_before_ready_is_a_failed_attempt_and_its_backoff_begins_with_the_end() {
    let mut world = World::connecting(retry());
    assert_eq!(world.done(1, FAILED), "applied | discard g1");
    world.at(millis(500));
    assert_eq!(world.ended(1, FAILED), "applied | g1 is over (by itself; failed)");
    assert_eq!(world.wake(), "at 10.5s: backoff");
}

#[test]
fn a_backoff_gates_connects_asked_for_meanwhile() {
    let mut world = World::connecting(retry());
    world.ended(1, FAILED);
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.try_acquire(), "refused: not live");
    assert_eq!(world.at(millis(9999)), "applied");
    assert_eq!(world.at(secs(10)), "applied | connect g2");
}

#[test]
fn with_nobody_waiting_a_backoff_is_remembered_and_wakes_nobody() {
    let mut world = World::connecting(retry());
    world.ended(1, FAILED);
    world.cancel(1);
    assert_eq!((world.status(), world.wake()), ("Idle after g1, backoff".into(), "never".into()));
    world.at(secs(4));
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.wake(), "at 10s: backoff", "the rest of it");
    assert_eq!(world.at(secs(10)), "applied | connect g2");
}

#[test]
fn a_backoff_that_passed_unseen_is_over_at_the_next_timeout() {
    let mut world = World::connecting(retry());
    world.ended(1, FAILED);
    world.cancel(1);
    world.now = secs(100).into();
    assert_eq!(world.acquire(), "caller 2 waits", "no time was told, so it can't be known");
    assert_eq!(world.wake(), "at 10s: backoff", "in the past: at once");
    assert_eq!(world.at(secs(100)), "applied | connect g2");
}

#[test]
fn a_life_that_ended_early_is_a_failed_attempt_however_it_went() {
    for exit in [FAILED, FAILED_FOR_GOOD, Exit::FINISHED] {
        let mut world = World::live(retry());
        world.at(millis(4999));
        world.ended(1, exit);
        assert_eq!((world.status(), failed(&world)), ("Idle after g1, backoff".into(), 1));
        assert_eq!(world.wake(), "never");
        assert_eq!(world.acquire(), "caller 2 waits");
        assert_eq!(world.wake(), "at 14.999s: backoff");
    }
}

#[test]
fn early_done_is_a_failed_attempt_too() {
    let mut world = World::live(retry());
    assert_eq!(world.done(1, FAILED), "applied | revoke g1 (by itself) | discard g1");
    assert_eq!(failed(&world), 1);
    world.acquire();
    assert_eq!(world.ended(1, FAILED), "applied | g1 is over (by itself; failed)");
    assert_eq!(world.wake(), "at 10s: backoff");
}

#[test]
fn a_life_that_lasted_is_a_success_and_starts_the_count_again() {
    let mut world = World::connecting(retry());
    world.ended(1, FAILED);
    world.at(secs(10));
    world.ready(2);
    assert_eq!((world.wake(), failed(&world)), ("at 15s: stable".into(), 1));
    assert_eq!(world.at(secs(15)), "applied");
    assert_eq!(failed(&world), 0);
    world.ended(2, FAILED);
    assert_eq!(world.status(), "Idle after g2");
    assert_eq!(world.acquire(), "caller 2 waits | connect g3", "at once");
}

#[test]
fn early_ends_and_failed_connects_count_together() {
    let mut world = World::live(retry());
    world.ended(1, FAILED);
    world.acquire();
    world.at(secs(10));
    world.ended(2, FAILED);
    assert_eq!((world.wake(), failed(&world)), ("at 30s: backoff".into(), 2));
    world.at(secs(30));
    assert_eq!(
        world.ended(3, FAILED),
        "applied | caller 2 is rejected: g3 failed | g3 is over (by itself; failed)"
    );
}

#[test]
fn what_was_closed_is_no_failure_and_no_success() {
    let mut world = World::connecting(retry());
    world.ended(1, FAILED);
    world.at(secs(10));
    world.close(Mode::Force);
    world.ended(2, FAILED);
    assert_eq!((world.status(), failed(&world)), ("Idle after g2".into(), 1));

    let mut world = World::live(retry());
    world.close(Mode::Force);
    world.ended(1, FAILED);
    assert_eq!((world.status(), failed(&world)), ("Idle after g1".into(), 0));
}

#[test]
fn a_close_in_the_teardown_of_a_failed_attempt_rejects_but_forgets_no_backoff() {
    let mut world = World::connecting(retry());
    world.at(secs(60));
    assert_eq!(world.close(Mode::Force), "applied, watch g1 | caller 1 is rejected: closed");
    world.ended(1, FAILED);
    assert_eq!(world.status(), "Idle after g1, backoff");
}

#[test]
fn the_backoff_doubles_up_to_its_maximum() {
    let retry = Retry::default().attempts(cap(6)).base(secs(1)).max(secs(5)).jitter(0);
    let mut world = World::connecting(Config::default().retry(Some(retry)));
    let mut waits = Vec::new();
    for number in 1..=5 {
        let start = world.now;
        world.ended(number, FAILED);
        world.at_next_deadline();
        waits.push(world.now.saturating_since(start).as_secs());
    }
    assert_eq!(waits, [1, 2, 4, 5, 5]);
}

#[test]
fn chance_only_shortens_the_backoff_and_is_the_same_for_the_same_seed() {
    let wait = |seed| {
        let mut world = World::connecting(Config::default().seed(seed).retry(Some(Retry::default())));
        world.ended(1, FAILED);
        world.at_next_deadline();
        Duration::from(world.now)
    };
    assert!((0..50).map(wait).all(|wait| wait >= millis(100) && wait <= millis(200)));
    assert!((0..50).any(|seed| wait(seed) != wait(50)));
    assert!((0..50).all(|seed| wait(seed) == wait(seed)));
}

#[test]
fn the_end_of_a_connect_that_nobody_wanted_any_more_is_no_failure() {
    let mut world = World::connecting(retry());
    world.cancel(1);
    world.acquire();
    assert_eq!(world.ended(1, FAILED), "applied | g1 is over (nobody waits; failed) | connect g2");
    assert_eq!(failed(&world), 0);
}
