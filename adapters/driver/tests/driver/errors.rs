//! What callers who wait are told when they get no lease.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tenure::{Config, DeadlineKind, Mode, Refusal, Status};
use tenure_driver::{Builder, Error, Failure, Lease, Life, WeakClient, from_fn};
use tenure_kit::{Deaf, Gate, Handle, Plan, VirtualClock};

use crate::rig::{Rig, Task};

/// What a caller is told that waits while `happens`.
fn error_of(config: Config, plan: Plan, happens: impl FnOnce(&mut Rig)) -> Error {
    let mut rig = Rig::with(config, [plan]);
    let mut acquire = Task::new(rig.client.acquire());
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
    let error = error_of(Config::default().connect(second), never_ready(), |rig| rig.clock.advance(second));
    let Error::TimedOut { generation: Some(_), deadline: DeadlineKind::Connect } = error else {
        panic!("{error:?}");
    };
    let config = Config::default().acquire(Some(second));
    let error = error_of(config, never_ready(), |rig| rig.clock.advance(second));
    let Error::TimedOut { generation: None, deadline: DeadlineKind::Acquire } = error else {
        panic!("{error:?}");
    };
}

#[test]
fn too_many_orphans_say_how_many() {
    let config = Config::default().max_orphans(NonZeroU32::MIN);
    let mut rig = Rig::with(config, [Plan::new().deaf(Deaf::ToAll).lingers()]);
    let lease = rig.lease();
    drop(rig.client.close(Mode::Abort));
    let mut next = Task::new(rig.client.acquire());
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

/// An error that looks at the session while it is dropped.
#[derive(Debug)]
struct Looks {
    client: Arc<OnceLock<WeakClient<()>>>,
    seen: Arc<Mutex<Vec<Status>>>,
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it failed")
    }
}

impl std::error::Error for Looks {}

impl Drop for Looks {
    fn drop(&mut self) {
        let client = self.client.get().and_then(WeakClient::upgrade);
        self.seen.lock().unwrap().extend(client.map(|client| client.state()));
    }
}

#[test]
fn an_error_is_dropped_after_the_end_that_it_makes_room_for() {
    let (weak, seen) = (Arc::new(OnceLock::new()), Arc::new(Mutex::new(Vec::new())));
    let (theirs, looks) = (weak.clone(), seen.clone());
    let connector = from_fn(move |_: Life<()>| {
        let (client, seen) = (theirs.clone(), looks.clone());
        std::future::ready(Err::<(), Failure>(Failure::new(Looks { client, seen })))
    });
    let (client, driver) = Builder::new(Config::default()).build(connector, VirtualClock::new());
    weak.set(client.downgrade()).unwrap();
    let mut driver = Task::new(driver);
    for _ in 0..2 {
        let mut acquire = Task::new(client.acquire());
        acquire.assert_waits();
        driver.assert_waits();
        drop(acquire.done().unwrap_err());
    }
    let seen = seen.lock().unwrap();
    assert!(matches!(seen[..], [Status::Idle { .. }]), "the first, when the second came: {seen:?}");
}
