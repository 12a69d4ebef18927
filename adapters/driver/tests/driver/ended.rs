//! How generations ended is told to whoever asked for it, whether or not somebody held a lease.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_lite::{FutureExt as _, StreamExt as _};
use tenure::state::StateName;
use tenure::{Cause, Config, KeepAlive, Mode, Status};
use tenure_driver::{Builder, Close, Ended};
use tenure_kit::{Deaf, Handle, Plan};

use crate::rig::{Rig, Task};

type Ends = Arc<Mutex<Vec<Ended>>>;

fn rig(config: Config, plans: impl IntoIterator<Item = Plan>) -> (Rig, Ends) {
    let ends = Ends::default();
    let told = ends.clone();
    let builder = Builder::new(config).on_end(move |ended| told.lock().unwrap().push(ended.clone()));
    (Rig::build(builder, plans), ends)
}

fn words(ends: &Ends) -> Vec<String> {
    let word = |ended: &Ended| {
        let failure = ended.failure.as_ref().map_or_else(|| "in order".to_owned(), ToString::to_string);
        format!("{:#}: {:#}; {failure}", ended.generation, ended.cause)
    };
    ends.lock().unwrap().iter().map(word).collect()
}

#[test]
fn a_session_that_is_lost_while_nobody_holds_a_lease_is_told_of() {
    let (mut rig, ends) = rig(Config::default().keep_alive(KeepAlive::Always), []);
    drop(rig.lease());
    rig.peer.die(1, "the cable was pulled");
    rig.run();
    assert_eq!(words(&ends), ["g1: by itself; the cable was pulled"]);
}

#[test]
fn an_end_in_order_has_no_failure_and_each_is_told_once() {
    let (mut rig, ends) = rig(Config::default().keep_alive(KeepAlive::Always), []);
    for _ in 0..2 {
        drop(rig.lease());
        drop(rig.client.close(Mode::Force));
        rig.run();
    }
    assert_eq!(words(&ends), ["g1: closed; in order", "g2: closed; in order"]);
}

#[test]
fn an_attempt_that_was_never_ready_is_told_of_too() {
    let (mut rig, ends) = rig(Config::default(), [Plan::new().fails("no such host")]);
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    rig.run();
    drop(acquire);
    assert_eq!(words(&ends), ["g1: by itself; no such host"]);
}

#[test]
fn a_runner_that_did_not_confirm_its_end_has_no_failure_of_another() {
    let plan = Plan::new().deaf(Deaf::ToAll).lingers();
    let (mut rig, ends) =
        rig(Config::default().keep_alive(KeepAlive::Always), [Plan::new().fails("first"), plan]);
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    rig.run();
    drop(acquire);
    drop(rig.lease());
    drop(rig.client.close(Mode::Abort));
    rig.run();
    for _ in 0..2 {
        rig.clock.advance(Duration::from_secs(10));
        rig.run();
    }
    let last = ends.lock().unwrap().last().cloned().unwrap();
    assert_eq!((last.generation.number(), last.cause), (2, Cause::Closed));
    assert!(!format!("{last:?}").contains("first"), "{last:?}");
}

#[test]
fn the_end_that_a_dropped_driver_brings_about_is_told() {
    let (mut rig, ends) = rig(Config::default(), []);
    let _lease = rig.lease();
    drop(rig.driver);
    assert_eq!(words(&ends), ["g1: shut down; the driver was dropped"]);
}

#[test]
fn a_sink_that_panics_disturbs_nobody_and_is_told_of_the_next_end() {
    let told = Arc::new(Mutex::new(0));
    let count = told.clone();
    let builder = Builder::new(Config::default()).on_end(move |_| {
        *count.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
        std::panic::resume_unwind(Box::new("planned"));
    });
    let mut rig = Rig::build(builder, []);
    for _ in 0..2 {
        drop(rig.lease());
        rig.run();
    }
    assert_eq!(*told.lock().unwrap(), 2);
    drop(rig.client.shutdown(Mode::Force));
    assert!(rig.run(), "the driver ends in order");
}

#[test]
fn states_without_leases_come_for_transitions_alone() {
    let mut rig = Rig::with(Config::default().keep_alive(KeepAlive::For(Duration::from_secs(60))), []);
    let mut states = rig.client.states().without_leases();
    let mut next = |rig: &mut Rig| {
        rig.run();
        let mut next = Task::new(states.next().boxed_local());
        match next.poll() {
            std::task::Poll::Ready(now) => now.map(Status::name),
            std::task::Poll::Pending => None,
        }
    };
    assert_eq!(next(&mut rig), Some(StateName::Idle));
    let lease = rig.lease();
    assert_eq!(next(&mut rig), Some(StateName::Live));
    for _ in 0..3 {
        drop(rig.lease());
        assert_eq!(next(&mut rig), None);
    }
    drop(lease);
    assert_eq!(next(&mut rig), None);
    rig.clock.advance(Duration::from_secs(60));
    rig.run();
    assert_eq!(next(&mut rig), Some(StateName::Idle));
}

#[test]
fn an_end_that_comes_while_the_driver_sleeps_wakes_it_to_tell() {
    let config = Config::default().keep_alive(KeepAlive::Always);
    let (mut rig, ends) = rig(config, [Plan::new().lingers()]);
    drop(rig.lease());
    drop(rig.client.close(Mode::Force));
    rig.run();
    assert!(words(&ends).is_empty(), "something of it lingers");
    rig.peer.let_go(1);
    rig.run();
    assert_eq!(words(&ends), ["g1: closed; in order"]);
}

#[test]
fn a_close_completes_when_its_end_was_told_and_not_before() {
    let close: Arc<Mutex<Option<Task<Close<Handle>>>>> = Arc::default();
    let waiting = close.clone();
    let told = Arc::new(Mutex::new(0));
    let count = told.clone();
    let builder = Builder::new(Config::default()).on_end(move |_| {
        waiting.lock().unwrap().as_mut().unwrap().assert_waits();
        *count.lock().unwrap() += 1;
    });
    let mut rig = Rig::build(builder, []);
    let lease = rig.lease();
    *close.lock().unwrap() = Some(Task::new(rig.client.shutdown(Mode::Force)));
    drop(lease);
    assert!(rig.run(), "it was shut down");
    let mut close = close.lock().unwrap().take().unwrap();
    assert!(close.alarm.take(), "it is woken");
    close.done();
    assert_eq!(*told.lock().unwrap(), 1);
}

#[test]
fn a_close_whose_driver_is_dropped_completes_too() {
    let (mut rig, ends) = rig(Config::default(), []);
    let lease = rig.lease();
    let mut close = Task::new(rig.client.close(Mode::Force));
    close.assert_waits();
    drop(rig.driver);
    close.done();
    drop(lease);
    assert_eq!(ends.lock().unwrap().len(), 1);
}
