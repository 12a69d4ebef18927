//! The end of sessions: by their driver, their runtime, their clients, their idle timeout.

use std::time::Duration;

use tenure::{Config, KeepAlive, Mode, Status};
use tenure_driver::Error;

use crate::{Event, Gate, Plan, Runtime, Scene, assert_waits, call, echo, in_flight, now};

/// The driver, or the runtime under it, is dropped with callers waiting and calls in flight.
pub async fn row_18_the_driver_or_the_runtime_is_dropped<R: Runtime>() {
    dropped_while_connecting::<R>().await;
    dropped_while_finishing::<R>().await;
    dropped_while_stopping::<R>().await;
    dropped_with_its_runtime::<R>().await;
}

fn assert_dropped(error: &Error) {
    assert!(matches!(error, Error::Lost { .. }), "{error}");
    assert!(error.to_string().contains("the driver was dropped"), "{error}");
}

async fn dropped_while_connecting<R: Runtime>() {
    let scene = Scene::<R>::new([Plan::new().opening(&Gate::new())]);
    let mut callers = [scene.waiting().await, scene.waiting().await];
    scene.peer.saw(1, Event::Started).await;
    scene.drop_driver().await;
    for caller in &mut callers {
        assert_dropped(&now(caller).await.expect_err("nobody is there"));
    }
    assert_dropped(&scene.client().acquire().await.expect_err("nobody is there"));
    scene.client().close(Mode::Graceful).await;
    assert_eq!(scene.peer.alive(), (0, 0));
    assert!(scene.peer.has_seen(1, Event::Dropped));
    scene.end().await;
}

/// A caller waits, calls are in flight and a close is waited for, all at once.
async fn dropped_while_finishing<R: Runtime>() {
    let scene = Scene::<R>::new([]);
    let lease = scene.lease().await;
    let mut calls = [in_flight(&lease, 1).await, in_flight(&lease, 2).await];
    let mut closing = scene.client().close(Mode::Graceful);
    let mut next = scene.waiting().await;
    assert_waits(&mut closing).await;
    scene.drop_driver().await;
    for call in &mut calls {
        assert_dropped(&now(call).await.expect_err("nobody is there"));
    }
    assert_dropped(&now(&mut next).await.expect_err("nobody is there"));
    now(&mut closing).await;
    assert_dropped(&lease.check().expect_err("nobody is there"));
    assert!(matches!(scene.status(), Status::Closed { .. }), "{:?}", scene.status());
    drop(calls);
    drop(lease);
    scene.end().await;
}

/// What lingers of the runner keeps nobody waiting once the driver is gone.
async fn dropped_while_stopping<R: Runtime>() {
    let scene = Scene::<R>::new([Plan::new().unwinding(&Gate::new()).lingers()]);
    let lease = scene.lease().await;
    let mut closing = scene.client().close(Mode::Force);
    let mut next = scene.waiting().await;
    scene.peer.saw(1, Event::Stop).await;
    assert_waits(&mut closing).await;
    scene.drop_driver().await;
    now(&mut closing).await;
    assert_dropped(&now(&mut next).await.expect_err("nobody is there"));
    drop(lease);
    scene.peer.let_all_go();
    scene.end().await;
}

/// Everything the callers hold outlives the runtime, and ends at once when that is dropped.
async fn dropped_with_its_runtime<R: Runtime>() {
    let thread = std::thread::spawn(|| {
        R::block_on(async {
            let scene = Scene::<R>::new([]);
            let lease = scene.lease().await;
            let call = async move {
                let mut call = call(&lease, 1);
                (&mut call).await
            };
            let mut call = Box::pin(call);
            assert_waits(&mut call).await;
            let closing = scene.client().close(Mode::Graceful);
            let next = scene.waiting().await;
            (scene, call, closing, next)
        })
    });
    let Ok((scene, mut call, mut closing, mut next)) = thread.join() else {
        panic!("the other runtime's body failed");
    };
    assert_dropped(&now(&mut call).await.expect_err("the runtime is gone"));
    assert_dropped(&now(&mut next).await.expect_err("the runtime is gone"));
    now(&mut closing).await;
    assert_dropped(&scene.client().acquire().await.expect_err("the runtime is gone"));
    assert!(scene.peer.has_seen(1, Event::Dropped));
    drop(call);
    scene.end().await;
}

/// The last client is dropped without a close: an orderly stop.
pub async fn row_19_the_last_client_is_dropped<R: Runtime>() {
    // While nothing is connected.
    let mut scene = Scene::<R>::new([]);
    drop(scene.take_client());
    scene.driver_gone().await;
    scene.end().await;

    // While it is live, kept alive by policy alone.
    let config = || Config::default().keep_alive(KeepAlive::Always);
    let mut scene = Scene::<R>::with(config(), []);
    drop(scene.lease().await);
    scene.assert_live(1, 0);
    let client = scene.take_client();
    let copy = client.clone();
    drop(client);
    assert!(matches!(copy.state(), Status::Live { .. }), "there is another client");
    drop(copy);
    scene.driver_gone().await;
    assert_eq!(scene.peer.events_of(1), [Event::Started, Event::Ready, Event::Stop, Event::Ended]);
    scene.end().await;

    // While a call is in flight: it may finish, then the lease goes, then the runner is stopped.
    let mut scene = Scene::<R>::with(config(), []);
    let lease = scene.lease().await;
    let mut call = in_flight(&lease, 1).await;
    drop(scene.take_client());
    assert_eq!(echo(&lease, 2).await.ok(), Some(2));
    scene.peer.answer(1);
    assert_eq!(now(&mut call).await.ok(), Some(1));
    assert!(!scene.peer.has_seen(1, Event::Stop));
    drop(call);
    drop(lease);
    scene.driver_gone().await;
    assert_eq!(scene.peer.events_of(1), [Event::Started, Event::Ready, Event::Stop, Event::Ended]);
    scene.end().await;

    // While it connects: the caller who still waits is told.
    let mut scene = Scene::<R>::new([Plan::new().opening(&Gate::new())]);
    let mut waiting = scene.waiting().await;
    scene.peer.saw(1, Event::Started).await;
    drop(scene.take_client());
    let error = now(&mut waiting).await.expect_err("shut down");
    assert!(matches!(error, Error::Closed { for_good: true, .. }), "{error}");
    scene.driver_gone().await;
    assert_eq!(scene.peer.events_of(1), [Event::Started, Event::Stop, Event::Ended]);
    scene.end().await;
}

/// Idle for its idle timeout and acquired again just then: closed once or used, never both.
pub async fn row_23_acquired_at_the_idle_timeout<R: Runtime>() {
    let idle = Duration::from_secs(10);
    let config = || Config::default().keep_alive(KeepAlive::For(idle));

    // Just before: used, and the next timeout counts from the next release.
    let scene = Scene::<R>::with(config(), []);
    drop(scene.lease().await);
    let just = Duration::from_nanos(1);
    scene.clock.armed(idle).await;
    scene.clock.advance(idle.saturating_sub(just));
    let lease = scene.lease().await;
    scene.clock.advance(idle);
    scene.assert_live(1, 1);
    drop(lease);
    scene.clock.pass(idle).await;
    scene.peer.saw(1, Event::Stop).await;
    scene.peer.saw(1, Event::Ended).await;
    scene.end().await;

    // Just then: the driver and the caller race.
    for _ in 0..50 {
        let scene = Scene::<R>::with(config(), []);
        drop(scene.lease().await);
        scene.clock.pass(idle).await;
        let lease = scene.lease().await;
        let generation = lease.generation().number();
        assert_eq!(echo(&lease, 7).await.ok(), Some(7));
        let stops = (scene.peer.count(1, Event::Stop), scene.peer.count(2, Event::Stop));
        match generation {
            1 => assert_eq!((stops, scene.peer.attempts()), ((0, 0), 1), "used, so not closed"),
            2 => assert_eq!((stops, scene.peer.attempts()), ((1, 0), 2), "closed once, so not used"),
            other => panic!("generation {other}"),
        }
        scene.assert_live(generation, 1);
        drop(lease);
        scene.end().await;
    }
}

/// A client in its own runner: a weak one, and the last strong one still ends the session.
pub async fn row_26_a_client_in_its_own_runner<R: Runtime>() {
    let config = Config::default().keep_alive(KeepAlive::Always);
    let mut scene = Scene::<R>::with(config, [Plan::new().uses_client()]);
    let client = scene.take_client();
    let weak = client.downgrade();
    scene.peer.give_client(weak.clone());
    let lease = client.acquire().await.expect("a lease comes");
    assert_eq!(echo(&lease, 7).await.ok(), Some(7));
    scene.peer.used_client().await;
    drop(lease);
    assert!(weak.upgrade().is_some());
    drop(client);
    assert!(weak.upgrade().is_none(), "nothing else keeps it");
    scene.driver_gone().await;
    assert_eq!(scene.peer.events_of(1), [Event::Started, Event::Ready, Event::Stop, Event::Ended]);
    scene.end().await;
}
