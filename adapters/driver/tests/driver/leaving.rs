//! A future that is dropped while it waits is woken no more.

use std::future::Future;
use std::sync::Arc;

use futures_lite::StreamExt as _;
use tenure::Mode;

use crate::rig::{Alarm, Rig, Task};

/// Polls it, which doesn't end it, and drops it; its alarm.
pub(crate) fn leave<F: Future>(future: F) -> Arc<Alarm> {
    let mut task = Task::new(future);
    task.assert_waits();
    let alarm = task.alarm.clone();
    alarm.take();
    alarm
}

#[test]
fn of_a_close() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    let alarm = leave(rig.client.close(Mode::Graceful));
    drop(lease);
    rig.run();
    assert!(!alarm.take());
}

#[test]
fn of_a_stream_of_states() {
    let rig = Rig::new([]);
    let mut states = rig.client.states();
    Task::new(states.next()).done();
    let alarm = leave(async move { states.next().await });
    let mut acquire = Task::new(rig.client.acquire());
    acquire.assert_waits();
    assert!(!alarm.take());
}

#[test]
fn of_a_wait_for_the_revoke() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    let alarm = leave(lease.revoked());
    drop(rig.client.close(Mode::Force));
    assert!(!alarm.take());
}
