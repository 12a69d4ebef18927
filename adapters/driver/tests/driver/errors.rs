//! What callers who wait are told when they get no lease.

use std::num::NonZeroU32;
use std::time::Duration;

use tenure::{Config, DeadlineKind, Mode, Refusal};
use tenure_driver::{Error, Lease};
use tenure_kit::{Deaf, Gate, Handle, Plan};

use crate::rig::{Rig, Task};

/// What a caller is told that waits while `happens`.
fn error_of(config: Config, plan: Plan, happens: impl FnOnce(&mut Rig)) -> Error {
    let mut rig = Rig::with(config, [plan]);
    let mut acquire = Task::new(rig.client.acquire_owned());
    acquire.assert_waits();
    rig.run();
    happens(&mut rig);
    rig.run();
    acquire.done().map(drop::<Lease<Handle>>).unwrap_err()
}

fn never_ready() -> Plan {
    Plan::new().opening(&Gate::new())
}

#[test]
fn a_close_says_closed_and_a_shutdown_that_it_is_for_good() {
    let error = error_of(Config::default(), never_ready(), |rig| drop(rig.client.close(Mode::Force)));
    assert!(matches!(error, Error::Closed { generation: None, for_good: false }), "{error:?}");
    let error = error_of(Config::default(), never_ready(), |rig| drop(rig.client.shutdown(Mode::Force)));
    assert!(matches!(error, Error::Closed { generation: None, for_good: true }), "{error:?}");
}

#[test]
fn a_failed_connect_says_which_and_why() {
    let error = error_of(Config::default(), Plan::new().fails("no such host"), |_| ());
    assert_eq!(error.generation().map(tenure::Generation::number), Some(1));
    assert!(matches!(error, Error::ConnectFailed { .. }), "{error:?}");
    assert!(error.to_string().contains("no such host"), "{error}");
}

#[test]
fn each_deadline_says_which_it_is() {
    let second = Duration::from_secs(1);
    let error =
        error_of(Config::default().connect_timeout(second), never_ready(), |rig| rig.clock.advance(second));
    let Error::TimedOut { generation: Some(_), deadline: DeadlineKind::Connect, .. } = error else {
        panic!("{error:?}");
    };
    let config = Config::default().acquire_timeout(Some(second));
    let error = error_of(config, never_ready(), |rig| rig.clock.advance(second));
    let Error::TimedOut { generation: None, deadline: DeadlineKind::Acquire, .. } = error else {
        panic!("{error:?}");
    };
}

#[test]
fn too_many_orphans_say_how_many() {
    let config = Config::default().max_orphans(NonZeroU32::MIN);
    let mut rig = Rig::with(config, [Plan::new().deaf(Deaf::ToAll).lingers()]);
    let lease = rig.lease();
    drop(rig.client.close(Mode::Abort));
    let mut next = Task::new(rig.client.acquire_owned());
    next.assert_waits();
    for _ in 0..4 {
        rig.run();
        rig.clock.advance(Duration::from_secs(3));
    }
    rig.run();
    let error = next.done().unwrap_err();
    let Error::Refused { reason: Refusal::TooManyOrphans { limit: 1 } } = error else {
        panic!("{error:?}");
    };
    drop(lease);
}

#[test]
fn a_lost_connection_says_why_to_those_who_hold_it() {
    let mut rig = Rig::new([]);
    let lease = rig.lease();
    rig.peer.die(1, "the cable was pulled");
    rig.run();
    let error = lease.check().unwrap_err();
    assert!(matches!(error, Error::Lost { generation: Some(_), .. }), "{error:?}");
    assert!(error.to_string().contains("the cable was pulled"), "{error}");
}
