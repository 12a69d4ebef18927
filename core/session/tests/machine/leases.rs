//! Leases themselves: real ones, as programs hold them.

use std::time::Duration;

use tenure::{
    Acquired, Action, Config, Exit, ForeignLease, KeepAlive, Lease, Mode, Outcome, Session, SessionId,
    Status, Step, Time, Wake,
};

use crate::generation;
use crate::world::World;

/// Connects the next generation for one caller.
fn connect(session: &mut Session) -> Lease {
    let Ok(Acquired::Waiting(mine)) = session.acquire() else { panic!("live already") };
    loop {
        match session.poll_action() {
            Some(Action::Connect { generation }) => {
                assert_eq!(session.runner_ready(generation), Outcome::Applied);
            }
            Some(Action::Grant { ticket, lease }) => {
                assert_eq!(ticket, mine);
                return lease;
            }
            other => panic!("{other:?}"),
        }
    }
}

fn acquire(session: &mut Session) -> Lease {
    match session.acquire() {
        Ok(Acquired::Granted(lease)) => lease,
        other => panic!("{other:?}"),
    }
}

/// Closes by force; the runner obeys.
fn reopen(session: &mut Session) {
    let watch = session.close(Mode::Force).watch.unwrap();
    assert_eq!(session.runner_ended(watch, Exit::FINISHED), Outcome::Applied);
    while let Some(action) = session.poll_action() {
        assert!(!matches!(action, Action::Grant { .. } | Action::Connect { .. }), "{action:?}");
    }
}

fn held(session: &Session) -> u64 {
    match session.status() {
        Status::Live { held, .. } | Status::Draining { held, .. } => held,
        _ => 0,
    }
}

#[test]
fn a_lease_says_what_it_is_a_right_to() {
    let mut session = Session::new(SessionId(7), Config::default());
    let lease = connect(&mut session);
    assert_eq!((lease.session(), lease.generation(), lease.number()), (SessionId(7), generation(1), 1));
    let next = acquire(&mut session);
    assert_eq!((next.generation(), next.number()), (generation(1), 2));
}

#[test]
fn a_session_can_be_looked_at_as_a_live_one_while_it_is() {
    let mut world = World::connecting(Config::default());
    assert_eq!(world.script().session().live(), None);
    world.ready(1);
    let live = world.script().session().live();
    assert_eq!(live.map(|live| (live.generation(), live.held())), Some((generation(1), 1)));
    world.close(Mode::Force);
    assert_eq!(world.script().session().live(), None);
}

#[test]
fn leases_held_are_those_granted_less_those_released() {
    let mut session = Session::new(SessionId(1), Config::default().keep_alive(KeepAlive::Always));
    let mut leases = vec![connect(&mut session)];
    leases.extend((1..10).map(|_| acquire(&mut session)));
    for left in (0..10).rev() {
        assert_eq!(session.release(leases.pop().unwrap()), Ok(Outcome::Applied));
        assert_eq!(held(&session), left);
    }
}

#[test]
fn a_foreign_lease_is_handed_back_and_never_counted() {
    let mut one = Session::new(SessionId(1), Config::default());
    let mut other = Session::new(SessionId(2), Config::default());
    let (ours, theirs) = (connect(&mut one), connect(&mut other));
    let Err(ForeignLease(theirs)) = one.release(theirs) else { panic!("counted") };
    assert_eq!((held(&one), held(&other)), (1, 1));
    assert_eq!(other.release(theirs), Ok(Outcome::Applied));
    assert_eq!(one.release(ours), Ok(Outcome::Applied));
}

#[test]
fn a_foreign_lease_is_handed_back_in_every_state() {
    let mut other = Session::new(SessionId(2), Config::default());
    let mut foreign = connect(&mut other);
    let mut session = Session::new(SessionId(1), Config::default());
    let mut still_foreign = |session: &mut Session| {
        let Err(ForeignLease(back)) = session.release(std::mem::replace(&mut foreign, acquire(&mut other)))
        else {
            panic!("taken in {:?}", session.status());
        };
        assert_eq!(back.session(), SessionId(2));
    };
    still_foreign(&mut session);
    let _waiting = session.acquire();
    still_foreign(&mut session);
    session.runner_ready(generation(1));
    still_foreign(&mut session);
    session.shutdown(Mode::Force);
    still_foreign(&mut session);
    session.runner_ended(generation(1), Exit::FINISHED);
    still_foreign(&mut session);
}

#[test]
fn a_foreign_lease_says_where_it_belongs() {
    let mut other = Session::new(SessionId(2), Config::default());
    let lease = connect(&mut other);
    let Err(foreign) = Session::new(SessionId(1), Config::default()).release(lease) else { panic!("taken") };
    assert_eq!(foreign.to_string(), "the lease belongs to session 2: release it there");
}

/// Releases it. Returns whether that did nothing but count: then the session is live, and else the lease came back
/// and nothing was touched.
fn release(session: &mut Session, lease: Lease) -> bool {
    let before = session.status();
    match session.try_release(lease) {
        Ok(left) => {
            assert_eq!(session.live().map(tenure::state::Live::held), Some(left));
            assert!(session.live().is_some() && !session.has_actions(), "{:?}", session.status());
            true
        }
        Err(lease) => {
            assert_eq!(session.status(), before);
            let outcome = session.release(lease).expect("its own session");
            assert!(outcome == Outcome::Stale || session.live().is_none(), "{:?}", session.status());
            false
        }
    }
}

#[test]
fn a_release_of_which_nothing_else_comes_is_told_from_others() {
    for keep_alive in [KeepAlive::Never, KeepAlive::For(Duration::from_secs(1)), KeepAlive::Always] {
        let mut session = Session::new(SessionId(1), Config::default().keep_alive(keep_alive));
        let (first, second) = (connect(&mut session), acquire(&mut session));
        assert!(release(&mut session, first), "another is held");
        assert_eq!(release(&mut session, second), keep_alive != KeepAlive::Never);
        reopen(&mut session);
        let late = connect(&mut session);
        let late =
            Session::new(SessionId(2), Config::default()).try_release(late).expect_err("a foreign one");
        reopen(&mut session);
        let lease = connect(&mut session);
        assert!(!release(&mut session, late), "a late one");
        let other = acquire(&mut session);
        session.close(Mode::Graceful);
        assert!(!release(&mut session, lease), "it drains");
        assert!(!release(&mut session, other));
    }
}

#[test]
fn a_release_comes_to_the_same_either_way() {
    /// What is left of a session when `release` has given so many leases back, and when it is due.
    fn left(
        keep_alive: KeepAlive,
        count: usize,
        release: fn(&mut Session, Lease),
    ) -> (Status, Vec<Action>, Wake) {
        let mut session = Session::new(SessionId(1), Config::default().keep_alive(keep_alive));
        let leases = [connect(&mut session), acquire(&mut session)];
        for lease in leases.into_iter().take(count) {
            release(&mut session, lease);
        }
        session.handle_timeout(Time::ZERO);
        let actions = std::iter::from_fn(|| session.poll_action()).collect();
        (session.status(), actions, session.poll_timeout())
    }
    for keep_alive in [KeepAlive::Never, KeepAlive::For(Duration::from_secs(1)), KeepAlive::Always] {
        for count in 0..=2 {
            let tried = left(keep_alive, count, |session, lease| {
                if let Err(lease) = session.try_release(lease) {
                    session.release(lease).expect("its own session");
                }
            });
            let whole = left(keep_alive, count, |session, lease| {
                session.release(lease).expect("its own session");
            });
            assert_eq!(format!("{tried:?}"), format!("{whole:?}"), "{keep_alive:?}, {count} released");
        }
    }
}

#[test]
fn who_waits_for_a_grant_keeps_a_session_live_when_the_last_lease_goes() {
    let mut session = Session::new(SessionId(1), Config::default());
    let Ok(Acquired::Waiting(_)) = session.acquire() else { panic!("live already") };
    let Ok(Acquired::Waiting(_)) = session.acquire() else { panic!("live already") };
    session.runner_ready(generation(1));
    let Some(Action::Connect { .. }) = session.poll_action() else { panic!("it isn't connected") };
    let Some(Action::Grant { lease, .. }) = session.poll_action() else { panic!("it isn't granted") };
    let lease = session.try_release(lease).expect_err("a grant follows");
    assert_eq!(session.release(lease), Ok(Outcome::Applied));
    assert!(matches!(session.poll_action(), Some(Action::Grant { .. })));
}

#[test]
fn late_releases_of_ten_holders_count_nothing_in_the_next_generation() {
    let mut session = Session::new(SessionId(1), Config::default());
    let mut late = vec![connect(&mut session)];
    late.extend((1..10).map(|_| acquire(&mut session)));
    reopen(&mut session);
    let mine = connect(&mut session);
    for lease in late {
        assert_eq!(session.release(lease), Ok(Outcome::Stale));
        assert_eq!(held(&session), 1);
    }
    assert_eq!(session.poll_action(), None);
    assert_eq!(session.release(mine), Ok(Outcome::Applied));
}

#[test]
fn a_late_release_counts_nothing_while_the_next_generation_finishes() {
    let mut session = Session::new(SessionId(1), Config::default());
    let late = connect(&mut session);
    reopen(&mut session);
    let mine = connect(&mut session);
    session.close(Mode::Graceful);
    assert_eq!(session.release(late), Ok(Outcome::Stale));
    let Status::Draining { step: Step::Finish, held: 1, .. } = session.status() else {
        panic!("{:?}", session.status());
    };
    assert_eq!(session.release(mine), Ok(Outcome::Applied));
}

#[test]
fn a_lease_dropped_without_a_release_holds_its_session_until_close() {
    let mut session = Session::new(SessionId(1), Config::default());
    drop(connect(&mut session));
    let used = acquire(&mut session);
    assert_eq!(session.release(used), Ok(Outcome::Applied));
    assert_eq!(held(&session), 1, "nobody can release the one dropped");
    reopen(&mut session);
    let lease = connect(&mut session);
    assert_eq!((lease.generation(), held(&session)), (generation(2), 1));
}

#[test]
fn numbers_are_never_used_again() {
    let mut session = Session::new(SessionId(1), Config::default());
    let mut last = 0;
    for life in 1..=3 {
        let lease = connect(&mut session);
        assert!(lease.number() > last, "life {life}");
        last = lease.number();
        reopen(&mut session);
    }
}

#[test]
fn a_lease_is_minted_only_when_its_grant_is_polled() {
    let mut session = Session::new(SessionId(1), Config::default());
    for _ in 0..2 {
        assert!(matches!(session.acquire(), Ok(Acquired::Waiting(_))));
    }
    let _connect = session.poll_action();
    session.runner_ready(generation(1));
    assert_eq!(held(&session), 0);
    let Some(Action::Grant { lease, .. }) = session.poll_action() else { panic!() };
    assert_eq!((lease.number(), held(&session), session.waiting()), (1, 1, 1));
}

#[test]
fn a_session_and_its_leases_can_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Session>();
    crosses::<Lease>();
}
