//! Leases: granted only while live, counted until they are revoked.

use tenure::check::Invariant;
use tenure::{Input, Mode, Reply};

use crate::tale::{
    CLOSE, Tale, closing, connect, end, ended, granted, ready, release, retiring, revoke, stop, waits,
};

#[test]
fn a_lease_is_granted_while_live() {
    let mut tale = Tale::live();
    tale.holds(Input::Acquire, granted(2, 1), &[]);
    tale.holds(release(1), Reply::Applied, &[]);
    tale.holds(release(2), Reply::Applied, &[]);
}

#[test]
fn a_lease_is_not_granted_before_ready() {
    Tale::connecting().breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(1, 1), &[]);
    Tale::new().breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(1, 1), &[]);
}

#[test]
fn a_lease_is_of_the_live_generation() {
    Tale::live().breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(2, 2), &[]);
}

#[test]
fn a_ready_that_was_not_applied_makes_nothing_live() {
    for reply in [Reply::Stale, Reply::NoOp] {
        let mut tale = Tale::connecting();
        tale.holds(ready(1), reply, &[]);
        tale.breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(1, 1), &[]);
    }
}

#[test]
fn a_ready_of_another_generation_makes_nothing_live() {
    let mut tale = Tale::connecting();
    tale.holds(ready(2), Reply::Applied, &[]);
    tale.breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(1, 1), &[]);
}

#[test]
fn from_a_close_on_nothing_is_granted() {
    let mut tale = Tale::live();
    tale.holds(Input::Close { mode: Mode::Graceful }, closing(1), &[]);
    tale.breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(2, 1), &[]);
}

#[test]
fn from_the_moment_that_a_runner_retires_nothing_is_granted() {
    let mut tale = Tale::live();
    tale.holds(retiring(1), Reply::Applied, &[]);
    tale.holds(release(1), Reply::Applied, &[]);
    tale.breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(2, 1), &[]);
}

#[test]
fn a_runner_that_is_not_heard_or_is_of_another_generation_does_not_retire_the_session() {
    for (retiring, reply) in
        [(retiring(1), Reply::NoOp), (retiring(1), Reply::Stale), (retiring(2), Reply::Applied)]
    {
        let mut tale = Tale::live();
        tale.holds(retiring, reply, &[]);
        tale.holds(Input::Acquire, granted(2, 1), &[]);
    }
}

#[test]
fn a_ready_while_draining_brings_no_lease_back() {
    let mut tale = Tale::stopping();
    tale.holds(ready(1), Reply::Applied, &[]);
    tale.breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(2, 1), &[]);
}

#[test]
fn from_a_revoke_or_a_stop_on_nothing_is_granted() {
    let mut tale = Tale::live();
    tale.holds(Input::Timeout, Reply::Applied, &[revoke(1)]);
    tale.breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(2, 1), &[]);
    let mut tale = Tale::connecting();
    tale.holds(Input::Timeout, Reply::Applied, &[stop(1)]);
    tale.holds(ready(1), Reply::Applied, &[]);
    tale.breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(1, 1), &[]);
}

#[test]
fn a_lease_is_numbered_once() {
    for again in [1, 0] {
        Tale::live().breaks(Invariant::LeasesCounted, Input::Acquire, granted(again, 1), &[]);
    }
}

#[test]
fn a_lease_is_released_once() {
    let mut tale = Tale::live();
    tale.holds(release(1), Reply::Applied, &[]);
    tale.holds(release(1), Reply::Stale, &[]);
    tale.breaks(Invariant::LeasesCounted, release(1), Reply::Applied, &[]);
}

#[test]
fn a_release_of_what_is_held_is_never_stale() {
    Tale::live().breaks(Invariant::LeasesCounted, release(1), Reply::Stale, &[]);
}

#[test]
fn a_lease_counts_through_a_graceful_close_until_its_revoke() {
    let graceful = || {
        let mut tale = Tale::live();
        tale.holds(Input::Close { mode: Mode::Graceful }, closing(1), &[]);
        tale
    };
    graceful().holds(release(1), Reply::Applied, &[revoke(1), stop(1)]);
    graceful().breaks(Invariant::LeasesCounted, release(1), Reply::Stale, &[]);
}

#[test]
fn a_revoked_lease_is_stale() {
    Tale::stopping().holds(release(1), Reply::Stale, &[]);
    Tale::stopping().breaks(Invariant::LeasesCounted, release(1), Reply::Applied, &[]);
}

#[test]
fn a_lease_of_an_earlier_life_is_stale() {
    let next = || {
        let mut tale = Tale::live();
        tale.holds(CLOSE, closing(1), &[revoke(1), stop(1)]);
        tale.holds(Input::Acquire, waits(2), &[]);
        tale.holds(end(1), Reply::Applied, &[ended(1), connect(2)]);
        tale
    };
    next().holds(release(1), Reply::Stale, &[]);
    next().breaks(Invariant::LeasesCounted, release(1), Reply::Applied, &[]);
}
