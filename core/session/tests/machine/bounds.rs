//! Everything ends in bounded time, also when the runner never answers.

use tenure::{Config, Mode, Retry};

use crate::world::World;
use crate::{cap, secs};

/// Handles deadlines until `over` says so; fails if it takes more than `bound` seconds or spins.
fn within(world: &mut World, bound: u64, over: impl Fn(&World) -> bool) {
    let mut deadlines = 0;
    let until = world.now.saturating_add(secs(bound));
    while !over(world) {
        let before = world.now;
        world.at_next_deadline();
        assert!(world.now > before, "a deadline that takes no time: {}", world.wake());
        assert!(world.now <= until, "{:?} is past the bound", world.now);
        deadlines += 1;
        assert!(deadlines < 100, "it spins");
    }
}

#[test]
fn a_close_that_nobody_answers_completes() {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    within(&mut world, 5 + 3 + 2 + 1, |world| world.status() == "Idle after g1");
}

#[test]
fn an_acquire_that_no_runner_answers_ends() {
    let retry = Retry::default().attempts(cap(3)).base(secs(10)).max(secs(10)).jitter(0);
    let mut world = World::live(Config::default().retry(Some(retry)).max_orphans(cap(9)));
    world.close(Mode::Graceful);
    world.acquire();
    let attempt = 60 + 3 + 2 + 1 + 10;
    within(&mut world, 5 + 3 + 2 + 1 + 3 * attempt, |world| world.waiting() == 0);
    within(&mut world, 6, |world| world.wake() == "never");
}

#[test]
fn an_acquire_that_no_runner_answers_ends_at_the_cap_of_orphans_too() {
    let retry = Retry::default().attempts(cap(100)).base(secs(1)).max(secs(1)).jitter(0);
    let mut world = World::connecting(Config::default().retry(Some(retry)).max_orphans(cap(2)));
    within(&mut world, 2 * (60 + 6 + 1), |world| world.waiting() == 0);
    assert_eq!(world.orphans(), [1, 2]);
}

#[test]
fn no_deadline_is_left_at_the_time_that_was_told() {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    while world.wake() != "never" {
        world.at_next_deadline();
        assert_eq!(world.at(world.now.into()), "nothing to do", "nothing more at the same time");
    }
}
