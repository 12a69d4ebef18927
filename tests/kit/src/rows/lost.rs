//! Connections that are lost.

use std::num::NonZeroU32;
use std::time::Duration;

use tenure::{Config, ExitKind, Retry, Status};
use tenure_driver::Error;

use crate::{Event, PANIC, Panics, Plan, Runtime, Scene, assert_waits, call, echo, in_flight, now};

/// A retry policy without chance.
fn retry(attempts: u32) -> Retry {
    let attempts = NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN);
    Retry::default().attempts(attempts).base(Duration::from_millis(100)).jitter(0)
}

fn assert_lost(error: &Error, generation: u64, why: &str) {
    let Error::Lost { generation: Some(of), failure } = error else {
        panic!("it should be lost: {error}");
    };
    assert_eq!(of.number(), generation, "{error}");
    assert_eq!(failure.to_string(), why);
}

/// Lost with leases held: a new caller reconnects, old holders are told why, their release is harmless.
pub async fn row_04_lost_with_leases_held<R: Runtime>() {
    let scene = Scene::<R>::new([]);
    let (first, second) = (scene.lease().await, scene.lease().await);
    scene.peer.die(1, "the cable was cut");
    assert_lost(&first.revoked().await, 1, "the cable was cut");
    let lease = scene.lease().await;
    scene.assert_live(2, 1);
    for old in [first, second] {
        let error = now(&mut call(&old, 1)).await.expect_err("lost");
        assert_lost(&error, 1, "the cable was cut");
        drop(old);
        scene.assert_live(2, 1);
    }
    assert_eq!(echo(&lease, 7).await.ok(), Some(7));
    drop(lease);
    scene.end().await;

    // With a retry policy, a life that ended too early is a failed attempt: its backoff comes first.
    let scene = Scene::<R>::with(Config::default().retry(Some(retry(3))), []);
    let old = scene.lease().await;
    scene.peer.die(1, "the cable was cut");
    old.revoked().await;
    let mut next = scene.waiting().await;
    scene.clock.armed(Duration::from_millis(100)).await;
    assert_waits(&mut next).await;
    assert_eq!(scene.peer.attempts(), 1);
    scene.clock.pass(Duration::from_millis(100)).await;
    let lease = next.await.expect("the next");
    drop(old);
    scene.assert_live(2, 1);
    drop(lease);
    scene.end().await;

    // A life that was long enough isn't: it reconnects at once.
    let max_age = Duration::from_secs(100);
    let config = Config::default().retry(Some(retry(3))).max_age(Some(max_age));
    let scene = Scene::<R>::with(config, []);
    let old = scene.lease().await;
    let stable = retry(3).stable_after;
    scene.clock.pass(stable).await;
    scene.clock.armed(max_age.saturating_sub(stable)).await;
    scene.peer.die(1, "the cable was cut");
    old.revoked().await;
    drop(scene.lease().await);
    drop(old);
    scene.end().await;
}

/// The server dies with calls in flight: they fail at once, the state leaves live, the next reconnects.
pub async fn row_12_the_server_dies_with_calls_in_flight<R: Runtime>() {
    let scene = Scene::<R>::new([]);
    let lease = scene.lease().await;
    let calls = [in_flight(&lease, 1).await, in_flight(&lease, 2).await];
    scene.peer.die(1, "killed");
    for call in calls {
        assert_lost(&call.await.expect_err("lost"), 1, "killed");
        assert!(!matches!(scene.status(), Status::Live { .. }), "{:?}", scene.status());
    }
    assert!(scene.client().try_acquire().is_err());
    let next = scene.lease().await;
    assert_eq!(next.generation().number(), 2);
    assert_eq!(scene.peer.in_flight(), 0);
    drop((lease, next));
    scene.end().await;

    // What outlives the runner delays the next connect, not the error.
    let scene = Scene::<R>::new([Plan::new().lingers()]);
    let lease = scene.lease().await;
    let call = in_flight(&lease, 1).await;
    scene.peer.die(1, "killed");
    assert_lost(&call.await.expect_err("lost"), 1, "killed");
    let mut next = scene.waiting().await;
    scene.peer.saw(1, Event::Ended).await;
    assert_waits(&mut next).await;
    assert_eq!(scene.peer.attempts(), 1);
    scene.peer.let_go(1);
    drop(next.await.expect("the next"));
    drop(lease);
    scene.end().await;
}

/// The runner panics, wherever: its generation is lost with that cause, the next one lives.
pub async fn row_17_the_runner_panics<R: Runtime>() {
    for panics in [Panics::AtStart, Panics::WhileConnecting] {
        let scene = Scene::<R>::new([Plan::new().panics(panics)]);
        let error = scene.client().acquire().await.expect_err("it panics");
        let Error::ConnectFailed { generation, failure } = &error else {
            panic!("{error}");
        };
        assert_eq!((generation.number(), failure.kind()), (1, ExitKind::Panicked));
        assert!(error.to_string().contains(PANIC), "{error}");
        assert_next_lives(scene).await;
    }

    let scene = Scene::<R>::new([Plan::new().panics(Panics::WhileServing)]);
    let lease = scene.lease().await;
    let call = in_flight(&lease, 1).await;
    scene.peer.die(1, "");
    let error = call.await.expect_err("it panics");
    let Error::Lost { failure, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.kind(), ExitKind::Panicked);
    assert!(error.to_string().contains(PANIC), "{error}");
    drop(lease);
    assert_next_lives(scene).await;

    // In its drop, after it ended by itself or was told to stop.
    let scene = Scene::<R>::new([Plan::new().panics(Panics::AtDrop)]);
    let lease = scene.lease().await;
    scene.peer.die(1, "killed");
    let error = lease.revoked().await;
    assert!(matches!(&error, Error::Lost { failure, .. } if failure.kind() == ExitKind::Panicked), "{error}");
    drop(lease);
    assert_next_lives(scene).await;

    let scene = Scene::<R>::new([Plan::new().panics(Panics::AtDrop)]);
    drop(scene.lease().await);
    scene.peer.saw(1, Event::Ended).await;
    assert_next_lives(scene).await;

    // In its drop, when it is dropped because it ignored everything.
    let config = Config::default();
    let scene = Scene::<R>::new([Plan::new().deaf(crate::Deaf::ToAll).panics(Panics::AtDrop)]);
    drop(scene.lease().await);
    scene.clock.pass(config.stop_timeout).await;
    scene.clock.pass(config.abort_timeout).await;
    scene.peer.saw(1, Event::Dropped).await;
    assert_next_lives(scene).await;
}

async fn assert_next_lives<R: Runtime>(scene: Scene<R>) {
    let lease = scene.lease().await;
    assert_eq!(lease.generation().number(), 2);
    assert_eq!(echo(&lease, 7).await.ok(), Some(7));
    drop(lease);
    scene.end().await;
}

/// Calls are never replayed: only the caller may try again.
pub async fn row_24_nothing_is_replayed<R: Runtime>() {
    let scene = Scene::<R>::new([]);
    let lease = scene.lease().await;
    let (first, second) = (in_flight(&lease, 1).await, in_flight(&lease, 2).await);
    scene.peer.die(1, "killed");
    assert!(first.await.is_err() && second.await.is_err());
    drop(lease);
    let lease = scene.lease().await;
    assert_eq!(echo(&lease, 3).await.ok(), Some(3));
    assert_eq!(scene.peer.calls(1), [1, 2]);
    assert_eq!(scene.peer.calls(2), [3], "nothing but what was asked now");
    let again = in_flight(&lease, 1).await;
    scene.peer.answer(1);
    assert_eq!(again.await.ok(), Some(1), "the caller may");
    assert_eq!(scene.peer.calls(2), [3, 1]);
    drop(lease);
    scene.end().await;
}

/// A server says ready and dies, again and again.
pub async fn row_27_ready_and_dead_again_and_again<R: Runtime>() {
    let dies = || Plan::new().dies_at_once("no licence");

    // Without a policy each acquire gets its own clear error.
    let scene = Scene::<R>::new((0..5).map(|_| dies()));
    for generation in 1..=5 {
        let lease = scene.lease().await;
        let error = call(&lease, 1).await.expect_err("it died");
        assert_lost(&error, generation, "no licence");
    }
    assert_eq!(scene.peer.attempts(), 5, "one for each acquire");
    scene.end().await;

    // With one the backoff grows from life to life, and nothing starts before it is over.
    let config = Config::default().retry(Some(retry(4)));
    let scene = Scene::<R>::with(config, (0..3).map(|_| dies()));
    let mut next = scene.client().acquire_owned();
    for (generation, backoff) in [(1, 100), (2, 200), (3, 400)] {
        let lease = next.await.expect("it says ready");
        let error = call(&lease, 1).await.expect_err("it died");
        assert_lost(&error, generation, "no licence");
        drop(lease);
        let polls = scene.polls();
        next = scene.waiting().await;
        let backoff = Duration::from_millis(backoff);
        scene.clock.armed(backoff).await;
        assert_waits(&mut next).await;
        assert_eq!(scene.peer.attempts() as u64, generation, "it waits for the backoff");
        assert!(scene.polls() <= polls + 10, "no hot loop: {} polls", scene.polls() - polls);
        scene.clock.pass(backoff).await;
    }
    let lease = next.await.expect("this one lives");
    assert_eq!(echo(&lease, 7).await.ok(), Some(7));
    drop(lease);
    scene.end().await;
}
