#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;
use std::time::Duration;

use tenure_driver::sync::Arc;
use tenure_mcp_proto::{Event, Incoming, Options, RequestId, RequestOptions, lines};

use super::*;
use crate::session::channel::Answering;

/// What a wire takes at each write; more than it says: pending.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    written: String,
    /// How many bytes there is room for.
    room: usize,
    is_broken: bool,
    is_closed: bool,
    panics: bool,
    /// Called in the next write, with no lock held.
    meanwhile: Option<Box<dyn FnOnce() + Send>>,
}

/// The half of it that the channel has.
struct End {
    pipe: Pipe,
    line: Vec<u8>,
    request: Option<RequestId>,
}

impl Outlet for End {
    fn send(&mut self, message: Outgoing) {
        assert!(self.line.is_empty(), "one message at a time");
        self.request = message.request();
        self.line = lines::encode(message);
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let meanwhile = self.pipe.lock().meanwhile.take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        let mut state = self.pipe.lock();
        assert!(!std::mem::take(&mut state.panics), "the wire panics");
        if state.is_broken {
            return Poll::Ready(Err(Failure::new("broken")));
        }
        let length = state.room.min(self.line.len());
        state.room -= length;
        let taken: Vec<_> = self.line.drain(..length).collect();
        state.written.push_str(str::from_utf8(&taken).unwrap());
        if self.line.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn unsent(&self) -> Option<RequestId> {
        self.request.filter(|_| !self.line.is_empty())
    }

    fn close(&mut self, _: &mut Context<'_>) {
        self.pipe.lock().is_closed = true;
    }
}

impl Pipe {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What was written since the last look: the number of each request, or the method of what is none.
    fn written(&self) -> Vec<String> {
        let written = std::mem::take(&mut self.lock().written);
        assert!(written.is_empty() || written.ends_with('\n'), "a line is cut short: {written}");
        let name = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let id = line.get("id").map(ToString::to_string);
            id.unwrap_or_else(|| line["method"].as_str().unwrap().to_owned())
        };
        written.lines().map(name).collect()
    }
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A runner that looks when it is told to.
struct Runner {
    channel: Arc<Channel>,
    pipe: Pipe,
    woken: Arc<Woken>,
    key: Option<tenure_driver::wake::Key>,
}

impl Runner {
    /// Of a connection whose handshake is done; its next request has the id 2. There is room for so many bytes more.
    fn ready(room: usize) -> Self {
        let channel = Channel::new(Options::default(), Arc::new(|| Duration::ZERO));
        let pipe = Pipe::default();
        pipe.lock().room = 10_000;
        channel.open(Box::new(End { pipe: pipe.clone(), line: Vec::new(), request: None }));
        let mut runner = Self { channel, pipe, woken: Arc::default(), key: None };
        runner.channel.start().unwrap();
        assert!(runner.turn().is_none());
        let ready = br#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}"#;
        runner.channel.handle_message(Incoming::Message(ready));
        assert!(matches!(runner.channel.poll_event(), Some(Event::Ready(_))));
        assert!(runner.turn().is_none());
        assert_eq!(runner.pipe.written(), ["1", "notifications/initialized"]);
        runner.pipe.lock().room = room;
        runner
    }

    /// Registers and sends, as the dialogue does. Returns how that failed.
    fn turn(&mut self) -> Option<String> {
        let waker = Waker::from(self.woken.clone());
        self.channel.register(&mut self.key, &waker);
        let failed = self.channel.poll_send(&mut Context::from_waker(&waker))?;
        Some(format!("{} {:?}", failed.failure, failed.unsent))
    }

    /// Returns whether it was woken since it was asked last.
    fn was_woken(&self) -> bool {
        self.woken.0.swap(0, Ordering::SeqCst) > 0
    }

    fn call(&self) -> Answering {
        call(&self.channel)
    }
}

fn call(channel: &Arc<Channel>) -> Answering {
    channel.call("x", None, RequestOptions::default(), false).unwrap()
}

const MUCH: usize = 10_000;

#[test]
fn a_caller_writes_its_call_and_wakes_nobody() {
    let runner = Runner::ready(MUCH);
    let (_first, _second) = (runner.call(), runner.call());
    runner.channel.notify("notifications/x", None).unwrap();
    assert_eq!(runner.pipe.written(), ["2", "3", "notifications/x"]);
    assert!(!runner.was_woken());
}

#[test]
fn a_call_that_is_dropped_at_any_byte_of_its_line_leaves_whole_lines() {
    let length = {
        let runner = Runner::ready(MUCH);
        let _call = runner.call();
        runner.pipe.lock().written.len()
    };
    for room in 0..=length {
        let mut runner = Runner::ready(room);
        let dropped = runner.call();
        assert_eq!(runner.was_woken(), room < length, "at {room} of {length}: the rest is the runner's");
        let behind = runner.call();
        drop(dropped);
        runner.pipe.lock().room = MUCH;
        assert!(runner.turn().is_none());
        let notice = "notifications/cancelled";
        let written = runner.pipe.written();
        assert!(written == ["2", notice, "3"] || written == ["2", "3", notice], "{written:?}");
        drop(behind);
    }
}

#[test]
fn a_call_that_waits_behind_a_full_pipe_is_taken_back_when_it_is_dropped() {
    let mut runner = Runner::ready(0);
    let stuck = runner.call();
    let waits = runner.call();
    assert!(matches!(waits.give_up(&mut |_| {}), Err(false)), "not sent");
    assert!(matches!(stuck.give_up(&mut |_| {}), Err(true)), "nobody knows");
    runner.pipe.lock().room = MUCH;
    assert!(runner.turn().is_none());
    assert_eq!(runner.pipe.written(), ["2", "notifications/cancelled"]);
}

#[test]
fn while_the_pipe_is_full_callers_neither_write_nor_wake() {
    let mut runner = Runner::ready(3);
    let _stuck = runner.call();
    assert!(runner.was_woken());
    assert!(runner.turn().is_none());
    let _calls: Vec<_> = (0..5).map(|_| runner.call()).collect();
    assert!(!runner.was_woken(), "it waits for room");
    runner.pipe.lock().room = MUCH;
    assert!(runner.turn().is_none());
    assert_eq!(runner.pipe.written(), ["2", "3", "4", "5", "6", "7"]);
}

#[test]
fn what_is_queued_while_somebody_sends_is_sent_by_him() {
    let runner = Runner::ready(MUCH);
    let (channel, kept) = (runner.channel.clone(), Arc::new(Mutex::new(Vec::new())));
    let keeps = kept.clone();
    runner.pipe.lock().meanwhile = Some(Box::new(move || {
        let calls = (0..20).map(|_| call(&channel));
        keeps.lock().unwrap().extend(calls);
    }));
    let mut runner = runner;
    let _first = runner.call();
    let written = runner.pipe.written();
    assert_eq!(written.len(), TURN, "the first caller sends no more than that");
    assert!(runner.was_woken());
    assert!(runner.turn().is_none());
    let all = [written, runner.pipe.written()].concat();
    assert_eq!(all, (2..=22).map(|id| id.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_caller_whose_write_fails_tells_the_runner_and_was_not_sent() {
    let mut runner = Runner::ready(MUCH);
    runner.pipe.lock().is_broken = true;
    let call = runner.call();
    assert!(runner.was_woken());
    let behind = runner.call();
    assert_eq!(runner.turn().unwrap(), "broken Some(RequestId(2))");
    assert!(runner.turn().is_none(), "it is told once");
    assert!(matches!(call.give_up(&mut |_| {}), Err(false)));
    assert!(matches!(behind.give_up(&mut |_| {}), Err(false)));
}

#[test]
fn a_wire_that_panics_under_a_caller_is_broken_and_hangs_nobody() {
    let mut runner = Runner::ready(MUCH);
    runner.pipe.lock().panics = true;
    assert!(catch_unwind(AssertUnwindSafe(|| runner.call())).is_err());
    assert!(runner.was_woken());
    let failed = runner.turn().unwrap();
    assert!(failed.starts_with("sending a message panicked"), "{failed}");
    let _behind = runner.call();
    assert!(runner.turn().is_none());
    assert!(runner.pipe.written().is_empty());
}

#[test]
fn a_wire_that_is_closed_while_a_caller_sends_is_closed_behind_the_message() {
    let runner = Runner::ready(MUCH);
    let (channel, pipe) = (runner.channel.clone(), runner.pipe.clone());
    runner.pipe.lock().meanwhile = Some(Box::new(move || {
        channel.close_outlet(&mut Context::from_waker(Waker::noop()));
        assert!(!pipe.lock().is_closed, "somebody sends");
    }));
    let _call = runner.call();
    assert_eq!(runner.pipe.written(), ["2"]);
    assert!(runner.pipe.lock().is_closed);
    let _late = runner.call();
    assert!(runner.pipe.written().is_empty());
}

#[test]
fn a_wire_that_is_full_or_free_is_closed_at_once_and_dropped_without_a_word() {
    for room in [0, MUCH] {
        let runner = Runner::ready(room);
        let _call = runner.call();
        runner.channel.close_outlet(&mut Context::from_waker(Waker::noop()));
        assert!(runner.pipe.lock().is_closed);
        assert_eq!(Arc::strong_count(&runner.pipe.0), 1, "it is dropped");
    }
    let runner = Runner::ready(MUCH);
    runner.channel.drop_outlet();
    assert!(!runner.pipe.lock().is_closed);
    assert_eq!(Arc::strong_count(&runner.pipe.0), 1);
}

#[test]
fn when_nothing_can_be_answered_callers_send_nothing() {
    let mut runner = Runner::ready(MUCH);
    runner.channel.keep_to_runner();
    let _call = runner.call();
    assert!(runner.pipe.written().is_empty());
    assert!(runner.turn().is_none());
    assert_eq!(runner.pipe.written(), ["2"], "the runner says what it has to say");
}

#[test]
fn only_a_deadline_before_the_one_it_sleeps_for_wakes_the_runner() {
    let runner = Runner::ready(MUCH);
    let within = |seconds| {
        let options = RequestOptions::default().timeout(Some(Duration::from_secs(seconds)));
        runner.channel.call("x", None, options, false).unwrap()
    };
    let mut key = None;
    let mut wakes = |what: &Answering| {
        let _ = what;
        let woken = runner.was_woken();
        runner.channel.register(&mut key, &Waker::from(runner.woken.clone()));
        woken
    };
    let _none = runner.call();
    assert!(!runner.was_woken());
    let first = within(60);
    assert!(wakes(&first), "it sleeps without an end");
    assert_eq!(runner.channel.arm(), Some(Duration::from_secs(60)));
    let (later, sooner) = (within(70), within(50));
    assert!(wakes(&later));
    assert_eq!(runner.channel.arm(), Some(Duration::from_secs(50)));
    drop((first, later, sooner));
    let _ = wakes(&within(60));
    assert_eq!(runner.channel.arm(), Some(Duration::from_secs(50)), "the sleep is kept");
    // It was for nothing.
    assert!(!runner.channel.handle_timeout(Duration::from_secs(50)));
    assert_eq!(runner.channel.arm(), None);
}
