//! Calls that their callers write, and a runner that is played by hand.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use loom::sync::Mutex;
use loom::thread::spawn;
use tenure_driver::Failure;
use tenure_mcp_proto::{Event, Incoming, Options, Outgoing, RequestId, RequestOptions};

use crate::cases::cases;
use crate::channel::{Answering, Channel};
use crate::outlet::Outlet;
use crate::rig::{Alarm, saw, ways};

cases! {
    two_callers_write_at_once: 3,
    a_call_that_the_wire_does_not_take_reaches_the_runner: 3,
    a_wire_is_closed_while_a_caller_writes: ways(3, &["written", "not written"]),
    an_earlier_deadline_reaches_a_runner_that_goes_to_sleep: 4,
}

/// What came out at the other end, and how often a message is not taken at first.
#[derive(Default)]
struct Wire {
    written: Vec<String>,
    refusals: u32,
    is_closed: bool,
}

#[derive(Clone)]
struct Shared(Arc<Mutex<Wire>>);

/// The half of it that the channel has.
struct End(Shared, Option<Outgoing>);

impl Outlet for End {
    fn send(&mut self, message: Outgoing) {
        assert!(self.1.replace(message).is_none(), "two messages at once");
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let mut wire = self.0.0.lock().unwrap();
        assert!(!wire.is_closed, "written to a closed wire");
        if let Some(refusals) = wire.refusals.checked_sub(1) {
            wire.refusals = refusals;
            return Poll::Pending;
        }
        let message = self.1.take().map(Outgoing::into_bytes).unwrap_or_default();
        wire.written.push(String::from_utf8(message).unwrap());
        Poll::Ready(Ok(()))
    }

    fn unsent(&self) -> Option<RequestId> {
        self.1.as_ref().and_then(Outgoing::request)
    }

    fn close(&mut self, _: &mut Context<'_>) {
        self.0.0.lock().unwrap().is_closed = true;
    }
}

impl Shared {
    /// How many requests came out, each once.
    fn requests(&self) -> usize {
        let wire = self.0.lock().unwrap();
        let of = |id: u64| wire.written.iter().filter(|line| line.contains(&format!("\"id\":{id},"))).count();
        (2..=4).map(of).inspect(|&count| assert!(count <= 1, "it is written twice")).sum()
    }
}

/// A connection whose handshake is done; its next request has the id 2.
fn ready() -> (Arc<Channel>, Shared) {
    let channel = Channel::new(Options::default(), Arc::new(|| Duration::ZERO));
    channel.start().expect("it is new");
    assert!(channel.poll_message().is_some());
    let hello = r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}"#;
    channel.handle_message(Incoming::Message(hello.as_bytes()));
    assert!(matches!(channel.poll_event(), Some(Event::Ready(_))));
    assert!(channel.poll_message().is_some());
    let wire = Shared(Arc::new(Mutex::new(Wire::default())));
    channel.open(Box::new(End(wire.clone(), None)));
    (channel, wire)
}

fn call(channel: &Arc<Channel>) -> Answering {
    channel.call("x", None, RequestOptions::default(), false).expect("there is room")
}

/// Two callers call at once: both calls are written, by whichever of them, and no runner is needed.
fn two_callers_write_at_once() {
    let (channel, wire) = ready();
    let other = channel.clone();
    let calling = spawn(move || std::mem::forget(call(&other)));
    std::mem::forget(call(&channel));
    calling.join().unwrap();
    assert_eq!(wire.requests(), 2, "one stays behind");
    std::mem::forget(call(&channel));
    assert_eq!(wire.requests(), 3, "the wire is free again");
}

/// A caller's message is not taken while the runner goes to sleep: it goes on with it.
fn a_call_that_the_wire_does_not_take_reaches_the_runner() {
    let (channel, wire) = ready();
    wire.0.lock().unwrap().refusals = 1;
    let (served, seen) = (channel.clone(), wire.clone());
    let running = spawn(move || {
        let (alarm, waker) = Alarm::new();
        let mut key = None;
        loop {
            served.register(&mut key, &waker);
            assert!(served.poll_send(&mut Context::from_waker(&waker)).is_none());
            if seen.requests() == 1 {
                break;
            }
            alarm.wait();
        }
        served.deregister(&mut key);
    });
    std::mem::forget(call(&channel));
    running.join().unwrap();
}

/// The wire is closed while a caller writes: nothing is written behind that, and it is closed in any case.
fn a_wire_is_closed_while_a_caller_writes() {
    let (channel, wire) = ready();
    let closer = channel.clone();
    let closing = spawn(move || closer.close_outlet(&mut Context::from_waker(std::task::Waker::noop())));
    std::mem::forget(call(&channel));
    closing.join().unwrap();
    assert!(wire.0.lock().unwrap().is_closed);
    saw(if wire.requests() == 1 { "written" } else { "not written" });
}

/// A call with a deadline is made while the runner goes to sleep without one.
fn an_earlier_deadline_reaches_a_runner_that_goes_to_sleep() {
    let (channel, _) = ready();
    let served = channel.clone();
    let running = spawn(move || {
        let (alarm, waker) = Alarm::new();
        let mut key = None;
        loop {
            served.register(&mut key, &waker);
            if served.arm().is_some() {
                break;
            }
            alarm.wait();
        }
        served.deregister(&mut key);
    });
    let options = RequestOptions::default().timeout(Some(Duration::from_secs(1)));
    std::mem::forget(channel.call("x", None, options, false).expect("there is room"));
    running.join().unwrap();
}
