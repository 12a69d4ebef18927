//! A server that may do anything, and a client that calls, cancels and waits meanwhile.

use std::time::Duration;

use asks::Asks;
use bounds::{ASKED, EVENTS, IN_FLIGHT, QUEUED, REPLIES, ROUNDS};
use ledger::{Ledger, Written};
use serde_json::value::RawValue;
use tenure_mcp_proto::pages::ToolPages;
use tenure_mcp_proto::{
    CallError, ClientFeature, Eras, Options, RequestError, RequestOptions, Subscriptions,
};

use crate::bytes::Bytes;
use crate::text;
use crate::wire::OnLines;

mod asks;
mod bounds;
mod ledger;
mod message;

/// The settings of a world whose server is of the modern era.
const MODERN: u8 = 0xe4;

/// A byte of settings, then what the client does and what the server says, in turn.
pub fn peer(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let mut world = World::new(bytes.byte());
    while let Some(what) = bytes.next() {
        world.step(what, &mut bytes);
        world.is_bounded();
    }
    world.end();
}

pub(crate) struct World {
    connection: OnLines,
    ledger: Ledger,
    /// The server is of the modern era.
    is_modern: bool,
    limit: usize,
    now: Duration,
    /// All that the server has said, in full.
    said: Vec<u8>,
    pages: ToolPages,
}

impl World {
    fn new(settings: u8) -> Self {
        let is_modern = settings & MODERN == MODERN && settings & 1 == 0;
        // Modern requests have marks.
        let limit = if is_modern { 500 } else { 200 } + usize::from(settings >> 4) * 16;
        let mut options = Options::default()
            .client("c", "1")
            .max_message(limit)
            .max_in_flight(IN_FLIGHT)
            .max_queued(QUEUED)
            .max_replies(REPLIES)
            .max_events(EVENTS)
            .max_server_requests(ASKED)
            .max_rounds(ROUNDS)
            .eras(if is_modern { Eras::Modern } else { Eras::Legacy });
        if settings & 2 != 0 {
            options = options.handshake_timeout(Some(Duration::from_millis(20)));
        }
        if settings & 8 != 0 || is_modern {
            options = options.offer(ClientFeature::Roots);
        }
        let mut world = Self {
            connection: OnLines::new(options),
            ledger: Ledger::default(),
            is_modern,
            limit,
            now: Duration::ZERO,
            said: Vec::new(),
            pages: ToolPages::new().max_pages(3).max_bytes(600),
        };
        // Most inputs begin where it gets interesting.
        if settings & 1 == 0 {
            world.start();
            world.write_all();
            let version = if settings & 4 == 0 { "2025-11-25" } else { "2025-03-26" };
            let hello = if is_modern { message::discovered() } else { message::initialized(version) };
            world.says(&hello);
            world.take_events();
            assert!(world.connection.is_ready(), "the handshake");
            world.write_all();
        }
        world
    }

    fn step(&mut self, what: u8, bytes: &mut Bytes<'_>) {
        match what & 31 {
            0..=5 => self.request(bytes.byte()),
            6 => self.notify(bytes.byte()),
            7 | 8 => self.cancel(bytes.byte()),
            9..=11 => drop(self.write()),
            12 => self.write_all(),
            13 => self.take_events(),
            14 => self.time(self.now.saturating_add(Duration::from_millis(u64::from(bytes.byte())))),
            15 => self.time(self.connection.poll_timeout().unwrap_or(self.now)),
            16 | 17 => {
                let length = usize::from(bytes.byte() & 63);
                let raw = text::messages(Bytes::new(bytes.take(length)), self.limit);
                self.says(&raw);
            }
            18 => self.says(b"\n"),
            19..=25 => self.answer(bytes),
            26..=29 => {
                let message = message::any(bytes, &self.ledger, self.limit);
                // In two pieces, sometimes.
                let (head, tail) = message.split_at(bytes.place(message.len() + 1));
                self.says(head);
                self.says(tail);
            }
            30 => self.start(),
            _ => self.rarely(bytes.byte()),
        }
    }

    fn start(&mut self) {
        let result = self.connection.start(self.now);
        let first = !self.ledger.started && !self.connection.is_closed();
        assert_eq!(result.is_ok(), first, "start: {result:?}");
        self.ledger.started |= result.is_ok();
    }

    fn request(&mut self, how: u8) {
        let pages = self.pages.next_params();
        let (method, params) = match how & 7 {
            0..=2 => ("tools/call", Some(message::params(how))),
            3 => (ToolPages::METHOD, pages),
            4 => ("ping", None),
            5 => ("initialize", None),
            6 => ("", None),
            _ => ("tools/call", Some(message::odd_params(how, self.limit))),
        };
        let timeout = (how & 8 != 0).then(|| Duration::from_millis(u64::from(how >> 4)));
        let ready = self.connection.is_ready();
        let result = self.connection.request(self.now, method, params.as_deref(), timeout);
        if !ready && method != "ping" {
            assert!(matches!(result, Err(RequestError::NotReady | RequestError::Closed)), "{result:?}");
        }
        if let Ok(id) = result {
            assert!(!method.is_empty() && method != "initialize", "{method:?} was sent");
            self.ledger.accepted(id, method);
        }
    }

    fn notify(&mut self, how: u8) {
        let method = if how & 1 == 0 { "n" } else { "notifications/cancelled" };
        let result = self.connection.notify(method, Some(&message::params(how)));
        assert!(result.is_err() || (how & 1 == 0 && self.connection.is_ready()), "{method}: {result:?}");
    }

    fn cancel(&mut self, which: u8) {
        let Some(id) = self.ledger.any(which) else {
            return;
        };
        let reason = "é".repeat(if which & 128 == 0 { 1 } else { 1000 });
        let cancel = self.connection.cancel(id, Some(&reason));
        self.ledger.cancelled(id, cancel);
    }

    fn write(&mut self) -> Option<Written> {
        let (line, request) = self.connection.poll()?;
        assert!(!self.connection.is_closed(), "written after the end");
        Some(self.ledger.written(&line, request))
    }

    /// What comes out is all that was held, so the bounds of what may be held are those of what comes out.
    fn write_all(&mut self) {
        let (mut replies, mut bytes) = (0, 0);
        while let Some(written) = self.write() {
            match written {
                Written::Call(length) => bytes += length,
                Written::Reply => replies += 1,
                Written::Own => {}
            }
        }
        assert!(replies <= REPLIES, "{replies} answers and notices were held");
        // One message is always taken, and `initialized` is the connection's own.
        let bound = QUEUED.max(self.limit) + 100;
        assert!(bytes <= bound, "{bytes} bytes of calls were held, {bound} are allowed");
    }

    fn time(&mut self, now: Duration) {
        self.now = self.now.max(now);
        self.connection.handle_timeout(self.now);
        let next = self.connection.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "{next:?} is left at {:?}", self.now);
    }

    fn says(&mut self, bytes: &[u8]) {
        if !self.connection.is_closed() {
            self.said.extend_from_slice(bytes);
        }
        self.connection.handle_input(bytes);
    }

    /// One well-formed answer on a line of its own; what comes of it is known exactly.
    fn answer(&mut self, bytes: &mut Bytes<'_>) {
        if self.said.last().is_some_and(|last| *last != b'\n') {
            self.says(b"\n");
        }
        self.take_events();
        let answer = message::answer(bytes, &self.ledger, self.limit);
        let closed = self.connection.is_closed();
        self.says(&answer.line);
        let ended = self.ledger.take_events(&mut self.connection, &self.said, &mut self.pages, self.limit);
        let expected = answer.expected.filter(|_| !closed);
        if self.ledger.started && !self.ledger.opened {
            // It may have been about the handshake, with which everything ends.
            return;
        }
        if self.is_modern {
            // What is no answer for good ends nothing, and what is one may come between the rounds.
            assert!(ended.len() <= 1, "{ended:?} by {:?}", String::from_utf8_lossy(&answer.line));
            return;
        }
        assert_eq!(ended, Vec::from_iter(expected), "to {:?}", String::from_utf8_lossy(&answer.line));
    }

    fn take_events(&mut self) {
        self.ledger.take_events(&mut self.connection, &self.said, &mut self.pages, self.limit);
        let opening = usize::from(self.ledger.started && !self.ledger.opened);
        let open = self.ledger.open() + opening;
        assert_eq!(self.connection.in_flight(), open, "in flight");
    }

    /// What is rare, and what came later than the corpus.
    fn rarely(&mut self, how: u8) {
        let which = how >> 4;
        match how & 15 {
            0 => {
                self.connection.handle_eof();
                self.has_ended();
            }
            1 => {
                self.connection.fail_all(&CallError::Cancelled);
                self.has_ended();
            }
            2..=4 => self.request_with_progress(which),
            5..=7 => self.says(&message::progress(which, &self.ledger)),
            8..=10 if self.is_modern => self.says(&message::wants(how.rotate_left(4), &self.ledger)),
            8..=10 => self.says(&message::ask(which)),
            11 | 12 => self.answer_ask(which),
            13 => self.says(&message::cancelled(which)),
            14 if self.is_modern => self.says(&message::tells(how.rotate_left(4), &self.ledger)),
            14 => {}
            _ => self.subscribe(which),
        }
    }

    fn subscribe(&mut self, what: u8) {
        let mut wished = Subscriptions::default().tools(what & 1 != 0);
        if what & 2 != 0 {
            wished = wished.resource("a");
        }
        let subscribed = self.connection.subscribe(self.now, wished);
        let may = self.connection.is_ready();
        assert!(may || subscribed.is_err(), "{subscribed:?}");
    }

    fn request_with_progress(&mut self, how: u8) {
        let idle = (how & 1 != 0).then(|| Duration::from_millis(5));
        let timeout = (how & 2 != 0).then(|| Duration::from_millis(20));
        let options = RequestOptions::default().progress(true).idle_timeout(idle).timeout(timeout);
        let params = message::params_with_meta(how);
        let result = self.connection.request_with(self.now, "tools/call", params.as_deref(), options);
        if let Ok(id) = result {
            self.ledger.accepted(id, "tools/call");
            self.ledger.wants_progress(id);
        }
    }

    fn answer_ask(&mut self, which: u8) {
        let Some(id) = self.ledger.asks.any(which) else {
            return;
        };
        let result = RawValue::from_string(Asks::answer(id)).expect("it is JSON");
        let answered = self.connection.answer(self.now, id, Ok(&result));
        self.ledger.asks.answered(id, &answered);
    }

    fn has_ended(&mut self) {
        assert!(self.connection.is_closed(), "it was ended");
        assert!(self.write().is_none(), "something is left to write");
        assert_eq!(self.connection.poll_timeout(), None, "a deadline is left");
        assert_eq!(self.connection.in_flight(), 0, "a request is left");
        assert_eq!(self.connection.asked(), 0, "a request of the server is left");
    }

    fn is_bounded(&self) {
        assert!(self.connection.in_flight() <= IN_FLIGHT + 1, "more requests than may be");
    }

    fn end(&mut self) {
        self.connection.handle_eof();
        self.has_ended();
        self.take_events();
        self.ledger.all_ended();
    }
}
