#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;

use async_trait::async_trait;
use futures_lite::future::{block_on, poll_once};
use tenure::Generation;
use tenure_mcp_proto::{Connection, Options};

use super::*;
use crate::wire::stderr::Stderr;

/// What was asked of a part, in order.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<&'static str>>>);

impl Asked {
    fn note(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
    }

    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Answers in a way that no default does.
struct Part {
    asked: Asked,
    tail: StderrTail,
}

impl Carrier for Part {
    fn limit(&mut self, max_message: usize) {
        assert_eq!(max_message, 7);
        self.asked.note("limit");
    }

    fn patience(&mut self, time: Duration) {
        assert_eq!(time, Duration::from_secs(9));
        self.asked.note("patience");
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Err(Failure::new("not ready")))
    }

    fn takes_calls(&self) -> bool {
        false
    }

    fn send(&mut self, _: Outgoing) {
        self.asked.note("send");
    }

    fn withdraw(&mut self, _: RequestId) {
        self.asked.note("withdraw");
    }

    fn has_exchanges(&self) -> bool {
        true
    }

    fn tools_version(&self) -> u64 {
        3
    }

    fn session_hint(&self) -> Option<String> {
        Some("abc".to_owned())
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Err(Failure::new("not flushed")))
    }

    fn poll_receive(&mut self, _: &mut Context<'_>) -> Poll<Result<Received<'_>, Failure>> {
        Poll::Ready(Err(Failure::new("nothing comes")))
    }

    fn unfinished(&mut self) -> Option<Incoming<'_>> {
        Some(Incoming::Message(b"half"))
    }

    fn close(&mut self, _: &mut Context<'_>) {
        self.asked.note("close");
    }
}

#[async_trait]
impl Peer for Part {
    async fn ended(&mut self) -> Option<Failure> {
        Some(Failure::new("status 3"))
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        Err(Failure::new("not in order"))
    }

    fn hurry(&mut self) {
        self.asked.note("hurry");
    }

    fn pid(&self) -> Option<u32> {
        Some(4711)
    }

    fn stderr_tail(&self) -> Option<StderrTail> {
        Some(self.tail.clone())
    }

    fn explain(&mut self, failure: Failure) -> Failure {
        Failure::new(format!("{failure}, explained"))
    }
}

fn part() -> (Part, Asked) {
    let asked = Asked::default();
    let mut stderr = Stderr::new(Some(b"last words\n".as_slice()), None, Generation::FIRST);
    assert!(block_on(poll_once(stderr.keep_reading())).is_none());
    (Part { asked: asked.clone(), tail: stderr.tail() }, asked)
}

fn message() -> Outgoing {
    let mut connection = Connection::new(Options::default());
    connection.start(Duration::ZERO).unwrap();
    connection.poll_message().unwrap()
}

fn failure<T>(polled: Poll<Result<T, Failure>>) -> String {
    match polled {
        Poll::Ready(Err(failure)) => failure.to_string(),
        _ => panic!("it should fail"),
    }
}

/// Asks through the trait, as something does that wraps whatever carries messages.
fn ask_carrier(mut carrier: impl Carrier) {
    let mut cx = Context::from_waker(Waker::noop());
    carrier.limit(7);
    carrier.patience(Duration::from_secs(9));
    carrier.send(message());
    carrier.withdraw(message().request().unwrap());
    assert!(!carrier.takes_calls());
    assert!(carrier.has_exchanges());
    assert_eq!(carrier.tools_version(), 3);
    assert_eq!(carrier.session_hint().as_deref(), Some("abc"));
    carrier.close(&mut cx);
    assert_eq!(failure(carrier.poll_ready(&mut cx)), "not ready");
    assert_eq!(failure(carrier.poll_flush(&mut cx)), "not flushed");
    assert_eq!(failure(carrier.poll_receive(&mut cx)), "nothing comes");
    assert!(matches!(carrier.unfinished(), Some(Incoming::Message(b"half"))));
}

fn ask_peer(mut peer: impl Peer) {
    assert_eq!(block_on(peer.ended()).unwrap().to_string(), "status 3");
    assert_eq!(block_on(peer.unwound()).unwrap_err().to_string(), "not in order");
    peer.hurry();
    assert_eq!(peer.pid(), Some(4711));
    assert_eq!(peer.stderr_tail().unwrap().lines(), ["last words"]);
    assert_eq!(peer.explain(Failure::new("lost")).to_string(), "lost, explained");
}

#[test]
fn a_carrier_in_a_box_does_what_it_does_outside() {
    let (part, asked) = part();
    let boxed: Box<dyn Carrier> = Box::new(part);
    ask_carrier(boxed);
    assert_eq!(asked.take(), ["limit", "patience", "send", "withdraw", "close"]);
}

#[test]
fn a_peer_in_a_box_does_what_it_does_outside() {
    let (part, asked) = part();
    let boxed: Box<dyn Peer> = Box::new(part);
    ask_peer(boxed);
    assert_eq!(asked.take(), ["hurry"]);
}

#[test]
fn a_carrier_that_does_not_know_better_may_have_sent_all_that_it_took() {
    let part = Part { asked: Asked::default(), tail: StderrTail::default() };
    assert!(!Carrier::is_cut_short(&part));
}
