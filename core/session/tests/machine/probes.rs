//! Signs of life.

use tenure::{Config, Exit, Mode, Probe};

use crate::secs;
use crate::world::{FAILED, World};

/// Every 10 s, answered within 2 s.
fn probing() -> Config {
    Config::default().probe(Some(Probe { interval: secs(10), timeout: secs(2) }))
}

#[test]
fn without_a_policy_nobody_is_asked() {
    assert_eq!(World::live(Config::default()).wake(), "never");
}

#[test]
fn the_peer_is_asked_once_an_interval_counted_from_its_last_answer() {
    let mut world = World::live(probing());
    assert_eq!(world.wake(), "at 10s: probe interval");
    assert_eq!(world.at(secs(10)), "applied | probe 1 of g1");
    assert_eq!(world.wake(), "at 12s: probe");
    world.at(secs(11));
    assert_eq!(world.answered(1, 1), "applied");
    assert_eq!(world.wake(), "at 21s: probe interval");
    assert_eq!(world.at(secs(21)), "applied | probe 2 of g1");
}

#[test]
fn no_answer_stops_the_session() {
    let mut world = World::live(probing());
    world.at(secs(10));
    assert_eq!(world.at(secs(12)), "applied | revoke g1 (probe) | stop g1");
    assert_eq!(world.status(), "Draining g1 at stop (probe)");
    assert_eq!(world.ended(1, FAILED), "applied | g1 is over (probe; failed)");
}

#[test]
fn an_answer_that_is_not_waited_for_is_stale() {
    let mut world = World::live(probing());
    assert_eq!(world.answered(1, 0), "stale", "before any was asked");
    assert_eq!(world.answered(1, 1), "stale", "before any was asked");
    world.at(secs(10));
    assert_eq!(world.answered(1, 2), "stale", "never asked");
    assert_eq!(world.answered(1, 1), "applied");
    assert_eq!(world.answered(1, 1), "stale", "answered");
    world.at(secs(20));
    assert_eq!(world.answered(1, 1), "stale", "an older one");
    assert_eq!(world.wake(), "at 22s: probe");
}

#[test]
fn a_late_answer_before_its_deadline_is_handled_counts() {
    let mut world = World::live(probing());
    world.at(secs(10));
    world.now = secs(13).into();
    assert_eq!(world.answered(1, 1), "applied");
    assert_eq!(world.at(secs(13)), "nothing to do");
    assert_eq!(world.status(), "Live g1, 1 held");
}

#[test]
fn nobody_is_asked_while_draining_and_answers_then_are_stale() {
    let mut world = World::live(probing().finish_timeout(secs(100)));
    world.at(secs(10));
    world.close(Mode::Graceful);
    assert_eq!(world.answered(1, 1), "stale");
    assert_eq!(world.wake(), "at 110s: finish");
}

#[test]
fn each_generation_counts_its_own() {
    let mut world = World::live(probing());
    world.at(secs(10));
    world.close(Mode::Force);
    world.ended(1, Exit::FINISHED);
    world.acquire();
    world.ready(2);
    assert_eq!(world.at(secs(20)), "applied | probe 1 of g2");
    assert_eq!(world.answered(1, 1), "stale", "of the generation before");
    assert_eq!(world.answered(2, 1), "applied");
}

#[test]
fn an_unused_session_that_is_kept_is_asked_too() {
    let mut world = World::live(probing().keep_alive(tenure::KeepAlive::Always));
    world.release(1);
    assert_eq!(world.at(secs(10)), "applied | probe 1 of g1");
}

#[test]
fn a_timeout_of_zero_means_zero() {
    let config = Config::default().probe(Some(Probe { interval: secs(10), timeout: secs(0) }));
    let mut world = World::live(config);
    assert_eq!(world.at(secs(10)), "applied | probe 1 of g1 | revoke g1 (probe) | stop g1");
}

#[test]
fn after_sleep_the_peer_is_asked_before_it_is_given_up() {
    let mut world = World::live(probing());
    assert_eq!(world.at(secs(3600)), "applied | probe 1 of g1");
    assert_eq!(world.wake(), "at 3602s: probe");
}
