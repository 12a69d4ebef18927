//! The end of the driver, of the last client, and of a generation.

use std::sync::Arc;

use loom::sync::Mutex;
use loom::thread::spawn;
use tenure::{Action, Config, Mode};
use tenure_driver::{Builder, Error, Failure, Life, from_fn};

use crate::cases::cases;
use crate::rig::{Handle, Served, Still, block_on, kept, obedient, poll_once, session, slow};

cases! {
    a_dropped_driver_leaves_nobody_waiting: 3,
    a_dropped_driver_ends_a_connect: 4,
    a_shutdown_meets_an_acquire: 3,
    the_last_client_meets_an_upgrade: 4,
    an_end_comes_once_and_after_what_lingers: 2,
}

/// The driver is dropped while somebody waits for a lease, holds one, or waits for a close: all end.
fn a_dropped_driver_leaves_nobody_waiting() {
    let (client, mut driver) = session(Config::default(), obedient());
    let holding = {
        let client = client.clone();
        spawn(move || {
            if let Ok(lease) = block_on(client.acquire()) {
                let _ = block_on(lease.revoked());
                assert!(lease.check().is_err());
            }
        })
    };
    let dropping = spawn(move || {
        let _ = poll_once(&mut driver);
        drop(driver);
    });
    block_on(client.close(Mode::Graceful));
    dropping.join().unwrap();
    assert!(matches!(block_on(client.acquire()), Err(Error::Lost { .. })));
    holding.join().unwrap();
}

/// The same while it connects.
fn a_dropped_driver_ends_a_connect() {
    let (client, mut driver) = session(Config::default(), slow());
    let dropping = spawn(move || {
        let _ = poll_once(&mut driver);
        drop(driver);
    });
    assert!(matches!(block_on(client.acquire()), Err(Error::Lost { .. })));
    dropping.join().unwrap();
}

/// A shutdown meets an acquire: it ends with a lease or a no, and the driver ends.
fn a_shutdown_meets_an_acquire() {
    let session = Served::new(Config::default());
    let other = {
        let client = session.client.clone();
        spawn(move || drop(block_on(client.acquire())))
    };
    block_on(session.client.shutdown(Mode::Graceful));
    other.join().unwrap();
    session.end();
}

/// The last client is dropped while a weak one is upgraded: either it is one in time, and is served, or not.
fn the_last_client_meets_an_upgrade() {
    let session = Served::new(Config::default());
    let weak = session.client.downgrade();
    let upgrading = spawn(move || {
        if let Some(client) = weak.upgrade() {
            drop(block_on(client.acquire()).expect("a client keeps it open"));
        }
    });
    session.end_with(|| upgrading.join().unwrap());
}

/// A runner ends while what lingers of it goes: the end comes once, and only when both are gone.
fn an_end_comes_once_and_after_what_lingers() {
    // A lock, not an atomic: what the counts of std's `Arc` make visible, loom doesn't know.
    let gone = Arc::new(Mutex::new(false));
    let lingers = Arc::new(Mutex::new(Vec::new()));
    let connector = {
        let (gone, lingers) = (gone.clone(), lingers.clone());
        from_fn(move |life: Life<Handle>| {
            let (gone, linger) = (gone.clone(), life.linger());
            lingers.lock().unwrap().push(spawn(move || {
                *gone.lock().unwrap() = true;
                drop(linger);
            }));
            async move {
                life.stopped().await;
                Ok::<(), Failure>(())
            }
        })
    };
    // Std's: it only counts, and is to be no point at which anything else is tried.
    let ends = Arc::new(std::sync::Mutex::new(0));
    let told = ends.clone();
    let is_end = |action: &Action<_>| matches!(action, Action::Ended { .. });
    let (client, driver) = Builder::new(kept())
        .trace(move |event| {
            *told.lock().unwrap() += event.output.actions.iter().filter(|a| is_end(a)).count();
        })
        .build(connector, Still);
    let driver = spawn(move || block_on(driver));
    let mut acquire = client.acquire();
    let _ = poll_once(&mut acquire);
    block_on(client.shutdown(Mode::Force));
    let started = std::mem::take(&mut *lingers.lock().unwrap());
    assert!(started.is_empty() || *gone.lock().unwrap(), "it ended before what lingers");
    driver.join().unwrap();
    assert_eq!(*ends.lock().unwrap(), started.len(), "each that was started ends once");
    for lingering in started {
        lingering.join().unwrap();
    }
}
