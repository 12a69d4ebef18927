//! The state as a stream: the latest, and no change goes unnoticed.

use std::task::Poll;

use futures_lite::StreamExt as _;
use tenure::{Mode, Status};
use tenure_kit::{Gate, Plan};

use crate::rig::{Rig, Task};

#[test]
fn a_slow_reader_skips_and_sees_the_latest() {
    let opening = Gate::new();
    let mut rig = Rig::new([Plan::new().opening(&opening)]);
    let mut states = rig.client.states();
    assert!(matches!(Task::new(states.next()).done(), Some(Status::Idle { last: None, .. })));
    let mut acquire = Task::new(rig.client.acquire());
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
