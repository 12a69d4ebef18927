//! The canonical form of a script: equal for all histories that differ only in when they began and in the ids
//! they used up.
#![cfg(feature = "check")]

use tenure::{Config, Exit, Input, LeaseData, Mode, Probe, Reply, Status, Time};

use crate::world::World;
use crate::{generation, secs, tell};

/// Generation `lives`, after as many lives before it, with a lease released and another held in each.
fn after_lives(lives: u64, config: &Config) -> World {
    let mut world = World::new(config.clone());
    for number in 1..=lives {
        world.acquire();
        world.acquire();
        world.ready(number);
        world.release(2 * number);
        if number < lives {
            world.close(Mode::Force);
            world.release(2 * number - 1);
            world.ended(number, Exit::FINISHED);
        }
    }
    world
}

#[test]
fn its_canonical_form_forgets_when_it_began_and_what_was_used_up() {
    let config = Config::default().max_age(Some(secs(60)));
    let first = after_lives(1, &config);
    let mut third = after_lives(3, &config);
    assert_ne!(third.script(), first.script());
    assert_eq!(third.script().canonical(), first.script().canonical());
    third.at(secs(5));
    assert_ne!(third.script().canonical(), first.script().canonical(), "it is nearer to its deadline");
    let over = |mut world: World, number| {
        world.now = Time::ZERO;
        world.close(Mode::Force);
        world.release(2 * number - 1);
        world.ended(number, Exit::FINISHED);
        world.script().canonical()
    };
    let (first, third) = (over(first, 1), over(after_lives(3, &config), 3));
    assert_eq!(third, first);
    assert_eq!(third.session().status().generation(), Some(generation(1)), "the last life is the first");
}

#[test]
fn its_canonical_form_names_all_there_is_from_one_on() {
    let mut world = after_lives(3, &Config::default());
    world.acquire();
    world.release(5);
    world.close(Mode::Force);
    for _ in 0..3 {
        world.acquire();
    }
    world.cancel(7);
    for _ in 0..3 {
        world.at_next_deadline();
    }
    assert_eq!(world.orphans(), [3]);
    let canonical = world.script().canonical();
    assert_eq!(canonical.waiting().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(canonical.leases().collect::<Vec<_>>(), [LeaseData::new(1, generation(1))]);
    assert_eq!(canonical.session().orphans(), [generation(1)]);
    assert_eq!(canonical.session().status(), Status::Connecting { generation: generation(2) });
    assert_eq!(canonical.clock(), Time::ZERO);
    assert_eq!(canonical.canonical(), canonical);
    // It goes on with the numbers that come next.
    let mut next = canonical.clone();
    assert_eq!(next.apply(Time::ZERO, Input::Acquire).reply, Reply::Waiting { ticket: 3 });
    let granted = next.apply(Time::ZERO, Input::RunnerReady { generation: generation(2) });
    let leases: Vec<u64> = next.leases().map(|lease| lease.number).collect();
    assert_eq!((granted.actions.len(), leases), (3, vec![1, 2, 3, 4]));
}

#[test]
fn its_canonical_form_forgets_how_many_probes_were_sent_but_not_that_one_was() {
    let probe = Probe { interval: secs(1), timeout: secs(1) };
    let mut world = World::live(Config::default().probe(Some(probe)));
    let mut after = |probes: u64| {
        world.at(secs(probes));
        world.answered(1, probes);
        world.script().canonical()
    };
    let (once, twice) = (after(1), after(2));
    assert_eq!(once, twice);
    assert_ne!(World::live(Config::default().probe(Some(probe))).script().canonical(), once);
    let mut asked = {
        world.at(secs(3));
        world.script().canonical()
    };
    let answer = |number| Input::ProbeAnswered { generation: generation(1), number };
    assert_eq!(asked.apply(Time::ZERO, answer(3)).reply, Reply::Stale);
    assert_eq!(asked.apply(Time::ZERO, answer(1)).reply, Reply::Applied, "the one it waits for is number 1");
}

#[test]
fn its_canonical_form_renames_the_actions_that_are_not_polled_yet() {
    let mut script = after_lives(3, &Config::default()).script().clone();
    script.feed(Time::ZERO, Input::Close { mode: Mode::Force });
    let mut canonical = script.canonical();
    let told = std::iter::from_fn(|| canonical.poll()).map(|action| tell::action(&action));
    assert_eq!(told.collect::<Vec<_>>(), ["revoke g1 (closed)", "stop g1"]);
}
