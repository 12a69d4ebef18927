//! What becomes of a live session that nobody uses, and of one that is old.

use tenure::{Config, Exit, Input, KeepAlive, Mode};

use crate::secs;
use crate::world::World;

fn keep(keep_alive: KeepAlive) -> Config {
    Config::default().keep_alive(keep_alive)
}

#[test]
fn never_stops_at_the_last_release() {
    let mut world = World::live(keep(KeepAlive::Never));
    world.acquire();
    assert_eq!(world.release(1), "applied");
    assert_eq!(world.release(2), "applied | revoke g1 (keep-alive) | stop g1");
    assert_eq!(world.status(), "Draining g1 at stop (keep-alive)");
}

#[test]
fn always_stays_until_it_is_closed() {
    let mut world = World::live(keep(KeepAlive::Always));
    assert_eq!(world.release(1), "applied");
    assert_eq!(world.wake(), "never");
    world.at(secs(1_000_000));
    assert_eq!(world.status(), "Live g1, 0 held");
    assert_eq!(world.close(Mode::Graceful), "applied, watch g1 | revoke g1 (closed) | stop g1");
}

#[test]
fn for_a_time_stops_when_nobody_held_a_lease_for_so_long() {
    let mut world = World::live(keep(KeepAlive::For(secs(30))));
    assert_eq!(world.wake(), "never", "a lease is held");
    world.at(secs(10));
    assert_eq!(world.release(1), "applied");
    assert_eq!(world.wake(), "at 40s: keep-alive");
    assert_eq!(world.at(secs(40)), "applied | revoke g1 (keep-alive) | stop g1");
}

#[test]
fn each_use_counts_the_time_anew() {
    let mut world = World::live(keep(KeepAlive::For(secs(30))));
    world.release(1);
    world.at(secs(29));
    assert_eq!(world.acquire(), "lease 2 of g1");
    assert_eq!(world.wake(), "never");
    world.at(secs(50));
    assert_eq!(world.release(2), "applied");
    assert_eq!(world.wake(), "at 80s: keep-alive");
}

#[test]
fn a_release_that_is_not_the_last_counts_nothing() {
    let mut world = World::live(keep(KeepAlive::For(secs(30))));
    world.acquire();
    world.release(1);
    assert_eq!(world.wake(), "never");
}

#[test]
fn for_no_time_is_as_never() {
    let mut world = World::live(keep(KeepAlive::For(secs(0))));
    assert_eq!(world.release(1), "applied | revoke g1 (keep-alive) | stop g1");
}

#[test]
fn an_acquire_before_the_idle_timeout_is_handled_uses_the_session() {
    let mut world = World::live(keep(KeepAlive::For(secs(30))));
    world.release(1);
    world.now = secs(30).into();
    assert_eq!(world.acquire(), "lease 2 of g1");
    assert_eq!(world.at(secs(30)), "applied");
    assert_eq!(world.status(), "Live g1, 1 held");
}

#[test]
fn an_acquire_after_the_idle_timeout_was_handled_gets_the_next_generation() {
    let mut world = World::live(keep(KeepAlive::For(secs(30))));
    world.release(1);
    assert_eq!(world.at(secs(30)), "applied | revoke g1 (keep-alive) | stop g1");
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (keep-alive; finished) | connect g2");
}

#[test]
fn at_max_age_leases_held_may_finish() {
    let mut world = World::live(Config::default().max_age(Some(secs(100))));
    assert_eq!(world.wake(), "at 100s: max age");
    assert_eq!(world.at(secs(100)), "applied");
    assert_eq!(world.status(), "Draining g1 at finish (max age), 1 held");
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.release(1), "applied | revoke g1 (max age) | stop g1");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (max age; finished) | connect g2");
}

#[test]
fn at_max_age_with_no_lease_held_it_stops_at_once() {
    let mut world = World::live(keep(KeepAlive::Always).max_age(Some(secs(100))));
    world.release(1);
    assert_eq!(world.at(secs(100)), "applied | revoke g1 (max age) | stop g1");
}

#[test]
fn age_counts_from_ready_and_use_does_not_change_it() {
    let mut world = World::connecting(keep(KeepAlive::Always).max_age(Some(secs(100))));
    world.at(secs(50));
    world.ready(1);
    world.at(secs(80));
    world.release(1);
    world.acquire();
    assert_eq!(world.wake(), "at 150s: max age");
}

#[test]
fn a_max_age_of_zero_means_zero_and_not_none() {
    let mut world = World::connecting(Config::default().max_age(Some(secs(0))));
    assert_eq!(world.ready(1), "applied | caller 1 gets lease 1 of g1");
    assert_eq!(world.status(), "Draining g1 at finish (max age), 1 held");
}

#[test]
fn neither_counts_before_the_session_is_live() {
    let mut world = World::new(keep(KeepAlive::For(secs(1))).max_age(Some(secs(2))));
    world.feed(Input::Acquire);
    world.at(secs(0));
    assert_eq!(world.wake(), "at 60s: connect");
}
