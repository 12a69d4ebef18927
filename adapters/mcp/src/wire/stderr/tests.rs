//! What is kept of a server's standard error is told when it does not become ready in time.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::future::pending;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use futures_lite::future::{block_on, poll_once};
use futures_lite::{AsyncRead, io::sink};
use tenure::Generation;
use tenure_driver::Failure;
use tenure_kit::VirtualClock;

use crate::wire::stderr::{Stderr, StderrTail};
use crate::{Linger, Options, Peer, Transport, Wire};

/// Nothing comes, ever.
struct Silence;

impl AsyncRead for Silence {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }
}

/// A server that says nothing but this, on its standard error.
struct Server(StderrTail);

#[async_trait]
impl Peer for Server {
    async fn ended(&mut self) -> Option<Failure> {
        pending().await
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn hurry(&mut self) {}

    fn stderr_tail(&self) -> Option<StderrTail> {
        Some(self.0.clone())
    }
}

#[async_trait]
impl Transport for Server {
    async fn open(&self, _: Linger) -> Result<Wire, Failure> {
        Ok(Wire::lines(Silence, sink(), Self(self.0.clone())))
    }
}

/// What a caller is told of a server that wrote this.
fn explained(wrote: &str) -> String {
    let mut stderr = Stderr::new(Some(wrote.as_bytes()), None, Generation::FIRST);
    assert!(block_on(poll_once(stderr.keep_reading())).is_none());
    let clock = VirtualClock::new();
    let (client, mut driver) = crate::connect(Options::new(), Server(stderr.tail()), clock.clone());
    let mut acquire = pin!(client.acquire());
    assert!(block_on(poll_once(&mut acquire)).is_none());
    assert!(block_on(poll_once(&mut driver)).is_none());
    clock.advance(Duration::from_secs(60));
    assert!(block_on(poll_once(&mut driver)).is_none());
    block_on(poll_once(&mut acquire)).unwrap().unwrap_err().to_string()
}

#[test]
fn the_last_words_of_a_server_that_is_not_ready_in_time_are_told() {
    let expected = "the connect deadline passed: its last words on standard error:\n  | no licence";
    assert_eq!(explained("no licence\n"), expected);
}

#[test]
fn of_a_server_that_wrote_nothing_nothing_is_told() {
    assert_eq!(explained(""), "the connect deadline passed");
}
