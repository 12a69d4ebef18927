//! A carrier of exchanges that a program brings itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use async_trait::async_trait;
use futures_lite::future::{block_on, or};
use tenure_bounds::within;
use tenure_driver::Failure;
use tenure_mcp::proto::Outgoing;
use tenure_mcp::{Carrier, Linger, Options, Peer, Received, Transport, Wire};

use crate::clock::Clock;
use crate::stage::config;

/// Breaks off when it is asked something.
#[derive(Default)]
struct Broken {
    was_asked: bool,
}

impl Carrier for Broken {
    fn limit(&mut self, _: usize) {}

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, _: Outgoing) {
        self.was_asked = true;
    }

    fn has_exchanges(&self) -> bool {
        true
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&mut self, _: &mut Context<'_>) -> Poll<Result<Received<'_>, Failure>> {
        if self.was_asked { Poll::Ready(Err(Failure::new("it broke off"))) } else { Poll::Pending }
    }

    fn close(&mut self, _: &mut Context<'_>) {}
}

struct Nobody;

#[async_trait]
impl Peer for Nobody {
    async fn ended(&mut self) -> Option<Failure> {
        None
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn hurry(&mut self) {}
}

#[derive(Clone, Default)]
struct Counted(Arc<AtomicUsize>);

#[async_trait]
impl Transport for Counted {
    async fn open(&self, _: Linger) -> Result<Wire, Failure> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Wire::new(Broken::default(), Nobody))
    }
}

#[test]
fn exchanges_that_break_off_at_the_first_question_are_not_opened_again_in_another_era() {
    let opened = Counted::default();
    let options = Options::new().session(|_| config());
    let (client, driver) = tenure_mcp::connect(options, opened.clone(), Clock::default());
    let ended = or(async { Some(client.acquire().await) }, async {
        driver.await;
        None
    });
    let ended = block_on(within("the failure of the opening", ended));
    let error = ended.unwrap().unwrap_err();
    assert!(error.to_string().contains("it broke off"), "{error}");
    assert_eq!(opened.0.load(Ordering::SeqCst), 1);
}
