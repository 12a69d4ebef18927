//! Acquire and try-acquire, by state.

use tenure::{Config, Exit, Input, KeepAlive, Mode, Retry};

use crate::world::{FAILED, World};
use crate::{cap, secs};

#[test]
fn idle_it_starts_a_connect_and_the_caller_waits() {
    let mut world = World::new(Config::default());
    assert_eq!(world.acquire(), "caller 1 waits | connect g1");
    assert_eq!(world.status(), "Connecting g1");
    assert_eq!(world.waiting(), 1);
}

#[test]
fn connecting_it_joins_the_one_connect() {
    let mut world = World::connecting(Config::default());
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.acquire(), "caller 3 waits");
    assert_eq!(
        world.ready(1),
        "applied | caller 1 gets lease 1 of g1 | caller 2 gets lease 2 of g1 | caller 3 gets lease 3 of g1"
    );
    assert_eq!(world.status(), "Live g1, 3 held");
}

#[test]
fn live_it_is_granted_at_once_without_an_action() {
    let mut world = World::live(Config::default());
    assert_eq!(world.acquire(), "lease 2 of g1");
    assert_eq!(world.status(), "Live g1, 2 held");
}

#[test]
fn live_and_unused_it_is_granted_at_once() {
    let mut world = World::live(Config::default().keep_alive(KeepAlive::Always));
    world.release(1);
    assert_eq!(world.acquire(), "lease 2 of g1");
}

#[test]
fn draining_it_waits_for_the_next_generation_in_order_at_every_step() {
    for step in ["finish", "stop", "abort", "discard"] {
        let mut world = World::live(Config::default());
        world.close(Mode::Graceful);
        while !world.status().contains(step) {
            world.at_next_deadline();
        }
        assert_eq!(world.acquire(), "caller 2 waits", "{step}");
        assert_eq!(world.acquire(), "caller 3 waits", "{step}");
        assert!(world.ended(1, Exit::FINISHED).ends_with("| connect g2"), "{step}");
        assert_eq!(
            world.ready(2),
            "applied | caller 2 gets lease 2 of g2 | caller 3 gets lease 3 of g2",
            "{step}"
        );
    }
}

#[test]
fn in_finish_it_is_not_handed_the_lease_that_others_still_hold() {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    assert_eq!(world.status(), "Draining g1 at finish (closed), 1 held");
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.try_acquire(), "refused: not live");
}

#[test]
fn past_the_bound_it_is_refused_at_once_and_told_so() {
    let mut world = World::connecting(Config::default().max_waiting(cap(2)));
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.acquire(), "refused: 2 wait already");
    assert_eq!(world.waiting(), 2);
    assert_eq!(world.cancel(1), "applied");
    assert_eq!(world.acquire(), "caller 3 waits", "a place became free");
}

#[test]
fn the_bound_counts_who_waits_and_not_who_holds() {
    let mut world = World::live(Config::default().max_waiting(cap(1)));
    assert_eq!(world.acquire(), "lease 2 of g1");
    assert_eq!(world.acquire(), "lease 3 of g1");
}

#[test]
fn the_bound_holds_in_draining_and_in_a_backoff_too() {
    let mut world = World::stopping(Config::default().max_waiting(cap(1)));
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.acquire(), "refused: 1 wait already");

    let config = Config::default().max_waiting(cap(1)).retry(Some(Retry::default()));
    let mut world = World::connecting(config);
    world.ended(1, FAILED);
    assert_eq!(world.status(), "Idle after g1, backoff");
    assert_eq!(world.acquire(), "refused: 1 wait already");
}

#[test]
fn each_caller_waits_as_long_as_its_deadline_says_and_no_longer() {
    let mut world = World::connecting(Config::default().acquire_timeout(Some(secs(10))));
    world.at(secs(4));
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.wake(), "at 10s: acquire");
    assert_eq!(world.at(secs(10)), "applied | caller 1 is rejected: waited too long");
    assert_eq!(world.status(), "Connecting g1", "one still waits");
    assert_eq!(world.at(secs(14)), "applied | caller 2 is rejected: waited too long | stop g1");
    assert_eq!(world.status(), "Draining g1 at stop (nobody waits)");
}

#[test]
fn those_who_come_between_two_timeouts_are_all_stamped_by_the_next() {
    let mut world = World::new(Config::default().acquire_timeout(Some(secs(10))));
    for _ in 0..3 {
        world.feed(Input::Acquire);
    }
    world.at(secs(1));
    assert_eq!(
        world.at(secs(11)),
        "applied | caller 1 is rejected: waited too long | caller 2 is rejected: waited too long | caller 3 is rejected: waited too long | stop g1"
    );
}

#[test]
fn the_deadline_goes_on_through_the_draining_of_the_one_before() {
    let mut world = World::stopping(Config::default().acquire_timeout(Some(secs(4))));
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.at(secs(3)), "applied | abort g1");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished) | connect g2");
    assert_eq!(world.at(secs(4)), "applied | caller 2 is rejected: waited too long | stop g2");
}

#[test]
fn a_deadline_of_zero_means_zero_and_not_none() {
    let mut world = World::new(Config::default().acquire_timeout(Some(secs(0))));
    assert_eq!(
        world.acquire(),
        "caller 1 waits | connect g1 | caller 1 is rejected: waited too long | stop g1"
    );
}

#[test]
fn without_a_deadline_only_the_connect_deadline_ends_the_wait() {
    let mut world = World::connecting(Config::default());
    assert_eq!(world.wake(), "at 60s: connect");
    assert_eq!(world.at(secs(60)), "applied | caller 1 is rejected: g1 not ready in time | stop g1");
}

#[test]
fn who_is_served_before_the_deadline_is_not_rejected_by_it() {
    let mut world = World::live(Config::default().acquire_timeout(Some(secs(1))));
    assert_eq!(world.wake(), "never");
    assert_eq!(world.at(secs(2)), "applied");
}

#[test]
fn try_acquire_takes_a_lease_of_the_live_session() {
    let mut world = World::live(Config::default());
    assert_eq!(world.try_acquire(), "lease 2 of g1");
    assert_eq!(world.status(), "Live g1, 2 held");
}

#[test]
fn try_acquire_never_starts_anything_and_never_waits() {
    let mut world = World::new(Config::default());
    assert_eq!(world.try_acquire(), "refused: not live");
    assert_eq!(world.status(), "Idle");
    let mut world = World::connecting(Config::default());
    assert_eq!(world.try_acquire(), "refused: not live");
    assert_eq!(world.waiting(), 1);
    let mut world = World::stopping(Config::default());
    assert_eq!(world.try_acquire(), "refused: not live");
    assert_eq!(world.waiting(), 0);
}

#[test]
fn try_acquire_keeps_an_unused_session_alive() {
    let mut world = World::live(Config::default().keep_alive(KeepAlive::For(secs(5))));
    world.release(1);
    assert_eq!(world.wake(), "at 5s: keep-alive");
    assert_eq!(world.try_acquire(), "lease 2 of g1");
    assert_eq!(world.wake(), "never");
}
