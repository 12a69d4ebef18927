//! A session whose driver is polled by the test.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use tenure::Config;
use tenure_driver::{Builder, Client, Driver, Error, Lease};
use tenure_kit::{Handle, Peer, Plan, Scripted, VirtualClock};

/// Counts its wake-ups.
#[derive(Default)]
pub(crate) struct Alarm {
    woken: AtomicBool,
    wakes: AtomicUsize,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.wakes.fetch_add(1, Ordering::SeqCst);
    }
}

impl Alarm {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let alarm = Arc::new(Self::default());
        (alarm.clone(), Waker::from(alarm))
    }

    pub(crate) fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }

    pub(crate) fn take(&self) -> bool {
        self.woken.swap(false, Ordering::SeqCst)
    }
}

/// A future with an alarm of its own.
pub(crate) struct Task<F: ?Sized> {
    pub(crate) alarm: Arc<Alarm>,
    waker: Waker,
    future: Pin<Box<F>>,
}

impl<F: Future> Task<F> {
    pub(crate) fn new(future: F) -> Self {
        let (alarm, waker) = Alarm::new();
        Self { alarm, waker, future: Box::pin(future) }
    }

    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        self.future.as_mut().poll(&mut Context::from_waker(&self.waker))
    }

    /// Polls it, which must be all it takes.
    pub(crate) fn done(&mut self) -> F::Output {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it should be done"),
        }
    }

    #[track_caller]
    pub(crate) fn assert_waits(&mut self) {
        assert!(self.poll().is_pending(), "it should wait");
    }
}

impl<F: ?Sized> Task<F> {
    /// The same future on another task.
    pub(crate) fn moved(self) -> Self {
        let (alarm, waker) = Alarm::new();
        Self { alarm, waker, future: self.future }
    }
}

pub(crate) type ScriptedDriver = Driver<Scripted, VirtualClock>;

pub(crate) struct Rig {
    pub(crate) client: Client<Handle>,
    pub(crate) driver: Task<ScriptedDriver>,
    pub(crate) peer: Peer,
    pub(crate) clock: VirtualClock,
}

impl Rig {
    pub(crate) fn new(plans: impl IntoIterator<Item = Plan>) -> Self {
        Self::with(Config::default(), plans)
    }

    pub(crate) fn with(config: Config, plans: impl IntoIterator<Item = Plan>) -> Self {
        Self::build(Builder::new(config), plans)
    }

    pub(crate) fn build(builder: Builder, plans: impl IntoIterator<Item = Plan>) -> Self {
        let (peer, clock) = (Peer::default(), VirtualClock::new());
        peer.plan(plans);
        let (client, driver) = builder.build(Scripted::new(&peer), clock.clone());
        let mut rig = Self { client, driver: Task::new(driver), peer, clock };
        rig.driver.assert_waits();
        rig
    }

    /// Polls the driver as long as it is woken. Returns whether it ended. It must come to rest.
    pub(crate) fn run(&mut self) -> bool {
        for _ in 0..100 {
            if !self.driver.alarm.take() {
                return false;
            }
            if self.driver.poll().is_ready() {
                return true;
            }
        }
        panic!("the driver never rests");
    }

    /// A lease, taken without any other wake-up than those it needs.
    pub(crate) fn lease(&mut self) -> Lease<Handle> {
        let mut acquire = Task::new(self.client.acquire_owned());
        if let Poll::Ready(lease) = acquire.poll() {
            return lease.unwrap();
        }
        self.run();
        assert!(acquire.alarm.take(), "it is told that its lease came");
        acquire.done().unwrap()
    }
}

pub(crate) fn call(lease: Lease<Handle>, number: u32) -> Task<impl Future<Output = Result<u32, Error>>> {
    Task::new(async move { lease.run(async |handle: &Handle| handle.call(number).await).await })
}
