//! The state as a stream: the latest, and no change goes unnoticed.

use std::task::{Context, Poll};

use futures_lite::StreamExt as _;
use tenure::{Config, KeepAlive, Mode, Status};
use tenure_kit::{Gate, Plan};

use crate::rig::{Alarm, Rig, Task};

#[test]
fn a_slow_reader_skips_and_sees_the_latest() {
    let opening = Gate::new();
    let mut rig = Rig::new([Plan::new().opening(&opening)]);
    let mut states = rig.client.states();
    assert!(matches!(Task::new(states.next()).done(), Some(Status::Idle { last: None, .. })));
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    rig.run();
    opening.open();
    rig.run();
    let lease = acquire.done().unwrap();
    let seen = Task::new(states.next()).done();
    assert!(matches!(seen, Some(Status::Live { held: 1, .. })), "connecting was skipped: {seen:?}");
    drop(lease);
}

#[test]
fn each_change_wakes_who_waits_for_one_and_nothing_else_does() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    let mut states = rig.client.states();
    Task::new(states.next()).done();
    let mut next = Task::new(states.next());
    next.assert_waits();
    rig.driver.assert_waits();
    assert!(!next.alarm.take(), "nothing has changed");
    drop(rig.client.close(Mode::Graceful));
    assert!(next.alarm.take());
    assert!(matches!(next.done(), Some(Status::Draining { held: 1, .. })));
    drop(lease);
}

#[test]
fn a_lease_that_comes_or_goes_wakes_who_watches_leases_and_nobody_else() {
    let mut rig = Rig::new([]);
    let held = rig.lease();
    let (mut states, mut moves) = (rig.client.states(), rig.client.states().without_leases());
    Task::new(states.next()).done();
    Task::new(moves.next()).done();
    let mut other = Task::new(moves.next());
    other.assert_waits();
    drop(rig.lease());
    assert!(!other.alarm.take(), "nobody watches leases");
    assert!(
        matches!(Task::new(states.next()).done(), Some(Status::Live { held: 1, .. })),
        "it came and went"
    );
    let mut next = Task::new(states.next());
    next.assert_waits();
    let lease = rig.lease();
    assert!(next.alarm.take());
    assert!(matches!(next.done(), Some(Status::Live { held: 2, .. })));
    let mut next = Task::new(states.next());
    next.assert_waits();
    drop(lease);
    assert!(next.alarm.take());
    assert!(matches!(next.done(), Some(Status::Live { held: 1, .. })));
    drop(held);
}

#[test]
fn the_last_state_is_closed_and_then_it_ends() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    let mut states = rig.client.states();
    Task::new(states.next()).done();
    drop(rig.client.shutdown(Mode::Force));
    assert!(rig.run());
    assert!(matches!(Task::new(states.next()).done(), Some(Status::Closed { .. })));
    assert_eq!(Task::new(states.next()).poll(), Poll::Ready(None));
    assert_eq!(Task::new(states.next()).poll(), Poll::Ready(None));
    drop(lease);
}

#[test]
fn a_dropped_driver_is_a_change_too() {
    let rig = Rig::new([]);
    let mut states = rig.client.states();
    Task::new(states.next()).done();
    let mut next = Task::new(states.next());
    next.assert_waits();
    drop(rig.driver);
    assert!(next.alarm.take());
    assert!(matches!(next.done(), Some(Status::Closed { .. })));
}

/// Takes what a stream has, and leaves this waker with it.
fn take_ready<S: futures_lite::Stream + Unpin>(stream: &mut S, waker: &std::task::Waker) {
    while stream.poll_next(&mut Context::from_waker(waker)).is_ready() {}
}

/// A session whose leases come and go, and how often who watches its states is woken each time.
fn wakes_at_leases(without_leases: bool) -> Vec<usize> {
    let keep_alive = KeepAlive::For(std::time::Duration::from_secs(60));
    let mut rig = Rig::with(Config::default().keep_alive(keep_alive), []);
    drop(rig.lease());
    rig.run();
    let states = rig.client.states();
    let mut states = if without_leases { states.without_leases() } else { states };
    let (alarm, waker) = Alarm::new();
    let mut held = Vec::new();
    (0..6)
        .map(|n| {
            take_ready(&mut states, &waker);
            let before = alarm.wakes();
            if n < 3 {
                held.push(rig.lease());
            } else {
                drop(held.pop());
            }
            rig.run();
            alarm.wakes() - before
        })
        .collect()
}

#[test]
fn who_watches_leases_is_woken_when_they_come_and_go_and_who_watches_transitions_is_not() {
    assert_eq!(wakes_at_leases(false), [1; 6]);
    assert_eq!(wakes_at_leases(true), [0; 6]);
}

#[test]
fn leases_that_another_watches_are_no_transitions() {
    let mut rig = Rig::with(Config::default().keep_alive(KeepAlive::Always), []);
    let mut held = vec![rig.lease()];
    let (mut leases, mut moves) = (rig.client.states(), rig.client.states().without_leases());
    let (_, waker) = Alarm::new();
    take_ready(&mut moves, &waker);
    for _ in 0..3 {
        take_ready(&mut leases, &waker);
        held.push(rig.lease());
        assert!(moves.poll_next(&mut Context::from_waker(&waker)).is_pending());
    }
}

#[test]
fn leases_given_back_while_it_drains_are_no_transitions() {
    let mut rig = Rig::new([]);
    let mut held = vec![rig.lease(), rig.lease(), rig.lease()];
    drop(rig.client.close(Mode::Graceful));
    rig.run();
    let (mut leases, mut moves) = (rig.client.states(), rig.client.states().without_leases());
    let (_, waker) = Alarm::new();
    take_ready(&mut moves, &waker);
    for _ in 0..2 {
        take_ready(&mut leases, &waker);
        held.pop();
        assert!(leases.poll_next(&mut Context::from_waker(&waker)).is_ready());
        assert!(moves.poll_next(&mut Context::from_waker(&waker)).is_pending());
    }
    held.pop();
    assert!(moves.poll_next(&mut Context::from_waker(&waker)).is_ready(), "it is at its next step");
}
