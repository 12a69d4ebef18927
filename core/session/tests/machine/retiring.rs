//! A runner that retires: it serves what it has, and takes nothing new.

use std::num::NonZeroU32;

use tenure::{Config, Exit, KeepAlive, Mode, Retry};

use crate::secs;
use crate::world::{DROPPED, FAILED, World};

#[test]
fn the_leases_held_go_on_and_who_comes_gets_the_next_generation() {
    let mut world = World::live(Config::default());
    assert_eq!(world.retiring(1, FAILED), "applied");
    assert_eq!(world.status(), "Draining g1 at finish (retired), 1 held");
    assert_eq!(world.wake(), "at 5s: finish");
    assert_eq!(world.acquire(), "caller 2 waits");
    assert_eq!(world.release(1), "applied | revoke g1 (retired) | stop g1");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (retired; failed) | connect g2");
}

#[test]
fn without_a_lease_it_is_stopped_at_once() {
    let mut world = World::live(Config::default().keep_alive(KeepAlive::Always));
    world.release(1);
    assert_eq!(world.retiring(1, Exit::FINISHED), "applied | revoke g1 (retired) | stop g1");
    assert_eq!(world.status(), "Draining g1 at stop (retired)");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (retired; finished)");
}

#[test]
fn it_counts_once_and_only_while_the_session_is_live() {
    let mut world = World::connecting(Config::default());
    assert_eq!(world.retiring(1, FAILED), "nothing to do", "nothing is served yet");
    world.ready(1);
    assert_eq!(world.retiring(1, FAILED), "applied");
    let wake = world.wake();
    assert_eq!(world.retiring(1, Exit::FINISHED), "nothing to do", "said already");
    assert_eq!(world.wake(), wake);
    world.close(Mode::Force);
    assert_eq!(world.retiring(1, FAILED), "nothing to do", "it is told to stop");
    for number in [2, 99] {
        assert_eq!(world.retiring(number, FAILED), "stale");
    }
    world.ended(1, DROPPED);
    assert_eq!(world.retiring(1, FAILED), "stale");
}

#[test]
fn its_first_word_on_how_it_goes_counts() {
    let mut world = World::live(Config::default());
    world.retiring(1, FAILED);
    assert_eq!(world.done(1, Exit::FINISHED), "applied | revoke g1 (retired) | discard g1");
    assert_eq!(world.done(1, Exit::FINISHED), "nothing to do");
    assert_eq!(world.ended(1, DROPPED), "applied | g1 is over (retired; failed)");
}

#[test]
fn leases_that_are_not_given_back_are_revoked_at_the_deadline() {
    let mut world = World::live(Config::default());
    world.retiring(1, FAILED);
    assert_eq!(world.at(secs(5)), "applied | revoke g1 (retired) | stop g1");
    assert_eq!(world.release(1), "stale");
}

#[test]
fn a_runner_that_ends_before_the_leases_do_takes_them_along() {
    let mut world = World::live(Config::default());
    world.retiring(1, FAILED);
    assert_eq!(
        world.ended(1, Exit::FINISHED),
        "applied | revoke g1 (retired) | g1 is over (retired; failed)"
    );
}

#[test]
fn a_close_joins_and_a_stronger_one_hurries() {
    let mut world = World::live(Config::default());
    world.retiring(1, FAILED);
    assert_eq!(world.close(Mode::Graceful), "nothing to do, watch g1");
    assert_eq!(world.close(Mode::Abort), "applied, watch g1 | revoke g1 (retired) | abort g1");
}

#[test]
fn who_retires_early_is_not_started_again_in_a_hot_loop() {
    let retry = Retry::default().attempts(NonZeroU32::new(3).unwrap()).jitter(0);
    let mut world = World::live(Config::default().retry(Some(retry)).keep_alive(KeepAlive::Always));
    world.release(1);
    world.retiring(1, Exit::FINISHED);
    world.acquire();
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (retired; finished)");
    assert_eq!(world.status(), "Idle after g1, backoff");

    let mut world = World::live(Config::default().retry(Some(retry)).keep_alive(KeepAlive::Always));
    world.release(1);
    world.at(secs(10));
    world.retiring(1, Exit::FINISHED);
    world.acquire();
    assert_eq!(
        world.ended(1, Exit::FINISHED),
        "applied | g1 is over (retired; finished) | connect g2",
        "after a life that lasted"
    );
}
