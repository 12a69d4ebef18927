//! Shutdown: close for good.

use tenure::{Config, Exit, Mode, Retry, Session, SessionId};

use crate::secs;
use crate::world::{FAILED, World};

#[test]
fn idle_it_is_closed_at_once() {
    let mut world = World::new(Config::default());
    assert_eq!(world.shutdown(Mode::Graceful), "applied, done");
    assert_eq!(world.status(), "Closed");
    assert_eq!(world.shutdown(Mode::Abort), "nothing to do, done");
    assert_eq!(world.close(Mode::Abort), "nothing to do, done");
    assert_eq!(world.wake(), "never");
}

#[test]
fn closed_is_what_has_ended_for_good() {
    let mut session = Session::new(SessionId(1), Config::default());
    session.close(Mode::Graceful);
    assert!(!session.status().is_closed());
    session.shutdown(Mode::Graceful);
    assert!(session.status().is_closed());
}

#[test]
fn in_a_backoff_it_rejects_who_waits() {
    let mut world = World::connecting(Config::default().retry(Some(Retry::default())));
    world.ended(1, FAILED);
    assert_eq!(world.shutdown(Mode::Graceful), "applied, done | caller 1 is rejected: shut down");
    assert_eq!(world.wake(), "never");
}

#[test]
fn connecting_it_stops_and_rejects() {
    let mut world = World::connecting(Config::default());
    assert_eq!(
        world.shutdown(Mode::Graceful),
        "applied, watch g1 | caller 1 is rejected: shut down | stop g1"
    );
    assert_eq!(world.status(), "Draining g1 at stop (shut down), for good");
    assert_eq!(world.ready(1), "nothing to do");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (shut down; finished)");
    assert_eq!(world.status(), "Closed");
}

#[test]
fn live_it_drains_as_a_close_does() {
    let mut world = World::live(Config::default());
    assert_eq!(world.shutdown(Mode::Graceful), "applied, watch g1");
    assert_eq!(world.status(), "Draining g1 at finish (shut down), 1 held, for good");
    assert_eq!(world.release(1), "applied | revoke g1 (shut down) | stop g1");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (shut down; finished)");
    assert_eq!(world.status(), "Closed");
}

#[test]
fn later_acquires_are_refused_while_it_drains_and_after() {
    let mut world = World::live(Config::default());
    world.shutdown(Mode::Graceful);
    assert_eq!(world.acquire(), "refused: shut down");
    assert_eq!(world.try_acquire(), "refused: shut down");
    world.shutdown(Mode::Force);
    assert_eq!(world.acquire(), "refused: shut down");
    world.ended(1, Exit::FINISHED);
    assert_eq!(world.acquire(), "refused: shut down");
    assert_eq!(world.try_acquire(), "refused: shut down");
}

#[test]
fn a_close_under_way_becomes_one_for_good_and_rejects_who_came_after_it() {
    let mut world = World::stopping(Config::default());
    world.acquire();
    let wake = world.wake();
    assert_eq!(world.shutdown(Mode::Graceful), "applied, watch g1 | caller 2 is rejected: shut down");
    assert_eq!(world.status(), "Draining g1 at stop (closed), for good");
    assert_eq!(world.wake(), wake, "a weaker one arms nothing anew");
    assert_eq!(world.shutdown(Mode::Graceful), "nothing to do, watch g1");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished)");
    assert_eq!(world.status(), "Closed");
}

#[test]
fn a_stronger_close_hurries_it_and_stays_for_good() {
    let mut world = World::live(Config::default());
    world.shutdown(Mode::Graceful);
    assert_eq!(world.close(Mode::Force), "applied, watch g1 | revoke g1 (shut down) | stop g1");
    assert_eq!(world.shutdown(Mode::Abort), "applied, watch g1 | abort g1");
    world.ended(1, Exit::FINISHED);
    assert_eq!(world.status(), "Closed");
}

#[test]
fn an_end_that_is_never_confirmed_closes_it_all_the_same() {
    let mut world = World::live(Config::default());
    world.shutdown(Mode::Abort);
    assert_eq!(world.at(secs(2)), "applied | discard g1");
    assert_eq!(world.at(secs(3)), "applied | g1 is over (shut down; end not confirmed)");
    assert_eq!(world.status(), "Closed");
    assert_eq!(world.orphans(), [1]);
    assert_eq!(world.ended(1, Exit::FINISHED), "applied", "the orphan's place is freed");
    assert_eq!(world.ended(1, Exit::FINISHED), "stale");
    assert_eq!(world.status(), "Closed");
}

#[test]
fn closed_nothing_of_the_old_life_means_anything() {
    let mut world = World::live(Config::default().retry(Some(Retry::default())));
    world.shutdown(Mode::Force);
    world.ended(1, Exit::FINISHED);
    for told in [
        world.ready(1),
        world.done(1, FAILED),
        world.ended(1, FAILED),
        world.answered(1, 1),
        world.release(1),
        world.cancel(1),
        world.ready(2),
    ] {
        assert_eq!(told, "stale");
    }
    assert_eq!(world.at(secs(1000)), "applied");
    assert_eq!(world.status(), "Closed");
    assert_eq!(world.wake(), "never");
}
