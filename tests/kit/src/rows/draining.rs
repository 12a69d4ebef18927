//! What callers meet while a generation is on its way out.

use futures_lite::future;
use tenure::{Config, Mode, Status, Step};
use tenure_driver::Error;

use crate::{Event, Gate, Plan, Runtime, Scene, assert_waits, call, echo, in_flight, now};

/// Acquire while draining: waits, may be cancelled, gets the next generation and never the dying one.
pub async fn row_09_acquire_while_draining<R: Runtime>() {
    let unwinding = Gate::new();
    let scene = Scene::<R>::new([Plan::new().unwinding(&unwinding)]);
    let lease = scene.lease().await;
    let closing = scene.client().close(Mode::Force);
    let (mut first, second, mut third) =
        (scene.waiting().await, scene.waiting().await, scene.waiting().await);
    scene.peer.saw(1, Event::Stop).await;
    assert!(scene.client().try_acquire().is_err(), "never the dying one");
    drop(second);
    assert_waits(&mut first).await;
    assert_waits(&mut third).await;
    assert_eq!(scene.peer.attempts(), 1, "nothing starts before the end");
    unwinding.open();
    closing.await;
    let (first, third) = (first.await.expect("the next"), third.await.expect("the next"));
    assert_eq!((first.generation().number(), third.generation().number()), (2, 2));
    assert_eq!(echo(&first, 7).await.ok(), Some(7));
    assert_eq!(scene.peer.attempts(), 2);
    drop((lease, first, third));
    scene.end().await;

    // In the graceful step too, though the session still works for who holds it.
    let scene = Scene::<R>::new([]);
    let lease = scene.lease().await;
    let closing = scene.client().close(Mode::Graceful);
    let mut next = scene.waiting().await;
    assert!(scene.client().try_acquire().is_err());
    assert_eq!(echo(&lease, 8).await.ok(), Some(8));
    assert_waits(&mut next).await;
    drop(lease);
    closing.await;
    let next = next.await.expect("the next");
    assert_eq!(next.generation().number(), 2);
    drop(next);
    scene.end().await;

    // And when it is the runner that takes nothing new.
    let scene = Scene::<R>::new([]);
    let lease = scene.lease().await;
    scene.peer.retire(1, "goodbye");
    scene.until(|status| matches!(status, Status::Draining { step: Step::Finish, .. })).await;
    assert!(scene.client().try_acquire().is_err());
    let mut next = scene.waiting().await;
    assert_eq!(echo(&lease, 9).await.ok(), Some(9), "what it has it serves");
    assert_waits(&mut next).await;
    drop(lease);
    let next = next.await.expect("the next");
    assert_eq!(next.generation().number(), 2);
    drop(next);
    scene.end().await;
}

/// Calls in flight at a force close fail at once, typed, however slow the teardown is.
pub async fn row_10_calls_in_flight_at_force_close<R: Runtime>() {
    for mode in [Mode::Force, Mode::Abort] {
        let unwinding = Gate::new();
        let scene = Scene::<R>::new([Plan::new().unwinding(&unwinding)]);
        let (first, second) = (scene.lease().await, scene.lease().await);
        let mut calls = [in_flight(&first, 1).await, in_flight(&first, 2).await, in_flight(&second, 3).await];
        let closing = scene.client().close(mode);
        for call in &mut calls {
            let error = now(call).await.expect_err("closed");
            assert!(
                matches!(error, Error::Closed { generation: Some(of), for_good: false } if of.number() == 1),
                "{error}"
            );
        }
        drop(calls);
        assert_eq!(scene.peer.in_flight(), 0);
        assert!(matches!(scene.status(), Status::Draining { .. }), "the teardown is slow");
        unwinding.open();
        closing.await;
        drop((first, second));
        scene.end().await;
    }
}

/// Calls in flight at a graceful close may finish until the deadline; then they fail at once.
pub async fn row_11_calls_in_flight_at_graceful_close<R: Runtime>() {
    let unwinding = Gate::new();
    let scene = Scene::<R>::new([Plan::new().unwinding(&unwinding)]);
    let lease = scene.lease().await;
    let (mut fast, mut slow) = (in_flight(&lease, 1).await, in_flight(&lease, 2).await);
    let mut closing = scene.client().close(Mode::Graceful);
    assert!(matches!(scene.status(), Status::Draining { step: Step::Finish, held: 1, .. }));
    scene.peer.answer(1);
    assert_eq!(now(&mut fast).await.ok(), Some(1), "it may finish");
    assert_eq!(echo(&lease, 3).await.ok(), Some(3), "a new one too");
    assert_waits(&mut slow).await;
    assert_waits(&mut closing).await;
    assert!(!scene.peer.has_seen(1, Event::Stop));

    scene.clock.pass(Config::default().finish_timeout).await;
    let error = slow.await.expect_err("too late");
    assert!(matches!(error, Error::Closed { for_good: false, .. }), "{error}");
    scene.peer.saw(1, Event::Stop).await;
    assert_waits(&mut closing).await;
    unwinding.open();
    closing.await;
    drop(fast);
    drop(lease);
    scene.end().await;

    // Who is done before the deadline isn't kept waiting for it.
    let scene = Scene::<R>::new([]);
    let lease = scene.lease().await;
    let closing = scene.client().close(Mode::Graceful);
    drop(lease);
    closing.await;
    assert_eq!(scene.peer.events_of(1), [Event::Started, Event::Ready, Event::Stop, Event::Ended]);
    scene.end().await;
}

/// A call on a revoked lease is refused at once, typed, and nothing is sent.
pub async fn row_13_a_call_on_a_revoked_lease<R: Runtime>() {
    let unwinding = Gate::new();
    let scene = Scene::<R>::new([Plan::new().unwinding(&unwinding)]);
    let lease = scene.lease().await;
    let graceful = scene.client().close(Mode::Graceful);
    assert_eq!(echo(&lease, 1).await.ok(), Some(1), "calls still go through");

    let force = scene.client().close(Mode::Force);
    let refused = now(&mut call(&lease, 2)).await;
    assert!(matches!(refused, Err(Error::Closed { .. })), "its generation is stopping: {refused:?}");
    unwinding.open();
    graceful.await;
    force.await;
    let refused = now(&mut call(&lease, 3)).await;
    assert!(matches!(refused, Err(Error::Closed { .. })), "its generation is over: {refused:?}");
    let next = scene.lease().await;
    let refused = now(&mut call(&lease, 4)).await;
    assert!(matches!(refused, Err(Error::Closed { .. })), "another one is live: {refused:?}");
    assert!(lease.check().is_err());
    let why = lease.revoked().await;
    assert_eq!(why.generation().map(tenure::Generation::number), Some(1));
    assert_eq!(scene.peer.calls(1), [1], "nothing was sent");
    assert!(scene.peer.calls(2).is_empty());
    drop((lease, next));
    scene.end().await;
}

/// A holder waits for the next generation, or for a graceful close, of the session it holds.
pub async fn row_25_a_holder_waits_for_its_own_session<R: Runtime>() {
    let finish = Config::default().finish_timeout;

    let scene = Scene::<R>::new([]);
    let client = scene.client();
    let holder = async {
        let lease = scene.lease().await;
        drop(client.close(Mode::Graceful));
        let next = client.acquire().await.expect("the next");
        assert!(lease.check().is_err());
        next
    };
    let (next, ()) = future::zip(holder, scene.clock.pass(finish)).await;
    assert_eq!(next.generation().number(), 2);
    drop(next);
    scene.end().await;

    let scene = Scene::<R>::new([]);
    let client = scene.client();
    let holder = async {
        let lease = scene.lease().await;
        client.close(Mode::Graceful).await;
        assert!(lease.check().is_err());
    };
    future::zip(holder, scene.clock.pass(finish)).await;
    scene.end().await;

    // Who drops its own first waits for no deadline.
    let scene = Scene::<R>::new([]);
    let lease = scene.lease().await;
    let closing = scene.client().close(Mode::Graceful);
    let next = scene.waiting().await;
    drop(lease);
    closing.await;
    drop(next.await.expect("the next"));
    scene.end().await;
}
