//! Close: it ends everything that was asked for before it, and the machine carries it through.

use tenure::{
    Acquired, Action, Config, Exit, KeepAlive, Mode, Outcome, Rejection, Retry, Session, SessionId,
};

use crate::world::{FAILED, World};
use crate::{generation, secs};

const MODES: [Mode; 3] = [Mode::Graceful, Mode::Force, Mode::Abort];

#[test]
fn idle_it_is_done_at_once() {
    for mode in MODES {
        let mut world = World::new(Config::default());
        assert_eq!(world.close(mode), "nothing to do, done");
        assert_eq!(world.status(), "Idle");
    }
}

#[test]
fn idle_it_rejects_who_waits_for_a_backoff() {
    let mut world = World::connecting(Config::default().retry(Some(Retry::default())));
    world.ended(1, FAILED);
    assert_eq!(world.close(Mode::Graceful), "applied, done | caller 1 is rejected: closed");
    assert_eq!(world.wake(), "never");
    assert_eq!(world.close(Mode::Graceful), "nothing to do, done");
}

#[test]
fn connecting_it_stops_at_once_and_rejects_who_waits() {
    for (mode, told) in [
        (
            Mode::Graceful,
            "applied, watch g1 | caller 1 is rejected: closed | caller 2 is rejected: closed | stop g1",
        ),
        (
            Mode::Force,
            "applied, watch g1 | caller 1 is rejected: closed | caller 2 is rejected: closed | stop g1",
        ),
        (
            Mode::Abort,
            "applied, watch g1 | caller 1 is rejected: closed | caller 2 is rejected: closed | abort g1",
        ),
    ] {
        let mut world = World::connecting(Config::default());
        world.acquire();
        assert_eq!(world.close(mode), told);
        assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished)");
    }
}

#[test]
fn live_each_mode_begins_at_its_own_step() {
    for (mode, told, status) in [
        (Mode::Graceful, "applied, watch g1", "Draining g1 at finish (closed), 1 held"),
        (Mode::Force, "applied, watch g1 | revoke g1 (closed) | stop g1", "Draining g1 at stop (closed)"),
        (Mode::Abort, "applied, watch g1 | revoke g1 (closed) | abort g1", "Draining g1 at abort (closed)"),
    ] {
        let mut world = World::live(Config::default());
        assert_eq!(world.close(mode), told);
        assert_eq!(world.status(), status);
    }
}

#[test]
fn graceful_with_no_lease_held_there_is_nothing_to_finish() {
    let mut world = World::live(Config::default().keep_alive(KeepAlive::Always));
    world.release(1);
    assert_eq!(world.close(Mode::Graceful), "applied, watch g1 | revoke g1 (closed) | stop g1");
}

#[test]
fn graceful_the_last_release_begins_the_stop() {
    let mut world = World::live(Config::default());
    world.acquire();
    world.close(Mode::Graceful);
    assert_eq!(world.release(1), "applied");
    assert_eq!(world.status(), "Draining g1 at finish (closed), 1 held");
    assert_eq!(world.release(2), "applied | revoke g1 (closed) | stop g1");
    assert_eq!(world.release(2), "stale");
}

#[test]
fn graceful_the_deadline_begins_the_stop_under_leases_still_held() {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    assert_eq!(world.wake(), "at 5s: finish");
    assert_eq!(world.at(secs(5)), "applied | revoke g1 (closed) | stop g1");
    assert_eq!(world.release(1), "stale");
}

#[test]
fn an_equal_or_weaker_one_joins_and_arms_nothing_anew() {
    for (first, later) in
        [(Mode::Graceful, &MODES[..1]), (Mode::Force, &MODES[..2]), (Mode::Abort, &MODES[..3])]
    {
        let mut world = World::live(Config::default());
        world.close(first);
        let wake = world.wake();
        world.at(secs(1));
        for mode in later {
            assert_eq!(world.close(*mode), "nothing to do, watch g1", "{first:?}, then {mode:?}");
        }
        assert_eq!(world.wake(), wake, "{first:?}");
    }
}

#[test]
fn in_discard_every_one_joins() {
    let mut world = World::live(Config::default());
    world.done(1, FAILED);
    for mode in MODES {
        assert_eq!(world.close(mode), "nothing to do, watch g1");
    }
}

#[test]
fn a_stronger_one_escalates_and_revokes_only_once() {
    let mut world = World::live(Config::default());
    assert_eq!(world.close(Mode::Graceful), "applied, watch g1");
    world.at(secs(1));
    assert_eq!(world.close(Mode::Force), "applied, watch g1 | revoke g1 (closed) | stop g1");
    assert_eq!(world.wake(), "at 4s: stop", "counted from the escalation");
    assert_eq!(world.close(Mode::Abort), "applied, watch g1 | abort g1");
    assert_eq!(world.wake(), "at 3s: abort");

    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    assert_eq!(world.close(Mode::Abort), "applied, watch g1 | revoke g1 (closed) | abort g1");
}

#[test]
fn what_drains_for_another_reason_is_joined_and_escalated_too() {
    let mut world = World::live(Config::default().max_age(Some(secs(9))));
    assert_eq!(world.at(secs(9)), "applied");
    assert_eq!(world.close(Mode::Graceful), "nothing to do, watch g1");
    assert_eq!(world.close(Mode::Force), "applied, watch g1 | revoke g1 (max age) | stop g1");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (max age; finished)", "why it began");
}

#[test]
fn draining_it_rejects_who_came_after_the_one_before() {
    let mut world = World::stopping(Config::default());
    world.acquire();
    assert_eq!(world.close(Mode::Force), "applied, watch g1 | caller 2 is rejected: closed");
    assert_eq!(world.acquire(), "caller 3 waits", "what is acquired after it gets the next generation");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished) | connect g2");
}

#[test]
fn in_order_it_rejects_then_revokes_then_stops() {
    let mut world = World::live(Config::default());
    world.close(Mode::Graceful);
    world.acquire();
    world.acquire();
    assert_eq!(
        world.close(Mode::Force),
        "applied, watch g1 | caller 2 is rejected: closed | caller 3 is rejected: closed | revoke g1 (closed) | stop g1"
    );
}

#[test]
fn live_it_rejects_those_whose_grants_were_not_polled() {
    let mut session = Session::new(SessionId(1), Config::default());
    let Ok(Acquired::Waiting(mine)) = session.acquire() else { panic!() };
    let _connect = session.poll_action();
    session.runner_ready(generation(1));
    assert_eq!(session.close(Mode::Graceful).outcome, Outcome::Applied);
    let actions: Vec<_> = std::iter::from_fn(|| session.poll_action()).collect();
    let [Action::Reject { ticket, rejection }, Action::Revoke { .. }, Action::Stop { .. }] = actions[..]
    else {
        panic!("{actions:?}");
    };
    assert_eq!((ticket, rejection), (mine, Rejection::Closed));
}

#[test]
fn what_is_released_after_it_is_harmless() {
    let mut world = World::live(Config::default());
    world.acquire();
    world.close(Mode::Force);
    assert_eq!(world.release(1), "stale");
    assert_eq!(world.ended(1, Exit::FINISHED), "applied | g1 is over (closed; finished)");
    assert_eq!(world.release(2), "stale");
    assert_eq!(world.release(2), "stale");
}

#[test]
fn it_completes_within_the_sum_of_its_deadlines_whoever_is_gone() {
    for (mode, bound) in [(Mode::Graceful, 11), (Mode::Force, 6), (Mode::Abort, 3)] {
        let mut world = World::live(Config::default());
        world.close(mode);
        let mut told = String::new();
        while !told.contains("g1 is over") {
            told = world.at_next_deadline();
        }
        assert_eq!(world.now, secs(bound).into(), "{mode:?}");
        assert_eq!(world.status(), "Idle after g1");
    }
}
