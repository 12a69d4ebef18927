//! Wakers are somebody else's code: they come back, change, and go away.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use tenure::{Mode, Status};
use tenure_driver::{Client, Lease};
use tenure_kit::{Gate, Handle, Plan};

use crate::rig::{Alarm, Rig, Task};

/// Uses the session whenever it is woken, and when it is dropped.
struct Meddler {
    client: Client<Handle>,
    lease: Mutex<Option<Lease<Handle>>>,
}

impl Meddler {
    fn meddle(&self) {
        let _ = self.client.state();
        drop(self.client.try_acquire());
        drop(Task::new(self.client.acquire_owned()).poll());
        drop(self.lease.lock().unwrap().take());
        let _ = Task::new(self.client.close(Mode::Graceful)).poll();
    }
}

impl Wake for Meddler {
    fn wake(self: Arc<Self>) {
        self.meddle();
    }
}

impl Drop for Meddler {
    fn drop(&mut self) {
        self.meddle();
    }
}

fn meddler(client: &Client<Handle>, lease: Option<Lease<Handle>>) -> Waker {
    Waker::from(Arc::new(Meddler { client: client.clone(), lease: Mutex::new(lease) }))
}

#[test]
fn a_waker_of_a_waiting_caller_may_use_the_session() {
    let mut rig = Rig::new([]);
    {
        let waker = meddler(&rig.client, None);
        let mut acquire = pin!(rig.client.acquire_owned());
        assert!(acquire.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        rig.run();
        assert!(matches!(acquire.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_))));
    }
    rig.run();
    assert!(!matches!(rig.client.state(), Status::Live { .. }), "{:?}", rig.client.state());
}

#[test]
fn a_waker_of_a_call_may_drop_the_lease_and_close() {
    let mut rig = Rig::new([]);
    let (mine, theirs) = (rig.lease(), rig.lease());
    let waker = meddler(&rig.client, Some(theirs));
    let mut pending = Box::pin(mine.run(async |handle: &Handle| handle.call(1).await));
    assert!(pending.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(rig.client.close(Mode::Force));
    drop(waker);
    let result = pending.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(result, Poll::Ready(Err(_))), "{result:?}");
    drop(pending);
    drop(mine);
    rig.run();
}

#[test]
fn the_waker_of_the_driver_may_use_the_session() {
    let (client, driver) = {
        let rig = Rig::new([]);
        (rig.client, rig.driver)
    };
    drop(driver);
    assert!(Task::new(client.acquire()).done().is_err());

    let (client, driver) = tenure_driver::Builder::new(tenure::Config::default())
        .build(tenure_kit::Scripted::default(), tenure_kit::VirtualClock::new());
    let mut driver = pin!(driver);
    let waker = meddler(&client, None);
    assert!(driver.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    let mut acquire = Task::new(client.acquire());
    drop(acquire.poll());
    // Its own waker closed the session under it; whoever comes now is served all the same.
    assert!(driver.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let mut again = Task::new(client.acquire());
    drop(again.poll());
    assert!(driver.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(again.done().is_ok());
}

#[test]
fn only_the_last_waker_is_woken() {
    let opening = Gate::new();
    let mut rig = Rig::new([Plan::new().opening(&opening)]);
    let mut acquire = pin!(rig.client.acquire_owned());
    let (old, old_waker) = Alarm::new();
    let (new, new_waker) = Alarm::new();
    assert!(acquire.as_mut().poll(&mut Context::from_waker(&old_waker)).is_pending());
    assert!(acquire.as_mut().poll(&mut Context::from_waker(&new_waker)).is_pending());
    opening.open();
    rig.driver.alarm.take();
    while rig.driver.poll().is_pending() && new.wakes() == 0 {}
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
}

#[test]
fn many_calls_of_one_lease_all_end() {
    let mut rig = Rig::new([]);
    let lease = Arc::new(rig.lease());
    let mut calls: Vec<_> = (0..100)
        .map(|number| {
            let lease = lease.clone();
            Task::new(async move { lease.run(async |handle: &Handle| handle.call(number).await).await })
        })
        .collect();
    calls.iter_mut().for_each(Task::assert_waits);
    // Every other is gone before.
    let mut kept: Vec<_> =
        calls.into_iter().enumerate().filter(|(n, _)| n % 2 == 0).map(|(_, call)| call).collect();
    drop(rig.client.close(Mode::Force));
    for call in &mut kept {
        assert!(call.alarm.take());
        assert!(call.done().is_err());
    }
}

/// Callers on other threads come, call and go while the driver is polled here.
#[test]
fn no_wake_up_is_lost_between_threads() {
    for _ in 0..20 {
        let mut rig = Rig::new([]);
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let client = rig.client.clone();
                std::thread::spawn(move || {
                    futures_lite::future::block_on(async {
                        for n in 0..50 {
                            if n % 10 == 9 {
                                client.close(Mode::Force).await;
                            }
                            if let Ok(lease) = client.acquire().await {
                                let _ = lease.run(async |handle: &Handle| handle.echo(n)).await;
                            }
                        }
                    });
                })
            })
            .collect();
        while callers.iter().any(|caller| !caller.is_finished()) {
            rig.run();
            std::thread::yield_now();
        }
        for caller in callers {
            caller.join().unwrap();
        }
        rig.run();
        assert_eq!(rig.peer.in_flight(), 0);
    }
}

#[test]
fn a_call_whose_lease_ends_while_it_is_polled_is_told_next_time() {
    let mut rig = Rig::new([]);
    let client = rig.client.clone();
    let lease = rig.lease();
    let mut once = Task::new(async move {
        lease
            .run(async |_: &Handle| {
                drop(client.close(Mode::Force));
                std::future::pending::<()>().await;
            })
            .await
    });
    once.assert_waits();
    assert!(once.alarm.take(), "it is woken for the end of its lease");
    assert!(once.done().is_err());
}

/// Panics when it is woken, as executors do that run a task inside `wake`.
struct Bomb;

impl Wake for Bomb {
    fn wake(self: Arc<Self>) {
        panic!("a task that is run by its wake-up panics");
    }
}

#[test]
fn a_waker_that_panics_takes_nobody_down() {
    let mut rig = Rig::new([]);
    let bomb = Waker::from(Arc::new(Bomb));
    let mut first = pin!(rig.client.acquire_owned());
    assert!(first.as_mut().poll(&mut Context::from_waker(&bomb)).is_pending());
    let mut second = Task::new(rig.client.acquire_owned());
    second.assert_waits();
    rig.run();
    assert!(matches!(first.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_))));
    assert!(second.alarm.take(), "the one behind it is woken");
    drop(second.done().unwrap());
    rig.run();
    assert!(matches!(rig.client.state(), Status::Idle { .. } | Status::Draining { .. }));
}
