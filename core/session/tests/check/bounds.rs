//! What is bounded, and how a violation is told.

use tenure::check::Invariant;
use tenure::{Config, Input, Reply, Retry, Time};

use crate::tale::{Tale, cap, connect, end, ended, probe, reject, stop, waits};

/// One life for each orphan there may be and two more, seven actions each.
const BESIDE_TICKETS: usize = (1 + 2) * 7;

#[test]
fn actions_are_bounded_by_the_tickets_and_a_constant() {
    let live = || Tale::with(Config::default().max_orphans(cap(1))).then_live();
    let probes = |number: usize| vec![probe(1); number];
    live().holds(Input::Timeout, Reply::Applied, &probes(BESIDE_TICKETS));
    for more in 1..3 {
        let actions = probes(BESIDE_TICKETS + more);
        live().breaks(Invariant::ActionsBounded, Input::Timeout, Reply::Applied, &actions);
    }
    let with_ticket = |number| [vec![reject(2)], probes(number)].concat();
    let mut tale = live();
    tale.holds(Input::Acquire, waits(2), &[]);
    tale.holds(Input::Timeout, Reply::Applied, &with_ticket(BESIDE_TICKETS));
    let mut tale = live();
    tale.holds(Input::Acquire, waits(2), &[]);
    let actions = with_ticket(BESIDE_TICKETS + 1);
    tale.breaks(Invariant::ActionsBounded, Input::Timeout, Reply::Applied, &actions);
}

#[test]
fn a_violation_says_after_which_input_what_was_seen() {
    let mut tale = Tale::live();
    let output = tenure::Output::new(Reply::Applied, vec![stop(1)]);
    let broken = tale.checker.step(Time::ZERO, &Input::Timeout, &output, None).unwrap_err();
    assert_eq!((broken.step, broken.invariant), (3, Invariant::RevokedOnce));
    assert_eq!(
        broken.to_string(),
        "input 3: generation 1: the leases were not revoked before: invariant 12 (revoke comes exactly once \
         for each generation that was Live, before its stop, abort, discard or ended)"
    );
}

#[test]
fn the_invariants_are_numbered_from_one() {
    let numbers: Vec<u8> = Invariant::ALL.iter().map(|invariant| invariant.number()).collect();
    assert_eq!(numbers, (1..=15).collect::<Vec<u8>>());
}

/// Generation `number` ends before it was ready; who waits is kept for the next attempt.
fn fails_and_goes_on(tale: &mut Tale, number: u64) {
    tale.holds(end(number), Reply::Applied, &[ended(number)]);
    tale.holds(Input::Timeout, Reply::Applied, &[connect(number + 1)]);
}

#[test]
fn a_caller_waits_through_no_more_attempts_than_are_made() {
    let attempts = |number| Config::default().retry(Some(Retry::default().attempts(cap(number))));
    for (config, last) in [(Config::default(), 1), (attempts(1), 1), (attempts(3), 3)] {
        let mut tale = Tale::with(config).then_connecting();
        for number in 1..last {
            fails_and_goes_on(&mut tale, number);
        }
        tale.holds(end(last), Reply::Applied, &[ended(last)]);
        tale.breaks(Invariant::BoundsHold, Input::Timeout, Reply::Applied, &[connect(last + 1)]);
    }
}

#[test]
fn who_joins_a_connect_that_fails_is_rejected_with_the_others() {
    let mut tale = Tale::connecting();
    tale.holds(Input::Acquire, waits(2), &[]);
    tale.holds(end(1), Reply::Applied, &[reject(1), ended(1)]);
    tale.breaks(Invariant::BoundsHold, Input::Timeout, Reply::Applied, &[connect(2)]);
}

#[test]
fn attempts_are_counted_for_each_caller_from_when_it_came() {
    let mut tale = Tale::stopping();
    tale.holds(Input::Acquire, waits(2), &[]);
    tale.holds(end(1), Reply::Applied, &[ended(1), connect(2)]);
    tale.holds(Input::Acquire, waits(3), &[]);
    tale.holds(end(2), Reply::Applied, &[reject(2), reject(3), ended(2)]);
    tale.holds(Input::Acquire, waits(4), &[connect(3)]);
    tale.holds(end(3), Reply::Applied, &[ended(3)]);
    tale.breaks(Invariant::BoundsHold, Input::Timeout, Reply::Applied, &[connect(4)]);
}
