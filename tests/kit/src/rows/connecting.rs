//! Callers who wait for a connect.

use tenure::{Action, Config, DeadlineKind, Mode, Status};
use tenure_driver::Error;

use crate::{Event, Gate, Plan, Runtime, Scene, assert_waits, echo, now};

/// Five callers wait for one connect; any one of them is cancelled.
pub async fn row_05_a_waiting_caller_is_cancelled<R: Runtime>() {
    for cancelled in 0..5 {
        let opening = Gate::new();
        let scene = Scene::<R>::new([Plan::new().opening(&opening)]);
        let mut callers = Vec::new();
        for _ in 0..5 {
            callers.push(scene.waiting().await);
        }
        scene.peer.saw(1, Event::Started).await;
        drop(callers.remove(cancelled));
        opening.open();
        let mut leases = Vec::new();
        for caller in callers {
            leases.push(caller.await.expect("the same session"));
        }
        assert!(leases.iter().all(|lease| lease.generation().number() == 1));
        scene.assert_live(1, 4);
        assert_eq!(scene.peer.attempts(), 1);
        assert!(!scene.peer.has_seen(1, Event::Stop));
        drop(leases);
        scene.end().await;
    }
}

/// Five callers wait and the connect fails: one attempt, five equal errors at the same moment.
pub async fn row_06_the_connect_fails<R: Runtime>() {
    let opening = Gate::new();
    let scene = Scene::<R>::new([Plan::new().opening(&opening).fails("no such server")]);
    let mut callers = Vec::new();
    for _ in 0..5 {
        callers.push(scene.waiting().await);
    }
    opening.open();
    let mut errors = Vec::new();
    for caller in callers {
        errors.push(caller.await.expect_err("there is no session"));
    }
    for error in &errors {
        let Error::ConnectFailed { generation, failure } = error else {
            panic!("{error}");
        };
        assert_eq!(generation.number(), 1);
        assert_eq!(failure.to_string(), "no such server");
    }
    assert_eq!(scene.peer.attempts(), 1);
    let lease = scene.lease().await;
    assert_eq!(lease.generation().number(), 2, "the next acquire tries again");
    drop(lease);
    let trace = scene.end().await;
    let rejected = trace.iter().map(|event| {
        let actions = event.output.actions.iter();
        actions.filter(|action| matches!(action, Action::Reject { .. })).count()
    });
    assert_eq!(rejected.max(), Some(5), "all at the same moment");
}

/// All waiting callers are cancelled: the connect is stopped, the next acquire starts afresh.
pub async fn row_07_all_waiting_callers_are_cancelled<R: Runtime>() {
    let (opening, unwinding) = (Gate::new(), Gate::new());
    let scene = Scene::<R>::new([Plan::new().opening(&opening).unwinding(&unwinding)]);
    let mut callers = Vec::new();
    for _ in 0..3 {
        callers.push(scene.waiting().await);
    }
    scene.peer.saw(1, Event::Started).await;
    callers.truncate(1);
    assert!(matches!(scene.status(), Status::Connecting { .. }), "one still waits");
    drop(callers);
    assert!(matches!(scene.status(), Status::Draining { .. }), "{:?}", scene.status());
    scene.peer.saw(1, Event::Stop).await;
    let mut next = scene.waiting().await;
    assert_waits(&mut next).await;
    unwinding.open();
    let lease = next.await.expect("afresh");
    assert_eq!(lease.generation().number(), 2);
    assert_eq!(scene.peer.events_of(1), [Event::Started, Event::Stop, Event::Ended]);
    assert_eq!(scene.peer.attempts(), 2);
    drop(lease);
    scene.end().await;
}

/// Closed while connecting: the connect is told at once, who waits is rejected, the close completes.
pub async fn row_08_closed_while_connecting<R: Runtime>() {
    for mode in [Mode::Graceful, Mode::Force, Mode::Abort] {
        let unwinding = Gate::new();
        let scene = Scene::<R>::new([Plan::new().opening(&Gate::new()).unwinding(&unwinding)]);
        let (mut first, mut second) = (scene.waiting().await, scene.waiting().await);
        scene.peer.saw(1, Event::Started).await;
        let mut closing = scene.client().close(mode);
        for caller in [&mut first, &mut second] {
            let rejected = now(caller).await.expect_err("closed");
            assert!(matches!(rejected, Error::Closed { for_good: false, .. }), "{rejected}");
        }
        scene.peer.saw(1, Event::Stop).await;
        assert_waits(&mut closing).await;
        unwinding.open();
        closing.await;
        assert_eq!(scene.peer.count(1, Event::Ended), 1);
        assert!(!scene.peer.has_seen(1, Event::Ready));
        let lease = scene.lease().await;
        assert_eq!(lease.generation().number(), 2);
        drop(lease);
        scene.end().await;
    }
}

/// The server never answers the handshake: a typed error that names the deadline, which is finite by
/// default.
pub async fn row_14_the_handshake_is_never_answered<R: Runtime>() {
    let scene = Scene::<R>::new([Plan::new().opening(&Gate::new())]);
    let (first, second) = (scene.waiting().await, scene.waiting().await);
    scene.clock.pass(Config::default().connect_timeout).await;
    for caller in [first, second] {
        let error = caller.await.expect_err("no session");
        let Error::TimedOut { generation, deadline, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(generation.map(tenure::Generation::number), Some(1));
        assert_eq!(*deadline, DeadlineKind::Connect);
        assert!(error.to_string().contains("connect deadline"), "{error}");
    }
    scene.peer.saw(1, Event::Stop).await;
    scene.peer.saw(1, Event::Ended).await;
    let lease = scene.lease().await;
    assert_eq!(lease.generation().number(), 2);
    assert_eq!(echo(&lease, 7).await.ok(), Some(7));
    drop(lease);
    scene.end().await;
}
