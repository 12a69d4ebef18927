//! Cancelling a ticket: nobody else is disturbed.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use tenure::{Acquired, Action, Config, Exit, KeepAlive, Mode, Outcome, Refusal, Retry, Session, SessionId};

use crate::world::{FAILED, World};
use crate::{cap, generation};

#[test]
fn whichever_of_those_who_wait_is_cancelled_the_others_get_the_same_session() {
    for cancelled in 1..=3 {
        let mut world = World::connecting(Config::default());
        world.acquire();
        world.acquire();
        assert_eq!(world.cancel(cancelled), "applied");
        assert_eq!(world.status(), "Connecting g1");
        let granted = world.ready(1);
        let rest: Vec<String> = (1..=3)
            .filter(|ticket| *ticket != cancelled)
            .map(|ticket| format!("caller {ticket} gets"))
            .collect();
        assert_eq!(granted.matches("gets lease").count(), 2, "{granted}");
        assert!(rest.iter().all(|ticket| granted.contains(ticket)), "{granted}");
    }
}

/// Seven of eight give up, in an order that leaves gaps everywhere. A copy has none of them, and is the same.
#[test]
fn however_many_give_up_the_others_keep_their_order() {
    let mut world = World::connecting(Config::default().acquire_timeout(Some(Duration::from_secs(9))));
    for _ in 1..400 {
        world.acquire();
    }
    let mut stay: Vec<u64> = (1..=400).collect();
    for turn in 0..350_usize {
        let gone = stay.remove(turn * 37 % stay.len());
        assert_eq!(world.cancel(gone), "applied");
        assert_eq!(world.cancel(gone), "stale", "it waits no more");
        assert!(world.script().waiting().eq(stay.iter().copied()));
        assert_eq!(world.script().session().waiting(), stay.len());
        assert_eq!(world.script().clone(), *world.script());
    }
    world.acquire();
    stay.push(401);
    let granted = world.ready(1);
    let order = granted.split("caller ").skip(1).map(|words| words.split(' ').next().unwrap_or_default());
    assert!(order.eq(stay.iter().map(u64::to_string)), "{granted}");
}

#[test]
fn sessions_that_differ_in_who_waits_are_neither_equal_nor_hash_equally() {
    let without = |place: usize| {
        let mut session = Session::new(SessionId(1), Config::default());
        let tickets: Vec<_> = (0..4).map(|_| session.acquire()).collect();
        let Some(Ok(Acquired::Waiting(gone))) = tickets.get(place) else { panic!("{tickets:?}") };
        session.cancel(*gone);
        session
    };
    let hash = |session: &Session| BuildHasherDefault::<DefaultHasher>::default().hash_one(session);
    let (second, third) = (without(1), without(2));
    assert_eq!(second, without(1));
    assert_eq!(hash(&second), hash(&without(1)));
    assert_ne!(second, third);
    assert_ne!(hash(&second), hash(&third));
}

#[test]
fn the_last_one_gone_stops_the_connect() {
    let mut world = World::connecting(Config::default());
    assert_eq!(world.cancel(1), "applied | stop g1");
    assert_eq!(world.status(), "Draining g1 at stop (nobody waits)");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (nobody waits; finished)");
    assert_eq!(world.acquire(), "caller 2 waits | connect g2", "the next acquire starts afresh");
}

#[test]
fn while_draining_it_takes_the_caller_out_of_the_queue_and_no_more() {
    let mut world = World::stopping(Config::default());
    world.acquire();
    world.acquire();
    let wake = world.wake();
    assert_eq!(world.cancel(2), "applied");
    assert_eq!(world.wake(), wake);
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished) | connect g2");
    assert_eq!(world.ready(2), "applied | caller 3 gets lease 2 of g2");
}

#[test]
fn while_draining_with_nobody_left_the_session_rests_afterwards() {
    let mut world = World::stopping(Config::default());
    world.acquire();
    assert_eq!(world.cancel(2), "applied");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished)");
    assert_eq!(world.status(), "Idle after g1");
}

#[test]
fn in_a_backoff_it_leaves_nothing_to_wake_for() {
    let mut world = World::connecting(Config::default().retry(Some(Retry::default())));
    assert_eq!(world.ended(1, FAILED), "applied | g1 is over (by itself; failed)");
    assert_eq!(world.status(), "Idle after g1, backoff");
    assert_eq!(world.cancel(1), "applied");
    assert_eq!(world.wake(), "never");
}

#[test]
fn a_ticket_that_is_over_is_stale() {
    let mut world = World::connecting(Config::default());
    world.acquire();
    assert_eq!(world.cancel(2), "applied");
    assert_eq!(world.cancel(2), "stale", "cancelled");
    world.ready(1);
    assert_eq!(world.cancel(1), "stale", "granted");
    world.close(Mode::Force);
    world.acquire();
    world.close(Mode::Force);
    assert_eq!(world.cancel(3), "stale", "rejected");
    assert_eq!(world.cancel(0), "stale", "never given");
    assert_eq!(world.cancel(u64::MAX), "stale", "never given");
}

#[test]
fn a_ticket_of_another_session_is_stale() {
    let mut one = Session::new(SessionId(1), Config::default());
    let mut other = Session::new(SessionId(2), Config::default());
    let Ok(Acquired::Waiting(ticket)) = one.acquire() else { panic!() };
    let Ok(Acquired::Waiting(_)) = other.acquire() else { panic!() };
    assert_eq!((ticket.session(), ticket.number()), (SessionId(1), 1));
    assert_eq!(other.cancel(ticket), Outcome::Stale);
    assert_eq!(other.waiting(), 1);
    assert_eq!(one.cancel(ticket), Outcome::Applied);
}

/// A live session with callers whose grants have not been polled.
fn with_grants_not_polled(config: Config, callers: u64) -> (Session, Vec<tenure::Ticket>) {
    let mut session = Session::new(SessionId(1), config);
    let tickets = (0..callers)
        .map(|_| match session.acquire() {
            Ok(Acquired::Waiting(ticket)) => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(matches!(session.poll_action(), Some(Action::Connect { .. })));
    assert_eq!(session.runner_ready(generation(1)), Outcome::Applied);
    (session, tickets)
}

#[test]
fn a_grant_not_polled_is_taken_back() {
    let (mut session, tickets) = with_grants_not_polled(Config::default(), 2);
    assert_eq!(session.cancel(tickets[0]), Outcome::Applied);
    let Some(Action::Grant { ticket, lease }) = session.poll_action() else { panic!() };
    assert_eq!((ticket, lease.number()), (tickets[1], 1), "no lease was minted for the one cancelled");
    assert_eq!(session.poll_action(), None);
}

#[test]
fn the_last_grant_taken_back_leaves_the_session_unused() {
    let (mut session, tickets) = with_grants_not_polled(Config::default(), 1);
    assert_eq!(session.cancel(tickets[0]), Outcome::Applied);
    let actions: Vec<_> = std::iter::from_fn(|| session.poll_action()).collect();
    assert!(matches!(actions[..], [Action::Revoke { .. }, Action::Stop { .. }]), "{actions:?}");

    let (mut session, tickets) = with_grants_not_polled(Config::default().keep_alive(KeepAlive::Always), 1);
    assert_eq!(session.cancel(tickets[0]), Outcome::Applied);
    assert_eq!(session.poll_action(), None);
}

#[test]
fn a_grant_that_was_polled_is_the_callers_to_release() {
    let (mut session, tickets) = with_grants_not_polled(Config::default(), 1);
    let Some(Action::Grant { lease, .. }) = session.poll_action() else { panic!() };
    assert_eq!(session.cancel(tickets[0]), Outcome::Stale);
    assert_eq!(session.release(lease), Ok(Outcome::Applied));
}

#[test]
fn nobody_overtakes_a_grant_that_was_not_polled() {
    let (mut session, tickets) = with_grants_not_polled(Config::default().max_waiting(cap(2)), 1);
    let Ok(Acquired::Waiting(later)) = session.acquire() else { panic!("overtaken") };
    assert!(session.try_acquire().is_err(), "overtaken");
    assert_eq!(session.acquire(), Err(Refusal::QueueFull { limit: 2 }));
    let order: Vec<_> = std::iter::from_fn(|| session.poll_action())
        .map(|action| match action {
            Action::Grant { ticket, .. } => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(order, [tickets[0], later]);
}
