//! Values of a user's that look at the session while they are dropped. A drop under the machine's lock would find it
//! locked.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use tenure::{Config, KeepAlive, Mode, Status};
use tenure_driver::{Builder, Client, Failure, Life, from_fn};
use tenure_kit::VirtualClock;

use crate::rig::Task;

/// What the values look at, and what they saw.
#[derive(Default)]
struct Eye {
    look: OnceLock<Box<dyn Fn() -> Option<Status> + Send + Sync>>,
    seen: Mutex<Vec<Status>>,
}

impl Eye {
    fn is_on<H: Send + Sync + 'static>(&self, client: &Client<H>) {
        let client = client.downgrade();
        let look = Box::new(move || client.upgrade().map(|client| client.state()));
        assert!(self.look.set(look).is_ok(), "it looks at one session");
    }

    fn seen(&self) -> Vec<Status> {
        self.seen.lock().unwrap().clone()
    }
}

/// A handle, or an error, that looks at the session while it is dropped.
struct Looks(Arc<Eye>);

impl Drop for Looks {
    fn drop(&mut self) {
        let status = self.0.look.get().and_then(|look| look());
        self.0.seen.lock().unwrap().extend(status);
    }
}

impl fmt::Debug for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Looks")
    }
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it failed")
    }
}

impl std::error::Error for Looks {}

#[test]
fn an_error_is_dropped_after_the_end_that_it_makes_room_for() {
    let eye = Arc::new(Eye::default());
    let theirs = eye.clone();
    let connector = from_fn(move |_: Life<()>| {
        std::future::ready(Err::<(), Failure>(Failure::new(Looks(theirs.clone()))))
    });
    let (client, driver) = Builder::new(Config::default()).build(connector, VirtualClock::new());
    eye.is_on(&client);
    let mut driver = Task::new(driver);
    for _ in 0..2 {
        let mut acquire = Task::new(client.acquire());
        acquire.assert_waits();
        driver.assert_waits();
        drop(acquire.done().unwrap_err());
    }
    let seen = eye.seen();
    assert!(matches!(seen[..], [Status::Idle { .. }]), "the first, when the second came: {seen:?}");
}

#[test]
fn the_last_error_is_dropped_outside_the_lock_when_the_driver_is() {
    let eye = Arc::new(Eye::default());
    let theirs = eye.clone();
    let connector = from_fn(move |_: Life<()>| {
        std::future::ready(Err::<(), Failure>(Failure::new(Looks(theirs.clone()))))
    });
    let (client, driver) = Builder::new(Config::default()).build(connector, VirtualClock::new());
    eye.is_on(&client);
    let mut driver = Task::new(driver);
    let mut acquire = Task::new(client.acquire());
    acquire.assert_waits();
    driver.assert_waits();
    drop(acquire.done().unwrap_err());
    drop(driver);
    let seen = eye.seen();
    assert!(matches!(seen[..], [Status::Closed { .. }]), "{seen:?}");
}

/// A session with handles that look; `late` ones are given when the runner was told to stop already.
fn handles(eye: &Arc<Eye>, late: bool) -> (Client<Looks>, Task<impl Future<Output = ()>>) {
    let theirs = eye.clone();
    let connector = from_fn(move |life: Life<Looks>| {
        let handle = Looks(theirs.clone());
        async move {
            if late {
                life.stopped().await;
            }
            life.ready(handle).stopped().await;
            Ok::<(), Failure>(())
        }
    });
    let config = Config::default().keep_alive(KeepAlive::Always);
    let (client, driver) = Builder::new(config).build(connector, VirtualClock::new());
    eye.is_on(&client);
    (client, Task::new(driver))
}

#[test]
fn a_handle_that_comes_too_late_is_dropped_outside_the_lock() {
    let eye = Arc::new(Eye::default());
    let (client, mut driver) = handles(&eye, true);
    let mut acquire = Task::new(client.acquire());
    acquire.assert_waits();
    driver.assert_waits();
    drop(client.close(Mode::Force));
    driver.assert_waits();
    drop(acquire.done().unwrap_err());
    let seen = eye.seen();
    assert!(matches!(seen[..], [Status::Draining { .. }]), "{seen:?}");
}

#[test]
fn a_handle_without_leases_is_dropped_outside_the_lock_when_it_is_revoked() {
    let eye = Arc::new(Eye::default());
    let (client, mut driver) = handles(&eye, false);
    let mut acquire = Task::new(client.acquire());
    acquire.assert_waits();
    driver.assert_waits();
    drop(acquire.done().unwrap());
    drop(client.close(Mode::Force));
    let seen = eye.seen();
    assert!(matches!(seen[..], [Status::Draining { .. }]), "{seen:?}");
}

#[test]
fn no_handle_is_left_whoever_goes_last() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let handle = Arc::new(());
        let theirs = handle.clone();
        let connector = from_fn(move |life: Life<Arc<()>>| {
            let handle = theirs.clone();
            async move {
                let _serving = life.ready(handle);
                std::future::pending().await
            }
        });
        let (client, driver) = Builder::new(Config::default()).build(connector, VirtualClock::new());
        let (mut driver, mut acquire) = (Task::new(driver), Task::new(client.acquire_owned()));
        acquire.assert_waits();
        driver.assert_waits();
        let mut lease = Some(acquire.done().unwrap());
        let (mut client, mut driver) = (Some(client), Some(driver));
        assert!(Arc::strong_count(&handle) > 2, "it is live");
        for part in order {
            match part {
                0 => drop(lease.take()),
                1 => drop(client.take()),
                _ => drop(driver.take()),
            }
        }
        assert_eq!(Arc::strong_count(&handle), 1, "{order:?}");
    }
}
