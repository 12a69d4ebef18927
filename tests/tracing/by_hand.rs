//! A session whose driver is polled by the test: no runtime, no thread, and a clock that is set.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_lite::future::{block_on, poll_once};
use tenure::{Config, KeepAlive};
use tenure_driver::{Builder, Client, Connector, Driver, Lease};
use tenure_kit::{Handle, Peer, Plan, Scripted, VirtualClock};

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) struct ByHand<C: Connector> {
    pub(crate) client: Client<C::Handle>,
    pub(crate) clock: VirtualClock,
    driver: Option<Pin<Box<Driver<C, VirtualClock>>>>,
    woken: Arc<Woken>,
}

/// It stays after its last use.
pub(crate) fn config() -> Config {
    Config::default().keep_alive(KeepAlive::Always)
}

pub(crate) fn scripted(plans: impl IntoIterator<Item = Plan>) -> (ByHand<Scripted>, Peer) {
    let peer = Peer::default();
    peer.plan(plans);
    (ByHand::new(Builder::new(config()), Scripted::new(&peer)), peer)
}

impl<C: Connector> ByHand<C> {
    pub(crate) fn new(builder: Builder, connector: C) -> Self {
        let clock = VirtualClock::new();
        let (client, driver) = builder.build(connector, clock.clone());
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Self { client, clock, driver: Some(Box::pin(driver)), woken }
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.woken.0.load(Ordering::SeqCst)
    }

    /// Polls the driver as long as it is woken.
    pub(crate) fn turn(&mut self) {
        let waker = Waker::from(self.woken.clone());
        while self.woken.0.swap(false, Ordering::SeqCst) {
            if let Some(driver) = &mut self.driver
                && driver.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
            {
                self.driver = None;
            }
        }
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.clock.advance(time);
        self.turn();
    }

    pub(crate) fn drop_driver(&mut self) {
        self.driver = None;
    }

    pub(crate) fn lease(&mut self) -> Lease<C::Handle> {
        let client = self.client.clone();
        let mut acquire = Box::pin(async move { client.acquire().await });
        if let Some(lease) = block_on(poll_once(&mut acquire)) {
            return lease.unwrap();
        }
        self.turn();
        block_on(poll_once(&mut acquire)).expect("the lease came").unwrap()
    }
}

pub(crate) type Session = ByHand<Scripted>;

/// What callers of a scripted session work with.
pub(crate) type Held = Lease<Handle>;
