//! The trace: every input, in the order in which it happened, told from the driver's task.

use std::sync::{Arc, Mutex, OnceLock};

use tenure::{Cause, Config, Input, Mode, Reply, Status};
use tenure_driver::{Builder, Client, TraceEvent};
use tenure_kit::{Handle, Plan, prove};

use crate::rig::{Rig, Task};

type Events = Arc<Mutex<Vec<TraceEvent>>>;

fn traced() -> (Rig, Events) {
    traced_with([])
}

fn traced_with(plans: impl IntoIterator<Item = Plan>) -> (Rig, Events) {
    let events = Events::default();
    let sink = events.clone();
    let builder = Builder::new(Config::default());
    let rig = Rig::build(builder.trace(move |event| sink.lock().unwrap().push(event.clone())), plans);
    (rig, events)
}

#[test]
fn every_input_is_told_in_order_with_what_came_of_it() {
    let (mut rig, events) = traced();
    let first = rig.lease();
    let second = rig.lease();
    drop(rig.client.close(Mode::Force));
    drop((first, second));
    rig.run();
    let events = events.lock().unwrap();
    let told: Vec<_> = events.iter().map(|event| event.input).collect();
    let position = |input: Input| told.iter().position(|told| *told == input).unwrap();
    let close = position(Input::Close { mode: Mode::Force });
    assert!(matches!(told[0], Input::Acquire), "{told:?}");
    assert!(position(Input::Release { lease: 1 }) > close);
    assert_eq!(events[position(Input::Release { lease: 2 })].output.reply, Reply::Stale);
    assert!(events.windows(2).all(|pair| pair[0].time <= pair[1].time));
    prove(&Config::default(), &events);
}

#[test]
fn the_end_of_a_runner_is_told_once_and_that_it_is_done_only_if_something_lingers() {
    let told = |plan: Plan| {
        let (mut rig, events) = traced_with([plan]);
        let lease = rig.lease();
        drop(rig.client.close(Mode::Force));
        drop(lease);
        rig.run();
        rig.peer.let_go(1);
        rig.run();
        assert!(matches!(rig.client.state(), Status::Idle { .. }));
        let of_runner = |event: &TraceEvent| match event.input {
            Input::RunnerDone { .. } => Some(("done", event.output.reply)),
            Input::RunnerEnded { .. } => Some(("ended", event.output.reply)),
            _ => None,
        };
        let events = events.lock().unwrap();
        events.iter().filter_map(of_runner).collect::<Vec<_>>()
    };
    assert_eq!(told(Plan::new()), [("ended", Reply::Applied)]);
    assert_eq!(told(Plan::new().lingers()), [("done", Reply::Applied), ("ended", Reply::Applied)]);
}

#[test]
fn a_dropped_driver_tells_how_it_ended() {
    let (mut rig, events) = traced();
    let lease = rig.lease();
    drop(rig.driver);
    let events = events.lock().unwrap();
    let shutdown = |event: &TraceEvent| matches!(event.input, Input::Shutdown { mode: Mode::Abort });
    assert_eq!(events.iter().filter(|event| shutdown(event)).count(), 1);
    prove(&Config::default(), &events);
    drop(lease);
}

#[test]
fn the_sink_may_use_the_client() {
    let client: Arc<OnceLock<Client<Handle>>> = Arc::default();
    let theirs = client.clone();
    let mut first = true;
    let builder = Builder::new(Config::default()).trace(move |_| {
        if let Some(client) = theirs.get().filter(|_| std::mem::take(&mut first)) {
            drop(client.try_acquire());
            drop(client.close(Mode::Graceful));
        }
    });
    let mut rig = Rig::build(builder, []);
    client.set(rig.client.clone()).unwrap();
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    rig.run();
    // Where `tracing` is told too, the sink is called before the connect is carried out, and there is nothing to drain.
    let state = rig.client.state();
    let is_closed = match &state {
        Status::Draining { cause, .. } => *cause == Cause::Closed,
        Status::Idle { last: Some(last), .. } => last.cause == Cause::Closed,
        _ => false,
    };
    assert!(is_closed, "the sink has closed it: {state:?}");
    drop(acquire.done());
}

#[test]
fn a_sink_that_panics_is_not_called_again_while_that_unwinds() {
    let calls = Arc::new(Mutex::new(0));
    let counted = calls.clone();
    let builder = Builder::new(Config::default()).trace(move |_| {
        *counted.lock().unwrap() += 1;
        panic!("the sink panics");
    });
    let mut rig = Rig::build(builder, []);
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rig.driver.poll()));
    assert!(polled.is_err());
    // As a runtime does with a task that panicked.
    drop(rig.driver);
    assert!(acquire.done().and_then(|lease| lease.check()).is_err(), "the session is over");
    assert_eq!(*calls.lock().unwrap(), 1);
}

#[test]
fn what_changes_nothing_is_told_too() {
    let (mut rig, events) = traced();
    rig.run();
    rig.driver.alarm.take();
    assert!(rig.client.try_acquire().is_err());
    assert!(rig.driver.alarm.take(), "the driver is woken to tell it");
    rig.driver.assert_waits();
    assert_eq!(events.lock().unwrap().last().map(|event| event.input), Some(Input::TryAcquire));
}
