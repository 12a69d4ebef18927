//! Closing again and again.

use tenure::{Config, Mode, Status};
use tenure_driver::Error;

use crate::{Event, Gate, Plan, Runtime, Scene, assert_waits, call};

/// Closed twice, often, when idle; released after a close; shut down, then acquired.
pub async fn row_16_closed_and_shut_down_again_and_again<R: Runtime>() {
    idle::<R>().await;
    twice::<R>().await;
    stronger::<R>().await;
    many_at_once::<R>().await;
    released_after::<R>().await;
    shut_down::<R>().await;
}

async fn idle<R: Runtime>() {
    let scene = Scene::<R>::new([]);
    for mode in [Mode::Graceful, Mode::Force, Mode::Abort] {
        let closing = scene.client().close(mode);
        assert_eq!(closing.generation(), None, "done already");
        closing.await;
    }
    assert!(matches!(scene.status(), Status::Idle { last: None, .. }));
    assert_eq!(scene.peer.attempts(), 0);
    drop(scene.lease().await);
    scene.end().await;
}

/// An equal or weaker close joins, and the deadline still counts from the first.
async fn twice<R: Runtime>() {
    let unwinding = Gate::new();
    let scene = Scene::<R>::new([Plan::new().unwinding(&unwinding)]);
    let lease = scene.lease().await;
    let mut first = scene.client().close(Mode::Force);
    scene.clock.armed(Config::default().stop_timeout).await;
    let half = Config::default().stop_timeout / 2;
    scene.clock.advance(half);
    let mut second = scene.client().close(Mode::Force);
    let mut weaker = scene.client().close(Mode::Graceful);
    scene.clock.armed(Config::default().stop_timeout.saturating_sub(half)).await;
    for closing in [&mut first, &mut second, &mut weaker] {
        assert_waits(closing).await;
    }
    unwinding.open();
    first.await;
    second.await;
    weaker.await;
    assert_eq!(scene.peer.events_of(1), [Event::Started, Event::Ready, Event::Stop, Event::Ended]);
    drop(lease);
    scene.end().await;
}

/// A stronger close hurries the one under way.
async fn stronger<R: Runtime>() {
    let unwinding = Gate::new();
    let scene = Scene::<R>::new([Plan::new().unwinding(&unwinding)]);
    let lease = scene.lease().await;
    let graceful = scene.client().close(Mode::Graceful);
    let force = scene.client().close(Mode::Force);
    scene.peer.saw(1, Event::Stop).await;
    assert!(!scene.peer.has_seen(1, Event::Abort));
    let abort = scene.client().close(Mode::Abort);
    scene.peer.saw(1, Event::Abort).await;
    unwinding.open();
    graceful.await;
    force.await;
    abort.await;
    assert_eq!((scene.peer.count(1, Event::Stop), scene.peer.count(1, Event::Abort)), (1, 1));
    drop(lease);
    scene.end().await;
}

async fn many_at_once<R: Runtime>() {
    let scene = Scene::<R>::new([]);
    let lease = scene.lease().await;
    let done: Vec<Gate> = (0..10).map(|_| Gate::new()).collect();
    for gate in &done {
        let (client, gate) = (scene.client().clone(), gate.clone());
        R::spawn(async move {
            client.close(Mode::Force).await;
            drop(client);
            gate.open();
        });
    }
    for gate in done {
        gate.passed().await;
    }
    assert_eq!(scene.peer.count(1, Event::Stop), 1);
    assert_eq!(scene.peer.count(1, Event::Ended), 1);
    assert_eq!(scene.peer.attempts(), 1);
    drop(lease);
    scene.end().await;
}

async fn released_after<R: Runtime>() {
    let scene = Scene::<R>::new([]);
    let (first, second) = (scene.lease().await, scene.lease().await);
    scene.client().close(Mode::Force).await;
    drop(first);
    let status = scene.status();
    assert!(matches!(status, Status::Idle { .. }), "{status:?}");
    drop(second);
    assert_eq!(scene.status(), status);
    assert_eq!(scene.peer.attempts(), 1);
    scene.end().await;
}

async fn shut_down<R: Runtime>() {
    for mode in [Mode::Graceful, Mode::Force, Mode::Abort] {
        let unwinding = Gate::new();
        let scene = Scene::<R>::new([Plan::new().unwinding(&unwinding)]);
        let lease = scene.lease().await;
        let mut first = scene.client().shutdown(mode);
        let second = scene.client().shutdown(Mode::Graceful);
        // Refused from the first moment on, and for good.
        refuses(&scene).await;
        assert_waits(&mut first).await;
        if mode == Mode::Graceful {
            assert!(lease.check().is_ok(), "who holds one may finish");
        } else {
            let error = call(&lease, 1).await.expect_err("it is over");
            assert!(matches!(error, Error::Closed { for_good: true, .. }), "{error}");
        }
        drop(lease);
        unwinding.open();
        first.await;
        second.await;
        scene.driver_gone().await;
        assert!(matches!(scene.status(), Status::Closed { .. }));
        refuses(&scene).await;
        let third = scene.client().shutdown(mode);
        assert_eq!(third.generation(), None);
        third.await;
        scene.client().close(mode).await;
        assert_eq!(scene.peer.attempts(), 1);
        scene.end().await;
    }
}

async fn refuses<R: Runtime>(scene: &Scene<R>) {
    let error = scene.client().acquire().await.expect_err("it was shut down");
    assert!(matches!(error, Error::Closed { for_good: true, .. }), "{error}");
    let error = scene.client().try_acquire().expect_err("it was shut down");
    assert!(matches!(error, Error::Closed { for_good: true, .. }), "{error}");
}
