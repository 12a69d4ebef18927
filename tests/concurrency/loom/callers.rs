//! Callers against the driver and against each other.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::StreamExt as _;
use loom::sync::Mutex;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread::spawn;
use tenure::{Config, KeepAlive, Mode, Status};
use tenure_driver::{Error, Failure, Lease, Life, from_fn};

use crate::cases::cases;
use crate::rig::{
    Served, assert_honest, block_on, kept, number, obedient, poll_once, saw, session, wait_until_unheld, ways,
};

cases! {
    a_lease_comes: 3,
    an_acquire_that_is_dropped_holds_nothing: ways(3, &["given up", "came at once"]),
    the_only_caller_gives_up: ways(3, &["after the lease", "before the lease"]),
    a_close_meets_an_acquire: ways(2, &["a lease", "rejected"]),
    a_close_meets_an_acquire_while_live: ways(2, &["the closed one", "the next one"]),
    a_lease_never_outlives_its_revoke: 3,
    the_last_release_meets_a_new_acquire: ways(2, &["the same one", "the next one"]),
    leases_that_go_meet_a_close: 2,
    a_call_in_flight_ends: 2,
    a_deadline_alone_wakes_the_driver: 3,
    the_last_release_alone_wakes_the_driver: 3,
}

/// A caller waits for its lease while the driver connects.
fn a_lease_comes() {
    let session = Served::new(Config::default());
    drop(session.acquire().expect("nothing is in its way"));
    session.end();
}

/// An acquire is dropped at any moment: its place, or its lease, is given back, and the other gets its own.
fn an_acquire_that_is_dropped_holds_nothing() {
    let session = Served::new(kept());
    let dropped = {
        let client = session.client.clone();
        spawn(move || {
            let polled = poll_once(&mut client.acquire());
            saw(if polled.is_pending() { "given up" } else { "came at once" });
        })
    };
    drop(session.acquire().expect("nobody closes it"));
    dropped.join().unwrap();
    wait_until_unheld(&session.client);
    session.end();
}

/// The only caller gives up at any moment: the session comes to rest with no lease held.
fn the_only_caller_gives_up() {
    let session = Served::new(kept());
    let mut acquire = session.client.acquire();
    drop(poll_once(&mut acquire));
    let live = matches!(session.client.state(), Status::Live { .. });
    saw(if live { "after the lease" } else { "before the lease" });
    drop(acquire);
    wait_until_unheld(&session.client);
    session.end();
}

/// Who acquires after a close never gets what was closed; who acquires meanwhile gets a lease or a no.
fn a_close_meets_an_acquire() {
    let session = Served::new(Config::default());
    let other = {
        let client = session.client.clone();
        spawn(move || match block_on(client.acquire()) {
            Ok(lease) => {
                saw("a lease");
                assert_honest(&lease);
            }
            Err(Error::Closed { for_good: false, .. }) => saw("rejected"),
            Err(error) => panic!("{error}"),
        })
    };
    let closed = number(session.client.close(Mode::Force).generation());
    let lease = session.acquire().expect("nobody closes it after that");
    assert!(lease.generation().number() > closed, "a lease of the generation that was closed");
    assert_honest(&lease);
    drop(lease);
    other.join().unwrap();
    session.end();
}

/// The same with a session that is live: a lease of it, which is revoked, or one of the next.
fn a_close_meets_an_acquire_while_live() {
    let session = Served::new(kept());
    drop(session.acquire().expect("nothing is in its way"));
    let other = {
        let client = session.client.clone();
        spawn(move || {
            let lease = block_on(client.acquire()).expect("no close rejects who is served at once");
            let first = lease.generation().number() == 1;
            saw(if first { "the closed one" } else { "the next one" });
            assert_honest(&lease);
            if first {
                block_on(lease.revoked());
            }
        })
    };
    block_on(session.client.close(Mode::Force));
    other.join().unwrap();
    wait_until_unheld(&session.client);
    session.end();
}

/// From the close on no lease looks good: not even to its runner, the moment that it is told to stop.
fn a_lease_never_outlives_its_revoke() {
    let (held, fault) = (Arc::new(Mutex::new(None::<Lease<()>>)), Arc::new(AtomicBool::new(false)));
    let (seen, found) = (held.clone(), fault.clone());
    let (client, driver) = session(
        Config::default(),
        from_fn(move |life: Life<()>| {
            let (seen, found) = (seen.clone(), found.clone());
            async move {
                life.ready(()).stopped().await;
                let good = seen.lock().unwrap().as_ref().is_some_and(|lease| lease.check().is_ok());
                found.store(good, Ordering::SeqCst);
                Ok::<(), Failure>(())
            }
        }),
    );
    let driver = spawn(move || block_on(driver));
    *held.lock().unwrap() = Some(block_on(client.acquire()).expect("nothing is in its way"));
    block_on(client.close(Mode::Force));
    assert!(!fault.load(Ordering::SeqCst), "a lease looks good after its runner was told to stop");
    let lease = held.lock().unwrap().take();
    drop(lease);
    drop(client);
    driver.join().unwrap();
}

/// The last release meets a new acquire: one generation is used on, or closed, never both.
fn the_last_release_meets_a_new_acquire() {
    let session = Served::new(Config::default());
    let lease = session.acquire().expect("nothing is in its way");
    let releasing = spawn(move || drop(lease));
    let lease = session.acquire().expect("nobody closes it");
    let first = lease.generation().number() == 1;
    saw(if first { "the same one" } else { "the next one" });
    assert_honest(&lease);
    releasing.join().unwrap();
    assert!(lease.check().is_ok(), "a lease of a session that its last release closed");
    drop(lease);
    session.end();
}

/// Of two leases each may go first, before a close and after it: it ends with the second.
fn leases_that_go_meet_a_close() {
    let session = Served::new(kept());
    let [one, other] = [(); 2].map(|()| session.acquire().expect("nothing is in its way"));
    let going = spawn(move || {
        drop(one);
    });
    let closing = session.client.close(Mode::Graceful);
    assert!(other.check().is_ok(), "it was revoked while it might finish");
    drop(other);
    block_on(closing);
    going.join().unwrap();
    session.end();
}

/// A call in flight ends when somebody closes.
fn a_call_in_flight_ends() {
    let session = Served::new(Config::default());
    let lease = session.acquire().expect("nothing is in its way");
    let calling = spawn(move || {
        let ended = block_on(lease.run(async |_| std::future::pending::<()>().await));
        assert!(ended.is_err());
    });
    block_on(session.client.close(Mode::Force));
    calling.join().unwrap();
    session.end();
}

/// A close that only starts a deadline, with no order for the driver, is noticed; also when the driver is
/// about to sleep for something else.
fn a_deadline_alone_wakes_the_driver() {
    let hour = KeepAlive::For(Duration::from_secs(3600));
    let (client, driver) =
        session(Config::default().keep_alive(hour).finish_timeout(Duration::ZERO), obedient());
    let driver = spawn(move || block_on(driver));
    // The keep-alive begins, and the driver is woken to tell it the time. It may be at that when the close comes.
    drop(block_on(client.acquire()).expect("nothing is in its way"));
    let lease = block_on(client.acquire()).expect("nothing is in its way");
    let closing = client.close(Mode::Graceful);
    let _ = block_on(lease.revoked());
    drop(lease);
    block_on(closing);
    drop(client);
    driver.join().unwrap();
}

/// With the last lease the keep-alive begins, and nothing else wakes the driver: it is told the time all the same, also
/// when it is about to sleep.
fn the_last_release_alone_wakes_the_driver() {
    let at_once = KeepAlive::For(Duration::ZERO);
    let (client, driver) = session(Config::default().keep_alive(at_once), obedient());
    let driver = spawn(move || block_on(driver));
    drop(block_on(client.acquire()).expect("nothing is in its way"));
    // Nobody watches before.
    let mut states = client.states();
    while !matches!(block_on(states.next()), Some(Status::Idle { last: Some(_), .. })) {}
    drop((states, client));
    driver.join().unwrap();
}
