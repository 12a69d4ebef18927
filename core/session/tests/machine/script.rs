//! A session as data.

use std::time::Duration;

use tenure::{
    Closing, Config, Exit, Input, LeaseData, Mode, Outcome, Probe, Refusal, Reply, Script, SessionId, Status,
    Ticket, Time,
};

use crate::world::World;
use crate::{cap, every_deadline, generation, secs, tell};

#[test]
fn a_reply_says_whether_it_changed_the_machine() {
    let lease = LeaseData::new(1, generation(1));
    let changes = [Reply::Applied, Reply::Granted(lease), Reply::Waiting { ticket: 1 }];
    let nothing = [Reply::NoOp, Reply::Stale, Reply::Refused(Refusal::NotLive)];
    assert!(changes.iter().all(|reply| reply.is_change()));
    assert!(!nothing.iter().any(|reply| reply.is_change()));
    for (outcome, change) in [(Outcome::Applied, true), (Outcome::NoOp, false), (Outcome::Stale, false)] {
        assert_eq!(Reply::Closing(Closing::new(outcome, None)).is_change(), change);
    }
}

#[test]
fn it_tells_its_leases_and_who_waits_in_order() {
    let mut world = World::live(Config::default());
    world.acquire();
    let leases: Vec<LeaseData> = world.script().leases().collect();
    assert_eq!(leases, [1, 2].map(|number| LeaseData::new(number, generation(1))));
    world.close(Mode::Force);
    world.acquire();
    world.acquire();
    assert_eq!(world.script().waiting().collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn an_input_can_be_fed_without_its_actions() {
    let mut script = Script::new(Config::default());
    assert_eq!(script.feed(Time::ZERO, Input::Acquire), Reply::Waiting { ticket: 1 });
    assert_eq!(script.session().queued_actions(), 1);
    assert!(script.poll().is_some());
    assert_eq!(script.poll(), None);
}

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

#[cfg(feature = "serde")]
#[test]
fn it_can_be_written_down_and_read_again_with_all_it_holds() {
    let mut world = World::live(Config::default());
    world.acquire();
    world.close(Mode::Graceful);
    world.acquire();
    let text = serde_json::to_string(world.script()).unwrap();
    let read: Script = serde_json::from_str(&text).unwrap();
    assert_eq!(&read, world.script());
    assert_eq!(read.leases().count(), 2);
    let torn = text.replace("\"leases\":[{", "\"leases\":[7,{");
    assert_ne!(torn, text);
    assert!(serde_json::from_str::<Script>(&torn).is_err());
}

#[test]
fn a_copy_has_the_actions_that_are_not_polled_yet() {
    let zero = Duration::ZERO;
    let probe = Probe { interval: zero, timeout: secs(1) };
    let config = every_deadline(Config::default(), zero).connect(secs(1)).probe(Some(probe));
    let mut script = Script::new(config.max_waiting(cap(9)));
    let feed = |script: &mut Script, input| script.feed(Time::ZERO, input);
    feed(&mut script, Input::Acquire);
    feed(&mut script, Input::RunnerReady { generation: generation(1) });
    feed(&mut script, Input::Timeout);
    feed(&mut script, Input::Acquire);
    feed(&mut script, Input::Shutdown { mode: Mode::Force });
    feed(&mut script, Input::Timeout);
    let told = |mut script: Script| {
        let actions = std::iter::from_fn(|| script.poll());
        actions.map(|action| tell::action(&action)).collect::<Vec<_>>().join(" | ")
    };
    let all = "connect g1 | probe g1 no. 1 | reject 1: shut down | reject 2: shut down | \
               revoke g1 (shut down) | stop g1 | abort g1 | discard g1 | \
               ended g1 (shut down; unconfirmed)";
    let copy = script.clone();
    assert_eq!(copy, script);
    assert_eq!(told(copy), all);
    assert_eq!(told(script), all);
}

#[test]
fn its_canonical_form_renames_the_actions_that_are_not_polled_yet() {
    let mut script = after_lives(3, &Config::default()).script().clone();
    script.feed(Time::ZERO, Input::Close { mode: Mode::Force });
    let mut canonical = script.canonical();
    let told = std::iter::from_fn(|| canonical.poll()).map(|action| tell::action(&action));
    assert_eq!(told.collect::<Vec<_>>(), ["revoke g1 (closed)", "stop g1"]);
}

#[test]
fn a_ticket_is_a_name_alone() {
    let ticket = Ticket::new(SessionId(3), 7);
    assert_eq!((ticket.session(), ticket.number()), (SessionId(3), 7));
}
