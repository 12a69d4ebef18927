//! The end of the driver, of the last client, and of a generation.

use std::sync::Arc;

use loom::sync::Mutex;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread::spawn;
use tenure::{Action, Config, Input, Mode};
use tenure_driver::{Builder, Error, Failure, Life, TraceEvent, from_fn};

use crate::cases::cases;
use crate::rig::{Handle, Served, Still, block_on, kept, obedient, poll_once, saw, session, slow, ways};

cases! {
    a_dropped_driver_leaves_nobody_waiting: ways(3, &["a lease", "closed", "lost"]),
    a_dropped_driver_ends_a_connect: 4,
    a_shutdown_meets_an_acquire: ways(3, &["a lease", "shut down"]),
    the_last_client_meets_an_upgrade: ways(4, &["in time", "too late"]),
    an_end_comes_once_and_after_what_lingers: ways(2, &["the runner goes first", "the runner goes last"]),
}

fn way_of<T>(acquired: &Result<T, Error>) -> &'static str {
    match acquired {
        Ok(_) => "a lease",
        Err(Error::Closed { for_good: false, .. }) => "closed",
        Err(Error::Closed { for_good: true, .. }) => "shut down",
        Err(Error::Lost { .. }) => "lost",
        Err(error) => panic!("{error}"),
    }
}

/// The driver is dropped while somebody waits for a lease, holds one, or waits for a close: all end.
fn a_dropped_driver_leaves_nobody_waiting() {
    let (client, mut driver) = session(Config::default(), obedient());
    let holding = {
        let client = client.clone();
        spawn(move || {
            let acquired = block_on(client.acquire());
            saw(way_of(&acquired));
            if let Ok(lease) = acquired {
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
        spawn(move || {
            saw(way_of(&block_on(client.acquire())));
        })
    };
    block_on(session.client.shutdown(Mode::Graceful));
    other.join().unwrap();
    session.end();
}

/// The last client is dropped while a weak one is upgraded: either it is one in time, and is served, or not.
fn the_last_client_meets_an_upgrade() {
    let session = Served::new(Config::default());
    let weak = session.client.downgrade();
    // The count of std's `Arc` is nothing that loom would try in both orders: this is.
    let turn = Arc::new(AtomicBool::new(false));
    let upgrading = {
        let turn = turn.clone();
        spawn(move || {
            turn.swap(true, Ordering::AcqRel);
            let Some(client) = weak.upgrade() else { return saw("too late") };
            saw("in time");
            drop(block_on(client.acquire()).expect("a client keeps it open"));
        })
    };
    turn.swap(true, Ordering::AcqRel);
    session.end_with(|| upgrading.join().unwrap());
}

/// What a trace tells of an end.
#[derive(Clone, Copy, Default)]
struct Told {
    /// The runner was done before what lingers of it.
    lingers: bool,
    /// Ends that the machine was told of.
    ends: usize,
    /// Ends that it told of.
    ended: usize,
}

impl Told {
    fn count(&mut self, event: &TraceEvent) {
        self.lingers |= matches!(event.input, Input::RunnerDone { .. });
        self.ends += usize::from(matches!(event.input, Input::RunnerEnded { .. }));
        let is_end = |action: &&Action<_>| matches!(action, Action::Ended { .. });
        self.ended += event.output.actions.iter().filter(is_end).count();
    }
}

/// A runner ends while what lingers of it goes: the end comes once, and only when both are gone.
fn an_end_comes_once_and_after_what_lingers() {
    // A lock, not an atomic: what the counts of std's `Arc` make visible, loom doesn't know.
    let gone = Arc::new(Mutex::new(false));
    let lingering = Arc::new(Mutex::new(None));
    let connector = {
        let (gone, lingering) = (gone.clone(), lingering.clone());
        from_fn(move |life: Life<Handle>| {
            let (going, linger) = (gone.clone(), life.linger());
            let thread = spawn(move || {
                *going.lock().unwrap() = true;
                drop(linger);
            });
            *lingering.lock().unwrap() = Some(thread);
            async move {
                life.stopped().await;
                Ok::<(), Failure>(())
            }
        })
    };
    // Std's: it only counts, and is to be no point at which anything else is tried.
    let told = Arc::new(std::sync::Mutex::new(Told::default()));
    let telling = told.clone();
    let (client, driver) =
        Builder::new(kept()).trace(move |event| telling.lock().unwrap().count(event)).build(connector, Still);
    let driver = spawn(move || block_on(driver));
    let mut acquire = client.acquire();
    let _ = poll_once(&mut acquire);
    block_on(client.shutdown(Mode::Force));
    assert!(*gone.lock().unwrap(), "it ended before what lingers");
    driver.join().unwrap();
    let Told { lingers, ends, ended } = *told.lock().unwrap();
    saw(if lingers { "the runner goes first" } else { "the runner goes last" });
    assert_eq!((ends, ended), (1, 1), "the machine is told of the end once, and tells of it once");
    let lingering = lingering.lock().unwrap().take();
    lingering.expect("it was started").join().unwrap();
}
