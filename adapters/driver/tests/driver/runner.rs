//! What a runner is told, polled by hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tenure::{Config, KeepAlive, Mode, Probe, Status};
use tenure_driver::{Builder, Client, Failure, Life, Serving, Signal, from_fn};
use tenure_kit::VirtualClock;

use crate::leaving::leave;
use crate::rig::Task;

/// What the test takes from the runner.
type Taken = Arc<Mutex<Option<Serving<[Signal; 2]>>>>;

/// A session whose runner only waits; its handle is what it could wait for, stop and abort.
struct Told {
    client: Client<[Signal; 2]>,
    clock: VirtualClock,
    serving: Serving<[Signal; 2]>,
    signals: [Signal; 2],
    run: Box<dyn FnMut()>,
}

const INTERVAL: Duration = Duration::from_secs(10);

fn told() -> Told {
    let (taken, clock) = (Taken::default(), VirtualClock::new());
    let give = taken.clone();
    let connector = from_fn(move |life: Life<[Signal; 2]>| {
        let signals = [life.stopped(), life.aborted()];
        *give.lock().unwrap() = Some(life.ready(signals));
        std::future::pending::<Result<(), Failure>>()
    });
    let probe = Probe { interval: INTERVAL, timeout: INTERVAL };
    let config = Config::default().probe(Some(probe)).keep_alive(KeepAlive::Always);
    let (client, driver) = Builder::new(config).build(connector, clock.clone());
    let mut driver = Task::new(driver);
    let mut acquire = Task::new(client.acquire_owned());
    acquire.assert_waits();
    driver.assert_waits();
    let lease = acquire.done().unwrap();
    let signals = Task::new(lease.run(async |signals: &[Signal; 2]| signals.clone())).done().unwrap();
    let serving = taken.lock().unwrap().take().unwrap();
    drop(lease);
    Told { client, clock, serving, signals, run: Box::new(move || driver.assert_waits()) }
}

#[test]
fn stop_comes_first_and_abort_after_its_deadline() {
    let mut told = told();
    let [mut stopped, mut aborted] = told.signals.clone().map(Task::new);
    stopped.assert_waits();
    aborted.assert_waits();
    assert!(told.signals.iter().all(|signal| !signal.is_set()));
    drop(told.client.close(Mode::Force));
    (told.run)();
    stopped.done();
    aborted.assert_waits();
    assert!(told.signals[0].is_set() && !told.signals[1].is_set());
    told.clock.advance(Duration::from_secs(3));
    (told.run)();
    assert!(aborted.alarm.take());
    aborted.done();
    assert!(told.signals[1].is_set());
}

#[test]
fn who_left_is_not_told() {
    let mut told = told();
    let stopped = leave(told.signals[0].clone());
    let probed = leave(told.serving.probe());
    told.clock.advance(INTERVAL);
    (told.run)();
    assert!(!probed.take());
    drop(told.client.close(Mode::Force));
    (told.run)();
    assert!(!stopped.take());
}

#[test]
fn probes_are_numbered_and_answered() {
    let mut told = told();
    for number in 1..=3 {
        told.clock.advance(INTERVAL);
        (told.run)();
        let probe = Task::new(told.serving.probe()).done();
        assert_eq!(probe.number(), number);
        assert_eq!(told.client.state().generation(), Some(told.serving.generation()));
        probe.answer();
        (told.run)();
    }
    assert!(matches!(told.client.state(), Status::Live { .. }));
    told.clock.advance(INTERVAL);
    (told.run)();
    told.clock.advance(INTERVAL);
    (told.run)();
    assert!(matches!(told.client.state(), Status::Draining { .. }), "the fourth was not answered");
}
