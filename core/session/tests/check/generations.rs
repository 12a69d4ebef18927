//! Generations: one after the other, each told to end at most once for each step, each ended once.

use tenure::check::Invariant;
use tenure::{Closing, Config, Input, Mode, Outcome, Reply, Step};

use crate::tale::{
    CLOSE, Tale, abort, cap, closing, connect, discard, done, end, ended, grant, probe, ready, reject,
    revoke, seen_draining, stop, waits,
};

#[test]
fn the_first_generation_is_number_one() {
    Tale::new().breaks(Invariant::GenerationsGrow, Input::Acquire, waits(1), &[connect(2)]);
}

#[test]
fn the_next_generation_comes_after_the_end_and_is_the_next() {
    Tale::over().holds(Input::Acquire, waits(2), &[connect(2)]);
    for wrong in [1, 3] {
        Tale::over().breaks(Invariant::GenerationsGrow, Input::Acquire, waits(2), &[connect(wrong)]);
    }
    Tale::stopping().breaks(Invariant::GenerationsGrow, Input::Acquire, waits(2), &[connect(2)]);
}

#[test]
fn after_a_shutdown_there_is_no_connect() {
    let mut tale = Tale::new();
    let done = Reply::Closing(Closing::new(Outcome::Applied, None));
    tale.holds(Input::Shutdown { mode: Mode::Force }, done, &[]);
    tale.breaks(Invariant::NoConnectAfterShutdown, Input::Acquire, waits(1), &[connect(1)]);
    let mut tale = Tale::new();
    tale.holds(CLOSE, done, &[]);
    tale.holds(Input::Acquire, waits(1), &[connect(1)]);
}

#[test]
fn the_runner_is_told_each_step_once_and_in_order() {
    let mut tale = Tale::connecting();
    tale.holds(CLOSE, closing(1), &[reject(1), stop(1)]);
    tale.holds(Input::Timeout, Reply::Applied, &[abort(1)]);
    tale.holds(Input::Timeout, Reply::Applied, &[discard(1)]);
    tale.breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[discard(1)]);
    Tale::stopping().breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[stop(1)]);
    Tale::stopping().holds(Input::Timeout, Reply::Applied, &[discard(1)]);
    let mut tale = Tale::stopping();
    tale.holds(Input::Timeout, Reply::Applied, &[abort(1)]);
    tale.breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[stop(1)]);
}

#[test]
fn nothing_is_told_to_a_runner_that_is_over() {
    let over = || {
        let mut tale = Tale::live();
        tale.holds(end(1), Reply::Applied, &[revoke(1), ended(1)]);
        tale
    };
    for action in [stop(1), abort(1), discard(1), ended(1), probe(1)] {
        over().breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[action]);
    }
}

#[test]
fn nothing_is_told_to_a_runner_that_never_was() {
    for action in [stop(2), abort(2), discard(2), ended(2), revoke(2), probe(2)] {
        Tale::live().breaks(
            Invariant::ConnectEndsOnce,
            Input::Timeout,
            Reply::Applied,
            std::slice::from_ref(&action),
        );
        Tale::new().breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[action]);
    }
}

#[test]
fn a_probe_is_sent_only_while_live() {
    Tale::live().holds(Input::Timeout, Reply::Applied, &[probe(1)]);
    Tale::connecting().breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[probe(1)]);
    Tale::stopping().breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[probe(1)]);
}

#[test]
fn a_generation_whose_end_is_confirmed_ends_once() {
    let mut tale = Tale::over();
    tale.holds(end(1), Reply::Stale, &[]);
    tale.breaks(Invariant::OrphansBounded, end(1), Reply::Applied, &[]);
}

#[test]
fn an_orphan_ends_once_too() {
    let mut tale = Tale::orphaned(Config::default());
    tale.holds(end(1), Reply::Applied, &[]);
    tale.holds(end(1), Reply::Stale, &[]);
    tale.breaks(Invariant::OrphansBounded, end(1), Reply::Applied, &[]);
}

#[test]
fn the_end_of_one_that_never_was_is_not_applied() {
    Tale::live().breaks(Invariant::OrphansBounded, end(2), Reply::Applied, &[]);
    Tale::live().holds(end(2), Reply::Stale, &[]);
}

#[test]
fn a_connect_needs_a_free_place_for_an_orphan() {
    let one = || Tale::orphaned(Config::default().max_orphans(cap(1)));
    one().breaks(Invariant::OrphansBounded, Input::Acquire, waits(2), &[connect(2)]);
    let mut tale = one();
    tale.holds(end(1), Reply::Applied, &[]);
    tale.holds(Input::Acquire, waits(2), &[connect(2)]);
    Tale::orphaned(Config::default().max_orphans(cap(2))).holds(Input::Acquire, waits(2), &[connect(2)]);
}

#[test]
fn at_each_step_its_runner_was_told() {
    let at = |step| seen_draining(1, step, 0);
    let (told, now) = (Invariant::ConnectEndsOnce, Reply::Applied);
    Tale::live().hides(told, CLOSE, closing(1), &[revoke(1)], at(Step::Stop));
    Tale::live().hides(told, CLOSE, closing(1), &[revoke(1), stop(1)], at(Step::Abort));
    Tale::live().shows(CLOSE, closing(1), &[revoke(1), abort(1)], at(Step::Abort));
    for step in [Step::Abort, Step::Discard] {
        Tale::stopping().hides(told, Input::Timeout, now, &[], at(step));
    }
    Tale::stopping().hides(told, Input::Timeout, now, &[abort(1)], at(Step::Discard));
    Tale::stopping().shows(Input::Timeout, now, &[discard(1)], at(Step::Discard));
}

#[test]
fn before_any_step_that_is_told_its_leases_are_revoked() {
    let mut tale = Tale::live();
    tale.hides(Invariant::RevokedOnce, CLOSE, closing(1), &[], seen_draining(1, Step::Stop, 1));
    let mut tale = Tale::live();
    tale.shows(CLOSE, closing(1), &[], seen_draining(1, Step::Finish, 1));
}

#[test]
fn a_runner_is_given_up_only_when_it_was_told() {
    let (told, now) = (Invariant::ConnectEndsOnce, Reply::Applied);
    Tale::stopping().breaks(told, Input::Timeout, now, &[ended(1)]);
    Tale::stopping().breaks(told, Input::Timeout, now, &[abort(1), ended(1)]);
    Tale::stopping().holds(Input::Timeout, now, &[discard(1), ended(1)]);
}

#[test]
fn a_runner_that_is_done_is_told_nothing_more() {
    let now = Reply::Applied;
    let mut tale = Tale::stopping();
    tale.shows(done(1), now, &[], seen_draining(1, Step::Discard, 0));
    tale.holds(Input::Timeout, now, &[ended(1)]);
    // One that says so is meant, and only if it says something new.
    let told = Invariant::ConnectEndsOnce;
    Tale::stopping().hides(told, done(2), now, &[], seen_draining(1, Step::Discard, 0));
    let mut tale = Tale::stopping();
    tale.holds(done(1), Reply::Stale, &[]);
    tale.breaks(told, Input::Timeout, now, &[ended(1)]);
}

#[test]
fn a_runner_that_is_done_is_never_ready() {
    let mut tale = Tale::connecting();
    tale.holds(done(1), Reply::Applied, &[]);
    tale.breaks(Invariant::GrantOnlyLive, ready(1), Reply::Applied, &[grant(1, 1, 1)]);
}
