//! A checker that begins in the middle knows what one that was there from the first input knows.

use std::time::Duration;

use tenure::check::Invariant;
use tenure::{Config, Exit, ExitKind, Input, KeepAlive, Mode, Reply, Retry, Script, Time};

use crate::tale::{
    CLOSE, Tale, abort, cancel, cap, closing, connect, discard, end, ended, grant, granted, number, probe,
    ready, release, revoke, seen_idle, seen_live, stop, waits,
};

fn told(config: Config, inputs: &[Input]) -> Script {
    let mut script = Script::new(config);
    for input in inputs {
        assert!(script.apply(Time::ZERO, *input).reply.is_change(), "{input:?}");
    }
    script
}

fn now(inputs: &[Input]) -> Tale {
    Tale::resume(&told(Config::default(), inputs))
}

const GRACEFUL: Input = Input::Close { mode: Mode::Graceful };

fn live() -> [Input; 2] {
    [Input::Acquire, ready(1)]
}

fn then(last: Input) -> [Input; 3] {
    let [acquire, ready] = live();
    [acquire, ready, last]
}

#[test]
fn it_goes_on_from_every_state() {
    now(&[]).holds(Input::Acquire, waits(1), &[connect(1)]);
    now(&[Input::Acquire]).holds(ready(1), Reply::Applied, &[grant(1, 1, 1)]);
    now(&live()).holds(Input::Acquire, granted(2, 1), &[]);
    now(&live()).holds(release(1), Reply::Applied, &[revoke(1), stop(1)]);
    now(&then(GRACEFUL)).holds(release(1), Reply::Applied, &[revoke(1), stop(1)]);
    now(&then(CLOSE)).holds(Input::Timeout, Reply::Applied, &[abort(1)]);
    now(&then(CLOSE)).holds(end(1), Reply::Applied, &[ended(1)]);
    now(&then(end(1))).holds(Input::Acquire, waits(2), &[connect(2)]);
}

#[test]
fn what_was_live_is_still_to_be_revoked() {
    for inputs in [&live()[..], &then(GRACEFUL)] {
        now(inputs).breaks(Invariant::RevokedOnce, Input::Timeout, Reply::Applied, &[stop(1)]);
        now(inputs).breaks(Invariant::RevokedOnce, end(1), Reply::Applied, &[ended(1)]);
    }
    now(&[Input::Acquire]).breaks(Invariant::RevokedOnce, Input::Timeout, Reply::Applied, &[revoke(1)]);
}

#[test]
fn what_was_revoked_is_not_revoked_again() {
    for inputs in [then(CLOSE), then(end(1))] {
        now(&inputs).breaks(Invariant::RevokedOnce, Input::Timeout, Reply::Applied, &[revoke(1)]);
        now(&inputs).holds(release(1), Reply::Stale, &[]);
        now(&inputs).breaks(Invariant::LeasesCounted, release(1), Reply::Applied, &[]);
    }
}

#[test]
fn what_drains_does_not_become_live() {
    for last in [GRACEFUL, CLOSE, end(1)] {
        let mut tale = now(&then(last));
        tale.holds(ready(1), Reply::Applied, &[]);
        tale.breaks(Invariant::GrantOnlyLive, Input::Acquire, granted(2, 1), &[]);
        now(&then(last)).breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[probe(1)]);
    }
}

#[test]
fn the_step_that_was_told_is_not_told_again() {
    let told = [(Mode::Force, vec![stop(1)]), (Mode::Abort, vec![stop(1), abort(1)])];
    for (mode, again) in told {
        for action in again {
            let mut tale = now(&then(Input::Close { mode }));
            tale.breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[action]);
        }
        now(&then(Input::Close { mode })).holds(Input::Timeout, Reply::Applied, &[discard(1)]);
    }
}

#[test]
fn what_ended_does_not_end_again() {
    now(&then(end(1))).breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[ended(1)]);
    now(&then(end(1))).breaks(Invariant::ConnectEndsOnce, Input::Timeout, Reply::Applied, &[stop(1)]);
    now(&then(end(1))).breaks(Invariant::OrphansBounded, end(1), Reply::Applied, &[]);
    now(&then(CLOSE)).breaks(Invariant::GenerationsGrow, Input::Acquire, waits(2), &[connect(2)]);
}

#[test]
fn a_shutdown_is_remembered_while_draining_and_after() {
    let shutdown = Input::Shutdown { mode: Mode::Force };
    let [acquire, ready, last] = then(shutdown);
    let mut draining = now(&[acquire, ready, last]);
    draining.breaks(Invariant::NoConnectAfterShutdown, end(1), Reply::Applied, &[ended(1), connect(2)]);
    let mut closed = now(&[acquire, ready, last, end(1)]);
    closed.breaks(Invariant::NoConnectAfterShutdown, Input::Acquire, waits(2), &[connect(2)]);
    now(&then(CLOSE)).holds(end(1), Reply::Applied, &[ended(1), connect(2)]);
}

#[test]
fn tickets_leases_and_orphans_are_remembered() {
    let mut tale = now(&[Input::Acquire, Input::Acquire]);
    assert_eq!(tale.checker.waiting(), 2);
    tale.breaks(Invariant::TicketEndsOnce, Input::Acquire, waits(2), &[]);
    now(&[Input::Acquire, Input::Acquire]).holds(cancel(2), Reply::Applied, &[]);

    now(&live()).breaks(Invariant::LeasesCounted, Input::Acquire, granted(1, 1), &[]);
    now(&live()).shows(Input::Acquire, granted(2, 1), &[], seen_live(1, 2));

    let none = Duration::ZERO;
    let config = Config::default().keep_alive(KeepAlive::Never).max_orphans(cap(1));
    let config = config.stop_timeout(none).abort_timeout(none).discard_timeout(none);
    let orphaned = told(config, &[Input::Acquire, ready(1), release(1), Input::Timeout]);
    assert_eq!(orphaned.session().orphans(), [number(1)]);
    Tale::resume(&orphaned).holds(end(1), Reply::Applied, &[]);
    Tale::resume(&orphaned).hides(Invariant::OrphansBounded, Input::Timeout, Reply::NoOp, &[], seen_idle());
    Tale::resume(&orphaned).breaks(Invariant::OrphansBounded, Input::Acquire, waits(2), &[connect(2)]);
}

#[test]
fn attempts_that_failed_are_remembered() {
    let mut connecting = now(&[Input::Acquire]);
    connecting.holds(end(1), Reply::Applied, &[ended(1)]);
    connecting.breaks(Invariant::BoundsHold, Input::Timeout, Reply::Applied, &[connect(2)]);

    let retry = Retry::default().attempts(cap(2));
    let exit = Exit::new(ExitKind::Failed, true);
    let failed = Input::RunnerEnded { generation: number(1), exit };
    let script = told(Config::default().retry(Some(retry)), &[Input::Acquire, failed]);
    let mut backoff = Tale::resume(&script);
    backoff.holds(Input::Timeout, Reply::Applied, &[connect(2)]);
    backoff.holds(end(2), Reply::Applied, &[ended(2)]);
    backoff.breaks(Invariant::BoundsHold, Input::Timeout, Reply::Applied, &[connect(3)]);
}

#[test]
fn the_rest_of_a_life_from_anywhere_is_followed() {
    let mut tale = now(&[Input::Acquire]);
    tale.holds(ready(1), Reply::Applied, &[grant(1, 1, 1)]);
    tale.holds(CLOSE, closing(1), &[revoke(1), stop(1)]);
    tale.holds(end(1), Reply::Applied, &[ended(1)]);
    let exit = Exit::FINISHED;
    let done = Input::RunnerDone { generation: number(1), exit };
    tale.holds(done, Reply::Stale, &[]);
}
