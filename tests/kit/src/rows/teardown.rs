//! Teardowns that are slow, late or never end.

use std::num::NonZeroU32;

use tenure::{Config, Mode, Refusal, Status};
use tenure_driver::Error;

use crate::{Deaf, Event, Gate, Plan, Runtime, Scene, assert_waits, call, echo, now};

/// A force close waits for a slow teardown and is cancelled; another caller connects at once.
pub async fn row_01_a_cancelled_close_goes_on<R: Runtime>() {
    let unwinding = Gate::new();
    let scene = Scene::<R>::new([Plan::new().unwinding(&unwinding)]);
    let old = scene.lease().await;
    let mut closing = scene.client().close(Mode::Force);
    let mut next = scene.waiting().await;
    assert_waits(&mut closing).await;
    scene.peer.saw(1, Event::Stop).await;
    drop(closing);

    assert_waits(&mut next).await;
    assert!(matches!(scene.status(), Status::Draining { .. }), "the teardown goes on: {:?}", scene.status());
    assert!(!scene.peer.has_seen(1, Event::Abort) && !scene.peer.has_seen(1, Event::Dropped));
    unwinding.open();

    let lease = next.await.expect("the next generation");
    assert_eq!(lease.generation().number(), 2);
    assert_eq!(echo(&lease, 7).await.ok(), Some(7));
    assert_eq!(scene.peer.count(1, Event::Ended), 1, "it ran to its end");
    assert_eq!(scene.peer.attempts(), 2);
    assert!(matches!(old.check(), Err(Error::Closed { for_good: false, .. })), "{:?}", old.check());
    drop(old);
    scene.assert_live(2, 1);
    drop(lease);
    scene.end().await;
}

/// A runner overruns all its deadlines, a new generation starts, then the old clean-up ends.
pub async fn row_02_an_old_clean_up_ends_late<R: Runtime>() {
    // The new session is untouched.
    let scene = Scene::<R>::new([Plan::new().deaf(Deaf::ToAll).lingers()]);
    overrun(&scene).await;
    let lease = scene.lease().await;
    scene.assert_live(2, 1);
    scene.peer.let_go(1);
    scene.assert_live(2, 1);
    assert_eq!(echo(&lease, 7).await.ok(), Some(7));
    assert_eq!(scene.peer.events_of(2), [Event::Started, Event::Ready]);
    drop(lease);
    scene.end().await;

    // It keeps its place as an orphan until its clean-up has ended, and not longer.
    let config = Config::default().max_orphans(NonZeroU32::MIN);
    let scene = Scene::<R>::with(config, [Plan::new().deaf(Deaf::ToAll).lingers()]);
    overrun(&scene).await;
    let refused = scene.client().acquire().await.expect_err("no place for another");
    assert!(matches!(refused, Error::Refused { reason: Refusal::TooManyOrphans { limit: 1 } }), "{refused}");
    assert_eq!(scene.peer.attempts(), 1);
    scene.peer.let_go(1);
    let lease = scene.lease().await;
    assert_eq!(lease.generation().number(), 2);
    drop(lease);
    scene.end().await;
}

/// Opens generation 1, closes it, and lets its deaf runner overrun every deadline.
async fn overrun<R: Runtime>(scene: &Scene<R>) {
    let config = Config::default();
    let lease = scene.lease().await;
    let closing = scene.client().close(Mode::Force);
    scene.clock.pass(config.stop_timeout).await;
    scene.peer.saw(1, Event::Abort).await;
    scene.clock.pass(config.abort_timeout).await;
    scene.peer.saw(1, Event::Dropped).await;
    scene.clock.pass(config.discard_timeout).await;
    closing.await;
    drop(lease);
}

/// Holders release after a force close and a reconnect: one, two, ten of them.
pub async fn row_03_released_late<R: Runtime>() {
    for holders in [1, 2, 10] {
        let scene = Scene::<R>::new([]);
        let mut old = Vec::new();
        for _ in 0..holders {
            old.push(scene.lease().await);
        }
        scene.assert_live(1, holders);
        scene.client().close(Mode::Force).await;
        let lease = scene.lease().await;
        scene.assert_live(2, 1);
        for late in old {
            drop(late);
            scene.assert_live(2, 1);
        }
        assert_eq!(echo(&lease, 7).await.ok(), Some(7));
        assert!(!scene.peer.has_seen(2, Event::Stop));
        drop(lease);
        scene.peer.saw(2, Event::Ended).await;
        scene.end().await;
    }
}

/// A teardown that never ends: every close and every acquire ends within the bounds, on no CPU.
pub async fn row_15_a_teardown_that_never_ends<R: Runtime>() {
    let config = Config::default();
    let (finish, stop, abort, discard) =
        (config.finish_timeout, config.stop_timeout, config.abort_timeout, config.discard_timeout);
    let cases = [
        (Mode::Graceful, vec![finish, stop, abort, discard]),
        (Mode::Force, vec![stop, abort, discard]),
        (Mode::Abort, vec![abort, discard]),
    ];
    for (mode, steps) in cases {
        let scene = Scene::<R>::new([Plan::new().deaf(Deaf::ToAll).lingers()]);
        let lease = scene.lease().await;
        let mut closing = scene.client().close(mode);
        let mut next = scene.waiting().await;
        for step in steps {
            assert_waits(&mut closing).await;
            assert_waits(&mut next).await;
            scene.clock.pass(step).await;
        }
        closing.await;
        let next = next.await.expect("the next generation");
        assert_eq!(next.generation().number(), 2);
        // Each input or step is worth a handful of polls, however long it all takes.
        assert!(scene.polls() <= 40, "{} polls", scene.polls());
        drop((lease, next));
        scene.end().await;
    }
    never_opens::<R>().await;
}

/// The same while it connects: the caller ends at the connect deadline, the next one after the teardown.
async fn never_opens<R: Runtime>() {
    let config = Config::default();
    let plan = Plan::new().opening(&Gate::new()).deaf(Deaf::ToAll).lingers();
    let scene = Scene::<R>::new([plan]);
    let first = scene.waiting().await;
    scene.clock.pass(config.connect_timeout).await;
    assert!(matches!(first.await, Err(Error::TimedOut { .. })));
    let mut closing = scene.client().close(Mode::Force);
    let next = scene.waiting().await;
    for step in [config.stop_timeout, config.abort_timeout, config.discard_timeout] {
        assert_waits(&mut closing).await;
        scene.clock.pass(step).await;
    }
    closing.await;
    let next = next.await.expect("the next generation");
    let mut pending = call(&next, 1);
    assert_waits(&mut pending).await;
    scene.peer.answer(1);
    assert_eq!(now(&mut pending).await.ok(), Some(1));
    assert!(scene.polls() <= 40, "{} polls", scene.polls());
    drop(pending);
    drop(next);
    scene.end().await;
}
