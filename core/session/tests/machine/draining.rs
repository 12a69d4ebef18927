//! Draining: four steps, each with its own deadline, and only ever forward.

use std::time::Duration;

use tenure::{Config, Exit, KeepAlive, Mode};

use crate::world::{DROPPED, FAILED, FAILED_FOR_GOOD, World};
use crate::{every_deadline, secs};

/// A session with a lease held whose draining has come to `step`.
fn draining_at(step: &str) -> World {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    while !world.status().contains(step) {
        world.at_next_deadline();
    }
    world
}

#[test]
fn the_steps_and_their_default_deadlines() {
    let mut world = World::live(Config::default());
    assert_eq!(world.close(Mode::Graceful), "applied, watch g1");
    assert_eq!(world.wake(), "at 5s: finish");
    assert_eq!(world.at(secs(5)), "applied | revoke g1 (closed) | stop g1");
    assert_eq!(world.wake(), "at 8s: stop");
    assert_eq!(world.at(secs(8)), "applied | abort g1");
    assert_eq!(world.wake(), "at 10s: abort");
    assert_eq!(world.at(secs(10)), "applied | discard g1");
    assert_eq!(world.wake(), "at 11s: discard");
    assert_eq!(world.at(secs(11)), "applied | g1 is over (closed; end not confirmed)");
    assert_eq!(world.status(), "Idle after g1");
    assert_eq!(world.wake(), "never");
}

#[test]
fn the_connect_deadline_begins_it_at_stop() {
    let mut world = World::connecting(Config::default());
    assert_eq!(world.wake(), "at 60s: connect");
    assert_eq!(world.at(secs(60)), "applied | caller 1 is rejected: g1 not ready in time | stop g1");
    assert_eq!(world.status(), "Draining g1 at stop (connect)");
    assert_eq!(world.ended(1, DROPPED), "applied | g1 is over (connect; dropped)");
}

#[test]
fn every_deadline_of_zero_cascades_in_one_timeout() {
    let mut world = World::live(every_deadline(Config::default(), Duration::ZERO).connect_timeout(secs(1)));
    assert_eq!(
        world.close(Mode::Graceful),
        "applied, watch g1 | revoke g1 (closed) | stop g1 | abort g1 | discard g1 | g1 is over (closed; end not confirmed)"
    );
    let mut world = World::new(every_deadline(Config::default(), Duration::ZERO));
    assert_eq!(
        world.acquire(),
        "caller 1 waits | connect g1 | caller 1 is rejected: g1 not ready in time | stop g1 | abort g1 | discard g1 \
         | g1 is over (connect; end not confirmed)"
    );
}

#[test]
fn a_single_deadline_of_zero_is_passed_at_once_and_the_others_hold() {
    let zero = Duration::ZERO;
    let config = Config::default;
    let closed = |config| {
        let mut world = World::live(config);
        world.close(Mode::Graceful);
        world.wake()
    };
    assert_eq!(closed(config().finish_timeout(zero)), "at 3s: stop");
    assert_eq!(closed(config().finish_timeout(zero).stop_timeout(zero)), "at 2s: abort");
    assert_eq!(
        closed(config().finish_timeout(zero).stop_timeout(zero).abort_timeout(zero)),
        "at 1s: discard"
    );

    let mut world = World::stopping(config().abort_timeout(zero));
    assert_eq!(world.at(secs(3)), "applied | abort g1 | discard g1");
    let mut world = World::stopping(config().discard_timeout(zero));
    world.at(secs(3));
    assert_eq!(world.at(secs(5)), "applied | discard g1 | g1 is over (closed; end not confirmed)");
    let mut world = World::live(config().stop_timeout(zero));
    assert_eq!(world.close(Mode::Force), "applied, watch g1 | revoke g1 (closed) | stop g1 | abort g1");
    assert_eq!(world.wake(), "at 2s: abort");
    assert_eq!(world.at(secs(2)), "applied | discard g1");
}

#[test]
fn each_deadline_can_be_set() {
    let config = Config::default()
        .finish_timeout(secs(10))
        .stop_timeout(secs(20))
        .abort_timeout(secs(30))
        .discard_timeout(secs(40));
    let mut world = World::live(config.connect_timeout(secs(7)));
    world.close(Mode::Graceful);
    let mut wakes = Vec::new();
    while world.wake() != "never" {
        wakes.push(world.wake());
        world.at_next_deadline();
    }
    assert_eq!(wakes, ["at 10s: finish", "at 30s: stop", "at 60s: abort", "at 100s: discard"]);
}

#[test]
fn ready_is_a_no_op_at_every_step() {
    for step in ["finish", "stop", "abort", "discard"] {
        let mut world = draining_at(step);
        assert_eq!(world.ready(1), "nothing to do", "{step}");
    }
    let mut world = World::connecting(Config::default());
    world.cancel(1);
    world.acquire();
    assert_eq!(world.ready(1), "nothing to do", "also when somebody waits: it was told to stop already");
    assert_eq!(world.status(), "Draining g1 at stop (nobody waits)");
}

#[test]
fn done_goes_on_to_discard_from_every_step_before_it() {
    for (step, told) in [
        ("finish", "applied | revoke g1 (closed) | discard g1"),
        ("stop", "applied | discard g1"),
        ("abort", "applied | discard g1"),
    ] {
        let mut world = draining_at(step);
        assert_eq!(world.done(1, FAILED), told, "{step}");
        assert_eq!(world.status(), "Draining g1 at discard (closed)", "{step}");
        assert_eq!(world.done(1, FAILED), "nothing to do", "{step}");
    }
}

#[test]
fn done_in_discard_is_remembered_and_arms_nothing_anew() {
    let mut world = draining_at("discard");
    let wake = world.wake();
    assert_eq!(world.done(1, FAILED), "applied");
    assert_eq!(world.wake(), wake);
}

#[test]
fn done_while_live_revokes_and_discards() {
    let mut world = World::live(Config::default());
    assert_eq!(world.done(1, FAILED), "applied | revoke g1 (by itself) | discard g1");
    assert_eq!(world.wake(), "at 1s: discard");
    assert_eq!(world.ended(1, DROPPED), "applied | g1 is over (by itself; failed)");
}

#[test]
fn done_while_connecting_rejects_and_discards() {
    let mut world = World::connecting(Config::default());
    assert_eq!(world.done(1, FAILED), "applied | caller 1 is rejected: g1 failed | discard g1");
    assert_eq!(world.ended(1, DROPPED), "applied | g1 is over (by itself; failed)");
}

#[test]
fn what_the_runner_said_when_it_was_done_is_believed_before_its_end() {
    let mut world = World::stopping(Config::default());
    world.done(1, FAILED_FOR_GOOD);
    assert_eq!(world.done(1, FAILED), "nothing to do", "the first word counts");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; failed for good)");
    let mut world = World::stopping(Config::default());
    world.done(1, FAILED_FOR_GOOD);
    assert_eq!(world.at(secs(1)), "applied | g1 is over (closed; failed for good)");
    assert_eq!(world.orphans(), [1], "and it is an orphan all the same");
}

#[test]
fn the_end_is_the_way_out_from_every_step() {
    for (step, told) in [
        ("finish", "applied | revoke g1 (closed) | g1 is over (closed; finished)"),
        ("stop", "applied | g1 is over (closed; finished)"),
        ("abort", "applied | g1 is over (closed; finished)"),
        ("discard", "applied | g1 is over (closed; finished)"),
    ] {
        let mut world = draining_at(step);
        assert_eq!(world.ended(1, Exit::FINISHED), told);
        assert_eq!(world.status(), "Idle after g1");
        assert!(world.orphans().is_empty());
        assert_eq!(world.ended(1, Exit::FINISHED), "stale");
    }
}

#[test]
fn a_runner_that_ends_by_itself_in_finish_has_its_leases_revoked_before_it_ended() {
    let mut world = World::live(Config::default().max_age(Some(secs(9))));
    assert_eq!(world.at(secs(9)), "applied");
    assert_eq!(world.status(), "Draining g1 at finish (max age), 1 held");
    assert_eq!(world.ended(1, FAILED), "applied | revoke g1 (max age) | g1 is over (max age; failed)");

    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    assert_eq!(world.ended(1, FAILED), "applied | revoke g1 (closed) | g1 is over (closed; failed)");
    assert_eq!(world.release(1), "stale");
}

#[test]
fn from_stop_on_releases_are_stale() {
    for step in ["stop", "abort", "discard"] {
        assert_eq!(draining_at(step).release(1), "stale", "{step}");
    }
}

#[test]
fn a_lost_session_is_idle_at_once() {
    let mut world = World::live(Config::default());
    assert_eq!(world.ended(1, FAILED), "applied | revoke g1 (by itself) | g1 is over (by itself; failed)");
    assert_eq!(world.status(), "Idle after g1");
    assert_eq!(world.release(1), "stale");
}

#[test]
fn who_waits_is_connected_for_in_the_same_moment_as_the_end() {
    let mut world = World::stopping(Config::default());
    world.acquire();
    for told in ["applied | abort g1", "applied | discard g1"] {
        assert_eq!(world.at_next_deadline(), told);
    }
    assert_eq!(world.at_next_deadline(), "applied | g1 is over (closed; end not confirmed) | connect g2");
}

#[test]
fn events_of_a_generation_that_is_not_the_current_one_are_stale() {
    let mut world = World::stopping(Config::default());
    for number in [2, 99] {
        assert_eq!(world.ready(number), "stale");
        assert_eq!(world.done(number, FAILED), "stale");
        assert_eq!(world.ended(number, FAILED), "stale");
    }
    world.ended(1, Exit::FINISHED);
    world.acquire();
    for _ in 0..2 {
        assert_eq!(world.ready(1), "stale");
        assert_eq!(world.done(1, FAILED), "stale");
        assert_eq!(world.ended(1, FAILED), "stale");
        assert_eq!(world.answered(1, 1), "stale");
        world.ready(2);
    }
    assert_eq!(world.ready(2), "nothing to do", "it is live");
    assert_eq!(world.status(), "Live g2, 1 held");
}

#[test]
fn leases_that_nobody_holds_leave_nothing_to_finish_at_max_age() {
    let config = Config::default().keep_alive(KeepAlive::Always).max_age(Some(secs(9)));
    let mut world = World::live(config);
    world.release(1);
    assert_eq!(world.at(secs(9)), "applied | revoke g1 (max age) | stop g1");
}
