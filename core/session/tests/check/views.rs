//! What is seen of a design agrees with what its inputs and actions told.

use std::time::Duration;

use tenure::check::{Invariant, View};
use tenure::{Cause, Config, DeadlineKind, Input, KeepAlive, Mode, Reply, Retry, Status, Step, Time, Wake};

use crate::tale::{
    But as _, CLOSE, Tale, cancel, cap, closing, connect, end, ended, grant, granted, number, ready, release,
    revoke, seen, seen_connecting, seen_draining, seen_idle, seen_live, stop, waits,
};

fn wake_at(nanos: u64) -> Wake {
    Wake::At(Time::from_nanos(nanos), DeadlineKind::Stop)
}

#[test]
fn a_life_is_seen_as_it_was_told() {
    let mut tale = Tale::new();
    tale.shows(Input::Timeout, Reply::NoOp, &[], seen_idle());
    tale.shows(Input::Acquire, waits(1), &[connect(1)], seen_connecting(1, 1));
    tale.shows(ready(1), Reply::Applied, &[grant(1, 1, 1)], seen_live(1, 1));
    tale.shows(Input::Acquire, granted(2, 1), &[], seen_live(1, 2));
    tale.shows(CLOSE, closing(1), &[revoke(1), stop(1)], seen_draining(1, Step::Stop, 0));
    tale.shows(end(1), Reply::Applied, &[ended(1)], seen_idle());
    let shut = Reply::Closing(tenure::Closing::new(tenure::Outcome::Applied, None));
    let closed = seen(Status::Closed { generation: None });
    tale.shows(Input::Shutdown { mode: Mode::Force }, shut, &[], closed);
}

#[test]
fn a_state_that_was_not_told_is_noticed() {
    let noticed = Invariant::ConnectEndsOnce;
    for view in [seen_live(1, 0), seen_idle()] {
        let view = view.but(|view| view.waiting = 1);
        Tale::new().hides(noticed, Input::Acquire, waits(1), &[connect(1)], view);
    }
    for view in [seen_connecting(1, 0), seen_idle(), seen(Status::Closed { generation: None })] {
        Tale::live().hides(noticed, Input::Timeout, Reply::Applied, &[], view);
    }
    Tale::stopping().hides(noticed, Input::Timeout, Reply::Applied, &[], seen_live(1, 0));
    Tale::over().hides(noticed, Input::Timeout, Reply::Applied, &[], seen_live(1, 0));
    Tale::new().hides(noticed, Input::Timeout, Reply::Applied, &[], seen_draining(1, Step::Stop, 0));
}

const SHUTDOWN: Input = Input::Shutdown { mode: Mode::Force };

#[test]
fn a_shutdown_is_not_forgotten() {
    let noticed = Invariant::NoConnectAfterShutdown;
    let draining = |closing| {
        let (generation, step, cause) = (number(1), Step::Stop, Cause::Shutdown);
        seen(Status::Draining { generation, step, cause, held: 0, closing })
            .but(|view| view.wake = wake_at(9))
    };
    Tale::live().hides(noticed, SHUTDOWN, closing(1), &[revoke(1), stop(1)], draining(false));
    let mut tale = Tale::live();
    tale.shows(SHUTDOWN, closing(1), &[revoke(1), stop(1)], draining(true));
    tale.hides(noticed, end(1), Reply::Applied, &[ended(1)], seen_idle());
    let mut tale = Tale::live();
    tale.shows(SHUTDOWN, closing(1), &[revoke(1), stop(1)], draining(true));
    tale.shows(end(1), Reply::Applied, &[ended(1)], seen(Status::Closed { generation: Some(number(1)) }));
}

#[test]
fn the_generation_that_is_seen_is_the_last_that_was_told() {
    let noticed = Invariant::GenerationsGrow;
    Tale::live().hides(noticed, Input::Timeout, Reply::Applied, &[], seen_live(2, 1));
    let closed = |generation| seen(Status::Closed { generation });
    Tale::over().hides(noticed, SHUTDOWN, Reply::NoOp, &[], closed(Some(number(2))));
    Tale::over().shows(SHUTDOWN, Reply::NoOp, &[], closed(Some(number(1))));
}

#[test]
fn draining_may_begin_without_a_word() {
    let mut tale = Tale::live();
    tale.shows(Input::Timeout, Reply::Applied, &[], seen_draining(1, Step::Finish, 1));
    tale.breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(2, 1), &[]);
}

#[test]
fn draining_of_another_generation_is_not_this_one() {
    Tale::live().hides(
        Invariant::ConnectEndsOnce,
        Input::Timeout,
        Reply::Applied,
        &[],
        seen_draining(2, Step::Finish, 1),
    );
}

#[test]
fn as_many_wait_as_tickets_are_pending() {
    for waiting in [0, 2] {
        let view = seen_connecting(1, waiting);
        Tale::new().hides(Invariant::TicketEndsOnce, Input::Acquire, waits(1), &[connect(1)], view);
    }
}

#[test]
fn as_many_orphans_are_seen_as_have_not_ended() {
    let one = seen_idle().but(|view| view.orphans = 1);
    let orphaned = || Tale::orphaned(Config::default());
    orphaned().shows(Input::Timeout, Reply::Applied, &[], one);
    orphaned().hides(Invariant::OrphansBounded, Input::Timeout, Reply::Applied, &[], seen_idle());
    orphaned().hides(Invariant::OrphansBounded, end(1), Reply::Applied, &[], one);
    orphaned().shows(end(1), Reply::Applied, &[], seen_idle());
}

#[test]
fn a_count_of_orphans_that_is_wrong_names_those_there_are() {
    let mut tale = Tale::orphaned(Config::default());
    let output = tenure::Output::new(Reply::Applied, Vec::new());
    let seen = tale.checker.step(tale.now, &Input::Timeout, &output, Some(&seen_idle())).unwrap_err().seen;
    assert_eq!(seen, "0 orphans, but g1 have not ended");
}

#[test]
fn as_many_leases_are_counted_as_are_held() {
    for held in [0, 2] {
        Tale::live().hides(Invariant::LeasesCounted, Input::Timeout, Reply::Applied, &[], seen_live(1, held));
    }
    let mut tale = Tale::live();
    tale.shows(Input::Acquire, granted(2, 1), &[], seen_live(1, 2));
    tale.shows(release(1), Reply::Applied, &[], seen_live(1, 1));
    tale.hides(
        Invariant::LeasesCounted,
        Input::Timeout,
        Reply::Applied,
        &[],
        seen_draining(1, Step::Finish, 2),
    );
    Tale::stopping().hides(
        Invariant::LeasesCounted,
        Input::Timeout,
        Reply::Applied,
        &[],
        seen_draining(1, Step::Stop, 1),
    );
}

#[test]
fn leases_of_an_earlier_life_are_not_counted() {
    let mut tale = Tale::over();
    tale.shows(Input::Acquire, waits(2), &[connect(2)], seen_connecting(2, 1));
    tale.shows(ready(2), Reply::Applied, &[grant(2, 2, 2)], seen_live(2, 1));
}

#[test]
fn no_more_wait_than_may() {
    let mut tale = Tale::with(Config::default().max_waiting(cap(2)));
    tale.shows(Input::Acquire, waits(1), &[connect(1)], seen_connecting(1, 1));
    tale.shows(Input::Acquire, waits(2), &[], seen_connecting(1, 2));
    tale.hides(Invariant::BoundsHold, Input::Acquire, waits(3), &[], seen_connecting(1, 3));
}

#[test]
fn no_more_attempts_fail_than_are_made() {
    let failed = |failed| seen_connecting(1, 1).but(|view| view.failed = failed);
    let retry = Config::default().retry(Some(Retry::default().attempts(cap(3))));
    for fine in 0..3 {
        Tale::with(retry.clone()).shows(Input::Acquire, waits(1), &[connect(1)], failed(fine));
    }
    for (config, many) in [(retry.clone(), 3), (retry, 4), (Config::default(), 1)] {
        let mut tale = Tale::with(config);
        tale.hides(Invariant::BoundsHold, Input::Acquire, waits(1), &[connect(1)], failed(many));
    }
}

#[test]
fn nobody_connects_for_nobody() {
    let mut tale = Tale::connecting();
    tale.hides(Invariant::SomebodyWants, cancel(1), Reply::Applied, &[], seen_connecting(1, 0));
}

#[test]
fn nobody_finishes_for_nobody() {
    let mut tale = Tale::live();
    let view = seen_draining(1, Step::Finish, 0);
    tale.hides(Invariant::SomebodyWants, release(1), Reply::Applied, &[], view);
}

#[test]
fn an_unused_session_stays_only_if_it_is_kept_or_wanted() {
    let unused = |keep_alive| {
        let tale = Tale::with(Config::default().keep_alive(keep_alive));
        tale.then_live()
    };
    let (input, said) = (release(1), Reply::Applied);
    unused(KeepAlive::Always).shows(input, said, &[], seen_live(1, 0));
    unused(KeepAlive::For(Duration::from_secs(1))).shows(input, said, &[], seen_live(1, 0));
    unused(KeepAlive::Never).hides(Invariant::SomebodyWants, input, said, &[], seen_live(1, 0));
    let mut wanted = unused(KeepAlive::Never);
    wanted.holds(Input::Acquire, waits(2), &[]);
    wanted.shows(input, said, &[], seen_live(1, 0).but(|view| view.waiting = 1));
}

#[test]
fn a_state_that_waits_for_somebody_has_a_deadline() {
    let never = |view: View| view.but(|view| view.wake = Wake::Never);
    let broken = Invariant::DeadlineArmed;
    let mut tale = Tale::new();
    tale.hides(broken, Input::Acquire, waits(1), &[connect(1)], never(seen_connecting(1, 1)));
    let view = never(seen_draining(1, Step::Stop, 0));
    Tale::stopping().hides(broken, CLOSE, Reply::NoOp, &[], view);
    let idle = never(seen_idle()).but(|view| view.waiting = 1);
    Tale::new().hides(broken, Input::Acquire, waits(1), &[], idle);
    Tale::new().shows(Input::Acquire, waits(1), &[], idle.but(|view| view.wake = wake_at(1)));
}

#[test]
fn a_state_that_waits_for_nobody_needs_no_deadline() {
    let never = |view: View| view.but(|view| view.wake = Wake::Never);
    Tale::new().shows(Input::Timeout, Reply::NoOp, &[], never(seen_idle()));
    Tale::live().shows(Input::Timeout, Reply::Applied, &[], never(seen_live(1, 1)));
}

#[test]
fn a_timeout_leaves_nothing_due() {
    let left = |wake| seen_live(1, 1).but(|view| view.wake = wake);
    let now = Time::from_nanos(5);
    for (wake, fine) in [(wake_at(4), false), (wake_at(5), false), (wake_at(6), true), (Wake::Never, true)] {
        let mut tale = Tale::live();
        tale.now = now;
        if fine {
            tale.shows(Input::Timeout, Reply::Applied, &[], left(wake));
        } else {
            tale.hides(Invariant::NothingSpins, Input::Timeout, Reply::Applied, &[], left(wake));
        }
    }
    let armed = left(Wake::Now(DeadlineKind::Stop));
    Tale::live().hides(Invariant::NothingSpins, Input::Timeout, Reply::Applied, &[], armed);
}

#[test]
fn any_other_input_may_leave_a_deadline_that_is_due_or_waits_for_its_stamp() {
    for wake in [Wake::Now(DeadlineKind::Stop), wake_at(0)] {
        let cause = Cause::Closed;
        let generation = number(1);
        let status = Status::Draining { generation, step: Step::Stop, cause, held: 0, closing: false };
        Tale::live().shows(
            CLOSE,
            closing(1),
            &[revoke(1), stop(1)],
            seen(status).but(|view| view.wake = wake),
        );
    }
}
