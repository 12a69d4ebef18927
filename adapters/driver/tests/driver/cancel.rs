//! Futures that are dropped at each point.

use tenure::{Mode, Status};
use tenure_kit::{Event, Gate, Plan};

use crate::rig::{Rig, Task, call};

#[test]
fn an_acquire_that_was_never_polled_asks_for_nothing() {
    let mut rig = Rig::new([]);
    drop(rig.client.acquire());
    assert!(!rig.driver.alarm.take());
    assert_eq!(rig.peer.attempts(), 0);
    rig.run();
}

#[test]
fn an_acquire_dropped_before_the_driver_knows_leaves_nothing() {
    let mut rig = Rig::new([Plan::new().opening(&Gate::new())]);
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    drop(acquire);
    rig.run();
    assert_eq!(rig.peer.events_of(1), [Event::Started, Event::Stop, Event::Ended]);
    assert!(matches!(rig.client.state(), Status::Idle { .. }));
}

#[test]
fn an_acquire_dropped_while_connecting_stops_the_connect() {
    let mut rig = Rig::new([Plan::new().opening(&Gate::new())]);
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    rig.run();
    drop(acquire);
    rig.run();
    assert_eq!(rig.peer.events_of(1), [Event::Started, Event::Stop, Event::Ended]);
}

#[test]
fn a_grant_that_nobody_receives_is_released() {
    let mut rig = Rig::new([]);
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    rig.run();
    assert!(matches!(rig.client.state(), Status::Live { held: 1, .. }));
    drop(acquire);
    assert!(!matches!(rig.client.state(), Status::Live { .. }), "{:?}", rig.client.state());
    rig.run();
    assert_eq!(rig.peer.count(1, Event::Ended), 1);
}

#[test]
fn a_grant_that_nobody_receives_leaves_the_others_theirs() {
    let mut rig = Rig::new([]);
    let mut kept = Task::new(rig.client.acquire_owned());
    let mut dropped = Task::new(rig.client.acquire_owned());
    kept.assert_waits();
    dropped.assert_waits();
    rig.run();
    drop(dropped);
    let lease = kept.done().unwrap();
    assert!(lease.check().is_ok());
    assert!(matches!(rig.client.state(), Status::Live { held: 1, .. }));
}

#[test]
fn an_acquire_dropped_while_draining_leaves_the_others_their_place() {
    let unwinding = Gate::new();
    let mut rig = Rig::new([Plan::new().unwinding(&unwinding)]);
    let lease = rig.lease();
    drop(rig.client.close(Mode::Force));
    let mut kept = Task::new(rig.client.acquire_owned());
    let mut dropped = Task::new(rig.client.acquire_owned());
    kept.assert_waits();
    dropped.assert_waits();
    rig.run();
    drop(dropped);
    unwinding.open();
    rig.run();
    assert_eq!(kept.done().unwrap().generation().number(), 2);
    drop(lease);
}

#[test]
fn an_acquire_polled_after_its_end_waits() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    let mut acquire = Task::new(rig.client.acquire_owned());
    drop(acquire.done().unwrap());
    acquire.assert_waits();
    drop(lease);
}

#[test]
fn a_close_that_is_dropped_goes_on() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    drop(rig.client.close(Mode::Force));
    assert!(lease.check().is_err());
    rig.run();
    assert_eq!(rig.peer.count(1, Event::Ended), 1);
}

#[test]
fn a_call_that_is_dropped_is_cancelled_and_gives_its_lease_back() {
    let mut rig = Rig::new([]);
    let other = rig.lease();
    let mut pending = call(rig.lease(), 1);
    pending.assert_waits();
    assert_eq!(rig.peer.in_flight(), 1);
    drop(pending);
    assert_eq!(rig.peer.in_flight(), 0);
    assert!(matches!(rig.client.state(), Status::Live { held: 1, .. }));
    drop(other);
}

#[test]
fn a_driver_that_is_never_polled_keeps_everybody_waiting_until_it_is_dropped() {
    let (client, driver) = tenure_driver::Builder::new(tenure::Config::default())
        .build(tenure_kit::Scripted::default(), tenure_kit::VirtualClock::new());
    let (mut first, mut second) = (Task::new(client.acquire()), Task::new(client.acquire()));
    first.assert_waits();
    second.assert_waits();
    let mut closing = Task::new(client.close(Mode::Force));
    assert!(first.done().is_err(), "a close acts at once all the same");
    assert!(second.done().is_err());
    closing.assert_waits();
    let mut third = Task::new(client.acquire());
    third.assert_waits();
    drop(driver);
    assert!(third.done().unwrap_err().to_string().contains("the driver was dropped"));
    closing.done();
    assert!(Task::new(client.acquire()).done().is_err());
}

#[test]
fn nothing_of_a_call_runs_on_a_revoked_lease() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    drop(rig.client.close(Mode::Force));
    let mut ran = false;
    let eager = |_: &tenure_kit::Handle| {
        ran = true;
        std::future::ready(())
    };
    assert!(Task::new(lease.run(eager)).done().is_err());
    assert!(!ran);
}
