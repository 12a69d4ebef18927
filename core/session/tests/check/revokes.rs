//! Revokes: exactly one for each generation that was live, before anything is told to its runner.

use tenure::check::Invariant;
use tenure::{Input, Reply};

use crate::tale::{CLOSE, Tale, abort, closing, discard, end, ended, ready, revoke, stop};

#[test]
fn what_was_live_is_revoked_before_its_runner_is_told() {
    for told in [stop(1), abort(1), discard(1)] {
        Tale::live().breaks(Invariant::RevokedOnce, CLOSE, closing(1), std::slice::from_ref(&told));
        Tale::live().holds(CLOSE, closing(1), &[revoke(1), told]);
    }
}

#[test]
fn what_was_live_is_revoked_before_it_has_ended() {
    Tale::live().breaks(Invariant::RevokedOnce, end(1), Reply::Applied, &[ended(1)]);
    Tale::live().holds(end(1), Reply::Applied, &[revoke(1), ended(1)]);
}

#[test]
fn what_was_never_live_is_not_revoked() {
    Tale::connecting().breaks(Invariant::RevokedOnce, CLOSE, closing(1), &[revoke(1)]);
    Tale::connecting().holds(CLOSE, closing(1), &[stop(1)]);
    Tale::connecting().holds(end(1), Reply::Applied, &[ended(1)]);
    let mut tale = Tale::connecting();
    tale.holds(CLOSE, closing(1), &[stop(1)]);
    tale.holds(ready(1), Reply::NoOp, &[]);
    tale.breaks(Invariant::RevokedOnce, Input::Timeout, Reply::Applied, &[revoke(1)]);
}

#[test]
fn a_revoke_comes_once() {
    Tale::live().breaks(Invariant::RevokedOnce, CLOSE, closing(1), &[revoke(1), revoke(1)]);
    Tale::stopping().breaks(Invariant::RevokedOnce, Input::Timeout, Reply::Applied, &[revoke(1)]);
    Tale::over().breaks(Invariant::RevokedOnce, Input::Timeout, Reply::Applied, &[revoke(1)]);
}
