//! A session as data.

use std::time::Duration;

use tenure::{
    Action, Closing, Config, Input, LeaseData, Mode, Outcome, Probe, Refusal, Reply, Script, SessionId,
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
    assert!(matches!(script.poll(), Some(Action::Connect { .. })));
    assert_eq!(script.poll(), None);
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
    let config = every_deadline(Config::default(), zero).connect_timeout(secs(1)).probe(Some(probe));
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
    let all = "connect g1 | probe 1 of g1 | caller 1 is rejected: shut down | caller 2 is rejected: shut down | \
               revoke g1 (shut down) | stop g1 | abort g1 | discard g1 | \
               g1 is over (shut down; end not confirmed)";
    let copy = script.clone();
    assert_eq!(copy, script);
    assert_eq!(told(copy), all);
    assert_eq!(told(script), all);
}

#[test]
fn a_ticket_is_a_name_alone() {
    let ticket = Ticket::new(SessionId(3), 7);
    assert_eq!((ticket.session(), ticket.number()), (SessionId(3), 7));
}
