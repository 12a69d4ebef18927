//! The end of a generation, and of the driver.

use tenure::{Mode, Status, Step};
use tenure_kit::Plan;

use crate::rig::{Rig, Task};

#[test]
fn the_driver_of_an_idle_session_is_woken_by_a_shutdown() {
    let mut rig = Rig::new([]);
    drop(rig.client.shutdown(Mode::Graceful));
    assert!(rig.run(), "it is over");
}

#[test]
fn the_driver_of_an_idle_session_is_woken_when_its_last_client_goes() {
    let Rig { client, mut driver, .. } = Rig::new([]);
    let weak = client.downgrade();
    drop(client);
    assert!(driver.alarm.take(), "nobody is left to use it");
    driver.done();
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_generation_ends_with_the_last_of_what_lingers() {
    let mut rig = Rig::new([Plan::new().lingers()]);
    let lease = rig.lease();
    let mut close = Task::new(rig.client.close(Mode::Force));
    drop(lease);
    rig.run();
    let state = rig.client.state();
    assert!(matches!(state, Status::Draining { step: Step::Discard, .. }), "its future is gone: {state:?}");
    close.assert_waits();
    rig.peer.let_go(1);
    rig.run();
    assert!(matches!(rig.client.state(), Status::Idle { .. }));
    close.done();
}
