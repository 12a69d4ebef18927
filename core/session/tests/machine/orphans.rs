//! Runners that were given up and have not confirmed their end.

use tenure::{Config, Exit, Mode};

use crate::world::{FAILED, World};
use crate::{cap, secs};

/// The current generation is closed and never confirms its end.
fn orphan(world: &mut World) {
    world.close(Mode::Abort);
    world.at_next_deadline();
    world.at_next_deadline();
}

/// Generation 1 is an orphan, generation 2 is live with lease 2 held.
fn live_beside_an_orphan(config: Config) -> World {
    let mut world = World::live(config);
    orphan(&mut world);
    assert_eq!(world.acquire(), "caller 2 waits | connect g2");
    assert_eq!(world.ready(2), "applied | caller 2 gets lease 2 of g2");
    world
}

#[test]
fn an_end_that_is_not_confirmed_in_time_makes_one() {
    let mut world = World::live(Config::default());
    world.close(Mode::Abort);
    assert_eq!(world.at(secs(2)), "applied | discard g1");
    assert!(world.orphans().is_empty());
    assert_eq!(world.at(secs(3)), "applied | g1 is over (closed; end not confirmed)");
    assert_eq!(world.orphans(), [1]);
}

#[test]
fn a_new_generation_may_begin_beside_it() {
    let world = live_beside_an_orphan(Config::default());
    assert_eq!((world.status(), world.orphans()), ("Live g2, 1 held".into(), vec![1]));
}

#[test]
fn its_first_end_frees_its_place_and_does_nothing_else() {
    let mut world = live_beside_an_orphan(Config::default());
    let (status, wake) = (world.status(), world.wake());
    assert_eq!(world.ended(1, FAILED), "applied");
    assert!(world.orphans().is_empty());
    assert_eq!((world.status(), world.wake()), (status, wake));
    assert_eq!(world.ended(1, FAILED), "stale");
}

#[test]
fn everything_else_of_it_is_stale() {
    let mut world = live_beside_an_orphan(Config::default());
    assert_eq!(world.ready(1), "stale");
    assert_eq!(world.done(1, FAILED), "stale");
    assert_eq!(world.answered(1, 1), "stale");
    assert_eq!(world.release(1), "stale");
    assert_eq!(world.orphans(), [1]);
}

#[test]
fn at_the_cap_an_acquire_is_refused_at_once_and_told_so() {
    let mut world = World::live(Config::default().max_orphans(cap(1)));
    orphan(&mut world);
    assert_eq!(world.acquire(), "refused: 1 orphans");
    assert_eq!(world.try_acquire(), "refused: not live");
    assert_eq!((world.waiting(), world.wake()), (0, "never".into()));
}

#[test]
fn at_the_cap_those_who_wait_are_rejected_and_told_so() {
    let mut world = World::live(Config::default().max_orphans(cap(1)));
    world.close(Mode::Abort);
    world.acquire();
    world.acquire();
    world.at(secs(2));
    assert_eq!(
        world.at(secs(3)),
        "applied | g1 is over (closed; end not confirmed) | caller 2 is rejected: 1 orphans | caller 3 is rejected: 1 orphans"
    );
    assert_eq!(world.waiting(), 0);
}

#[test]
fn at_the_cap_the_end_of_one_lets_a_generation_start_again() {
    let mut world = World::live(Config::default().max_orphans(cap(1)));
    orphan(&mut world);
    assert_eq!(world.ended(1, Exit::FINISHED), "applied");
    assert_eq!(world.acquire(), "caller 2 waits | connect g2");
}

#[test]
fn below_the_cap_generations_go_on_and_at_it_they_do_not() {
    let mut world = World::live(Config::default().max_orphans(cap(3)));
    orphan(&mut world);
    for number in 2..=3 {
        assert_eq!(world.acquire(), format!("caller {number} waits | connect g{number}"));
        world.ready(number);
        orphan(&mut world);
    }
    assert_eq!(world.orphans(), [1, 2, 3]);
    assert_eq!(world.acquire(), "refused: 3 orphans");
    assert_eq!(world.ended(2, FAILED), "applied", "in any order");
    assert_eq!(world.orphans(), [1, 3]);
    assert_eq!(world.acquire(), "caller 4 waits | connect g4");
}

#[test]
fn at_the_cap_a_close_is_done_at_once_and_a_shutdown_too() {
    let mut world = World::live(Config::default().max_orphans(cap(1)));
    orphan(&mut world);
    assert_eq!(world.close(Mode::Force), "nothing to do, done");
    assert_eq!(world.shutdown(Mode::Force), "applied, done");
    assert_eq!(world.acquire(), "refused: shut down", "the stronger reason");
    assert_eq!(world.ended(1, FAILED), "applied");
}

#[test]
fn one_that_never_got_ready_counts_as_well() {
    let mut world = World::connecting(Config::default().max_orphans(cap(1)));
    orphan(&mut world);
    assert_eq!(world.orphans(), [1]);
    assert_eq!(world.acquire(), "refused: 1 orphans");
}

#[test]
fn one_that_said_it_was_done_still_has_to_confirm_its_end() {
    let mut world = World::live(Config::default().max_orphans(cap(1)));
    world.done(1, FAILED);
    assert_eq!(world.at(secs(1)), "applied | g1 is over (by itself; failed)");
    assert_eq!(world.acquire(), "refused: 1 orphans");
    assert_eq!(world.ended(1, FAILED), "applied");
}
