//! The driver is woken only for orders or an earlier deadline.

use std::time::Duration;

use tenure::{Config, KeepAlive, Mode, Status};
use tenure_kit::{Gate, Handle, Plan};

use crate::rig::{Rig, Task};

#[test]
fn acquire_and_release_beside_another_lease_dont_wake_the_driver() {
    let mut rig = Rig::new([]);
    let held = rig.lease();
    rig.run();
    let wakes = rig.driver.alarm.wakes();
    for _ in 0..100 {
        drop(Task::new(rig.client.acquire()).done().unwrap());
        drop(rig.client.try_acquire().unwrap());
    }
    let lease = rig.client.try_acquire().unwrap();
    let generation =
        Task::new(async move { lease.run(async |handle: &Handle| handle.generation()).await }).done();
    assert_eq!(generation.unwrap(), 1, "a call doesn't either");
    assert_eq!(rig.driver.alarm.wakes(), wakes);
    drop(held);
    assert!(rig.driver.alarm.wakes() > wakes, "the last release wants a stop");
}

#[test]
fn callers_who_join_a_connect_dont_wake_the_driver() {
    let mut rig = Rig::new([Plan::new().opening(&Gate::new())]);
    let mut first = Task::new(rig.client.acquire());
    first.assert_waits();
    rig.run();
    let wakes = rig.driver.alarm.wakes();
    for _ in 0..10 {
        let mut another = Task::new(rig.client.acquire());
        another.assert_waits();
    }
    assert_eq!(rig.driver.alarm.wakes(), wakes);
}

#[test]
fn an_earlier_deadline_wakes_the_driver_and_a_later_one_doesnt() {
    let config = Config::default().acquire(Some(Duration::from_secs(90)));
    let mut rig = Rig::with(config.connect(Duration::from_secs(60)), [Plan::new().opening(&Gate::new())]);
    let mut first = Task::new(rig.client.acquire());
    first.assert_waits();
    rig.run();
    // The close arms the stop deadline, three seconds from now.
    let wakes = rig.driver.alarm.wakes();
    drop(rig.client.close(Mode::Graceful));
    assert!(rig.driver.alarm.wakes() > wakes);
}

#[test]
fn the_idle_timeout_is_armed_by_the_last_release_alone() {
    let idle = Duration::from_secs(10);
    let mut rig = Rig::with(Config::default().keep_alive(KeepAlive::For(idle)), []);
    let (first, second) = (rig.lease(), rig.lease());
    rig.run();
    let wakes = rig.driver.alarm.wakes();
    drop(first);
    assert_eq!(rig.driver.alarm.wakes(), wakes);
    drop(second);
    assert_eq!(rig.driver.alarm.wakes(), wakes + 1);
    rig.run();
    rig.clock.advance(idle.saturating_sub(Duration::from_nanos(1)));
    assert!(!rig.driver.alarm.take(), "not a moment too early");
    rig.clock.advance(Duration::from_nanos(1));
    assert!(rig.driver.alarm.take());
    rig.driver.assert_waits();
    assert!(matches!(rig.client.state(), Status::Draining { .. } | Status::Idle { .. }));
}

#[test]
fn a_spurious_poll_does_nothing() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    for _ in 0..10 {
        rig.driver.assert_waits();
    }
    assert!(lease.check().is_ok());
    assert!(!rig.driver.alarm.take(), "it doesn't wake itself");
}

#[test]
fn a_session_at_rest_has_no_sleep_and_the_driver_ends_with_its_last_client() {
    let mut rig = Rig::with(Config::default().keep_alive(KeepAlive::Always), []);
    drop(rig.lease());
    rig.run();
    assert!(format!("{:?}", rig.clock).contains("sleeps: 0"), "{:?}", rig.clock);
    let Rig { client, mut driver, .. } = rig;
    driver.alarm.take();
    drop(client);
    assert!(driver.alarm.take());
    driver.done();
}

#[test]
fn a_runner_that_answers_endless_probes_in_place_lets_others_run() {
    let zero = Duration::ZERO;
    let probe = tenure::Probe { interval: zero, timeout: Duration::from_secs(1) };
    let config = Config::default().probe(Some(probe)).keep_alive(tenure::KeepAlive::Always);
    let connector = tenure_driver::from_fn(|life: tenure_driver::Life<()>| async move {
        let serving = life.ready(());
        loop {
            serving.or_stopped(async { serving.probe().await.answer() }).await?;
        }
    });
    let clock = tenure_kit::VirtualClock::new();
    let (client, driver) = tenure_driver::Builder::new(config).build(connector, clock);
    let mut driver = Task::new(driver);
    let mut acquire = Task::new(client.acquire());
    acquire.assert_waits();
    driver.assert_waits();
    assert!(driver.alarm.take(), "it asks for its next turn");
    drop(acquire.done().unwrap());
    drop(client.shutdown(tenure::Mode::Force));
    driver.done();
}
