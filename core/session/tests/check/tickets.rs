//! Tickets: each ends once, and in order.

use tenure::check::Invariant;
use tenure::{Input, Reply};

use crate::tale::{CLOSE, Tale, cancel, closing, connect, grant, ready, reject, revoke, stop, waits};

#[test]
fn a_ticket_is_given_once() {
    for again in [1, 0] {
        Tale::connecting().breaks(Invariant::TicketEndsOnce, Input::Acquire, waits(again), &[]);
    }
    let mut tale = Tale::connecting();
    tale.holds(Input::Acquire, waits(2), &[]);
    assert_eq!(tale.checker.waiting(), 2);
}

#[test]
fn who_waits_can_cancel_once() {
    let mut tale = Tale::connecting();
    tale.holds(Input::Acquire, waits(2), &[]);
    tale.holds(cancel(2), Reply::Applied, &[]);
    assert_eq!(tale.checker.waiting(), 1);
    tale.holds(cancel(2), Reply::Stale, &[]);
    tale.breaks(Invariant::TicketEndsOnce, cancel(2), Reply::Applied, &[]);
}

#[test]
fn a_cancel_of_who_waits_is_never_stale() {
    Tale::connecting().breaks(Invariant::TicketEndsOnce, cancel(1), Reply::Stale, &[]);
}

#[test]
fn a_cancel_takes_out_its_own_ticket_alone() {
    let mut tale = Tale::connecting();
    tale.holds(Input::Acquire, waits(2), &[]);
    tale.holds(cancel(2), Reply::Applied, &[]);
    tale.holds(ready(1), Reply::Applied, &[grant(1, 1, 1)]);
}

#[test]
fn who_does_not_wait_is_not_granted() {
    Tale::connecting().breaks(Invariant::TicketEndsOnce, ready(1), Reply::Applied, &[grant(2, 1, 1)]);
    let mut tale = Tale::live();
    tale.breaks(Invariant::TicketEndsOnce, Input::Timeout, Reply::Applied, &[grant(1, 2, 1)]);
}

#[test]
fn who_does_not_wait_is_not_rejected() {
    Tale::connecting().breaks(Invariant::TicketEndsOnce, CLOSE, closing(1), &[reject(2), stop(1)]);
    let mut tale = Tale::live();
    tale.breaks(Invariant::TicketEndsOnce, CLOSE, closing(1), &[reject(1), revoke(1), stop(1)]);
    Tale::connecting().holds(CLOSE, closing(1), &[reject(1), stop(1)]);
}

#[test]
fn grants_come_in_the_order_of_the_tickets() {
    let mut tale = Tale::connecting();
    tale.holds(Input::Acquire, waits(2), &[]);
    tale.breaks(Invariant::ServedInOrder, ready(1), Reply::Applied, &[grant(2, 1, 1), grant(1, 2, 1)]);
    let mut tale = Tale::connecting();
    tale.holds(Input::Acquire, waits(2), &[]);
    tale.holds(ready(1), Reply::Applied, &[grant(1, 1, 1), grant(2, 2, 1)]);
}

#[test]
fn what_is_not_a_change_wants_nothing_done() {
    for reply in [Reply::Stale, Reply::NoOp, Reply::Refused(tenure::Refusal::NotLive)] {
        Tale::new().holds(Input::TryAcquire, reply, &[]);
        Tale::new().breaks(Invariant::NothingFromNothing, Input::TryAcquire, reply, &[connect(1)]);
    }
}
