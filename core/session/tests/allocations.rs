//! What allocates, and what doesn't: a program of its own, since its allocator counts.
#![cfg(feature = "alloc")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::num::NonZeroU32;
use std::time::Duration;

use allocation_counter::measure;
use tenure::{
    Acquired, Action, Config, Exit, Generation, Lease, Mode, Retry, Session, SessionId, Ticket, Time,
};

const CALLERS: usize = 8;

/// Leases in a place that needs no allocation.
type Leases = [Option<Lease>; 4 * CALLERS];

const fn no_leases() -> Leases {
    [const { None }; 4 * CALLERS]
}

fn keep(leases: &mut Leases, lease: Lease) {
    let place = leases.iter_mut().find(|place| place.is_none()).expect("enough places");
    *place = Some(lease);
}

/// The contract's loop; a runner is ready at once.
fn poll_all(session: &mut Session, leases: &mut Leases) {
    while let Some(action) = session.poll_action() {
        match action {
            Action::Connect { generation } => {
                session.runner_ready(generation);
            }
            Action::Grant { lease, .. } => keep(leases, lease),
            _ => {}
        }
    }
}

fn acquire(session: &mut Session, leases: &mut Leases) {
    if let Acquired::Granted(lease) = session.acquire().expect("not refused") {
        keep(leases, lease);
    }
}

fn wait(session: &mut Session) -> Ticket {
    match session.acquire() {
        Ok(Acquired::Waiting(ticket)) => ticket,
        other => panic!("{other:?}"),
    }
}

fn release_all(session: &mut Session, leases: &mut Leases) {
    for lease in leases.iter_mut().filter_map(Option::take) {
        session.release(lease).expect("its own");
    }
}

/// All that can happen in a life, with as many callers as there may be. It is left to be an orphan.
fn life(session: &mut Session, leases: &mut Leases, clock: &mut Time) {
    for _ in 0..CALLERS {
        acquire(session, leases);
    }
    poll_all(session, leases);
    for _ in 0..100 {
        acquire(session, leases);
        let lease = leases.iter_mut().rev().find_map(Option::take).expect("held");
        session.release(lease).expect("its own");
        poll_all(session, leases);
    }
    for _ in 0..CALLERS {
        acquire(session, leases);
    }
    let watch = session.close(Mode::Graceful).watch;
    poll_all(session, leases);
    for _ in 0..CALLERS {
        acquire(session, leases);
    }
    session.close(Mode::Force);
    poll_all(session, leases);
    release_all(session, leases);
    while session.orphans().last().copied() != watch {
        *clock = clock.saturating_add(Duration::from_secs(100));
        session.handle_timeout(*clock);
        poll_all(session, leases);
    }
}

#[test]
fn without_a_capacity_a_session_begins_with_nothing() {
    let config = Config::default();
    assert_eq!(measure(|| drop(Session::new(SessionId(1), config))).count_total, 0);
}

#[test]
fn with_a_capacity_whole_lives_allocate_nothing_more() {
    let mut session = Session::with_capacity(SessionId(1), Config::default(), CALLERS);
    let (mut leases, mut clock) = (no_leases(), Time::ZERO);
    let allocated = measure(|| {
        for _ in 0..3 {
            // Up to the cap of four orphans, then they all end.
            for _ in 0..4 {
                life(&mut session, &mut leases, &mut clock);
            }
            assert!(session.acquire().is_err(), "at the cap");
            while let Some(orphan) = session.orphans().first().copied() {
                session.runner_ended(orphan, Exit::FINISHED);
            }
        }
    });
    assert_eq!(session.status().generation(), Generation::new(12));
    assert_eq!(allocated.count_total, 0, "{allocated:?}");
}

/// Again and again some of them give up, and as many come. The one at the front stays, so no gap ever comes to the
/// front.
#[test]
fn with_a_capacity_callers_who_give_up_allocate_nothing_more() {
    for (callers, at_once) in [(CALLERS, 1), (CALLERS - 1, 2)] {
        let mut session = Session::with_capacity(SessionId(1), Config::default(), CALLERS);
        let mut tickets: Vec<_> = (0..callers).map(|_| wait(&mut session)).collect();
        let allocated = measure(|| {
            for turn in 0..1000 {
                let places = (0..at_once).map(|more| 1 + (turn * 5 + more) % (callers - 1));
                for place in places.clone() {
                    session.cancel(*tickets.get(place).expect("a place"));
                }
                for place in places {
                    *tickets.get_mut(place).expect("a place") = wait(&mut session);
                }
            }
        });
        assert_eq!(session.waiting(), callers);
        assert_eq!(allocated.count_total, 0, "{at_once} at once: {allocated:?}");
    }
}

/// One timeout can take a session through a life for each orphan there may be.
#[test]
fn with_a_capacity_a_cascade_of_zero_deadlines_allocates_nothing_more() {
    let zero = Duration::ZERO;
    for orphans in [1, 4, 64] {
        let config = Config::default()
            .connect_timeout(zero)
            .stop_timeout(zero)
            .abort_timeout(zero)
            .discard_timeout(zero)
            .max_orphans(NonZeroU32::new(orphans).expect("not zero"))
            .retry(Some(Retry::default().attempts(NonZeroU32::MAX).base(zero)));
        let mut session = Session::with_capacity(SessionId(1), config, CALLERS);
        let allocated = measure(|| {
            for _ in 0..CALLERS {
                assert!(session.acquire().is_ok());
            }
            session.handle_timeout(Time::ZERO);
        });
        assert_eq!(session.orphans().len(), orphans as usize);
        assert_eq!(allocated.count_total, 0, "{orphans} orphans: {allocated:?}");
        let actions = std::iter::from_fn(|| session.poll_action()).count();
        assert!(actions >= CALLERS + 4 * orphans as usize);
    }
}

/// More callers than that can never wait.
#[test]
fn a_capacity_beyond_the_bound_is_the_bound() {
    let bounded = || Config::default().max_waiting(NonZeroU32::new(8).expect("not zero"));
    let (config, other) = (bounded(), bounded());
    let at_the_bound = measure(|| drop(Session::with_capacity(SessionId(1), config, 8)));
    let beyond = measure(|| drop(Session::with_capacity(SessionId(1), other, usize::MAX)));
    assert_eq!(at_the_bound.bytes_total, beyond.bytes_total);
}

#[test]
fn beyond_the_capacity_it_allocates() {
    let mut session = Session::with_capacity(SessionId(1), Config::default(), CALLERS);
    let allocated = measure(|| {
        for _ in 0..10 * CALLERS {
            assert!(session.acquire().is_ok());
        }
    });
    assert!(allocated.count_total > 0, "or else nothing is counted here");
}

#[test]
fn acquire_and_release_while_live_never_allocate() {
    let mut session = Session::new(SessionId(1), Config::default());
    let mut leases = no_leases();
    acquire(&mut session, &mut leases);
    poll_all(&mut session, &mut leases);
    let allocated = measure(|| {
        for _ in 0..1000 {
            for _ in 0..CALLERS {
                acquire(&mut session, &mut leases);
            }
            for lease in leases.iter_mut().skip(1).filter_map(Option::take) {
                session.release(lease).expect("its own");
            }
        }
    });
    assert_eq!(allocated.count_total, 0, "{allocated:?}");
}
