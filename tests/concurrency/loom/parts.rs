//! The list of waiters and the signals, each alone.

use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread::{JoinHandle, spawn};

use crate::cases::cases;
use crate::rig::{Alarm, block_on};
use crate::signal::Signals;
use crate::wake::Waiters;

/// Registers, looks, and waits if it has to; as every future of the driver does.
fn wait_for(waiters: &Waiters, flag: &AtomicBool) {
    let (alarm, waker) = Alarm::new();
    let mut key = None;
    loop {
        waiters.register(&mut key, &waker);
        if flag.load(Ordering::Relaxed) {
            break;
        }
        alarm.wait();
    }
    waiters.deregister(&mut key);
}

/// Somebody who waits, on a thread of its own.
fn waiter(shared: &Arc<(Waiters, AtomicBool)>) -> JoinHandle<()> {
    let shared = shared.clone();
    spawn(move || wait_for(&shared.0, &shared.1))
}

cases! {
    who_waits_is_woken: 4,
    who_leaves_takes_nobody_along: 4,
    a_changed_waker_is_woken: 4,
    a_signal_reaches_everybody: 4,
    who_is_told_to_hurry_is_told_to_stop: 4,
    a_probe_is_taken: 4,
}

/// Two wait, one wakes: both are woken, whenever they come.
fn who_waits_is_woken() {
    let shared = Arc::new((Waiters::default(), AtomicBool::new(false)));
    let [first, second] = [(); 2].map(|()| waiter(&shared));
    shared.1.store(true, Ordering::Relaxed);
    shared.0.wake_all();
    first.join().unwrap();
    second.join().unwrap();
}

/// One leaves with a place that it no longer has, since all were woken in vain before: the other, who may
/// have that place now, is woken.
fn who_leaves_takes_nobody_along() {
    let shared = Arc::new((Waiters::default(), AtomicBool::new(false)));
    let waiting = waiter(&shared);
    let leaving = {
        let shared = shared.clone();
        spawn(move || {
            let (_, waker) = Alarm::new();
            let mut key = None;
            shared.0.register(&mut key, &waker);
            shared.0.deregister(&mut key);
        })
    };
    shared.0.wake_all();
    shared.1.store(true, Ordering::Relaxed);
    shared.0.wake_all();
    waiting.join().unwrap();
    leaving.join().unwrap();
}

/// The waker that was given last is the one that is woken.
fn a_changed_waker_is_woken() {
    let shared = Arc::new((Waiters::default(), AtomicBool::new(false)));
    let waker = {
        let shared = shared.clone();
        spawn(move || {
            shared.1.store(true, Ordering::Relaxed);
            shared.0.wake_all();
        })
    };
    let (_, old) = Alarm::new();
    let (alarm, new) = Alarm::new();
    let mut key = None;
    shared.0.register(&mut key, &old);
    shared.0.register(&mut key, &new);
    if !shared.1.load(Ordering::Relaxed) {
        alarm.wait();
    }
    shared.0.deregister(&mut key);
    waker.join().unwrap();
}

/// Two wait for a signal that a third gives: both see it.
fn a_signal_reaches_everybody() {
    let signals = Arc::new(Signals::default());
    let [first, second] = [signals.stopped(), signals.stopped()].map(|signal| spawn(|| block_on(signal)));
    signals.stop();
    first.join().unwrap();
    second.join().unwrap();
}

/// Stop and abort come together from two threads: whoever hurries has been told to stop.
fn who_is_told_to_hurry_is_told_to_stop() {
    let signals = Arc::new(Signals::default());
    let aborting = {
        let signals = signals.clone();
        spawn(move || signals.abort())
    };
    let stopping = {
        let signals = signals.clone();
        spawn(move || signals.stop())
    };
    block_on(signals.aborted());
    assert!(signals.stopped().is_set(), "told to hurry, but not to stop");
    aborting.join().unwrap();
    stopping.join().unwrap();
}

/// A probe reaches the runner that waits for it, or comes to wait.
fn a_probe_is_taken() {
    let signals = Arc::new(Signals::default());
    let probing = {
        let signals = signals.clone();
        spawn(move || signals.probe(1))
    };
    assert_eq!(block_on(signals.next_probe()), 1);
    probing.join().unwrap();
}
