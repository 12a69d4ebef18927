//! A server that may do anything, and a client that calls, cancels and waits meanwhile.

use std::time::Duration;

use ledger::{Ledger, Written};
use tenure_mcp_proto::pages::ToolPages;
use tenure_mcp_proto::{CallError, Options, RequestError};

use crate::bytes::Bytes;
use crate::text;
use crate::wire::OnLines;

mod ledger;
mod message;

const IN_FLIGHT: usize = 4;
const QUEUED: usize = 700;
const REPLIES: usize = 3;
const EVENTS: usize = 4;

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
    limit: usize,
    now: Duration,
    /// All that the server has said, in full.
    said: Vec<u8>,
    pages: ToolPages,
}

impl World {
    fn new(settings: u8) -> Self {
        let limit = 200 + usize::from(settings >> 4) * 16;
        let mut options = Options::default()
            .client("c", "1")
            .max_message(limit)
            .max_in_flight(IN_FLIGHT)
            .max_queued(QUEUED)
            .max_replies(REPLIES)
            .max_events(EVENTS);
        if settings & 2 != 0 {
            options = options.handshake_timeout(Some(Duration::from_millis(20)));
        }
        let mut world = Self {
            connection: OnLines::new(options),
            ledger: Ledger::default(),
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
            world.says(&message::initialized(version));
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
            _ => self.lose(bytes.byte()),
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
        let line = self.connection.poll_line()?;
        assert!(!self.connection.is_closed(), "written after the end");
        Some(self.ledger.written(&line))
    }

    /// What comes out is all that was held, so the bounds of what may be held are those of what comes out.
    fn write_all(&mut self) {
        let (mut replies, mut bytes) = (0, 0);
        while let Some(written) = self.write() {
            match written {
                Written::Call(length) => bytes += length,
                Written::Reply => replies += 1,
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
        assert_eq!(ended, Vec::from_iter(expected), "to {:?}", String::from_utf8_lossy(&answer.line));
    }

    fn take_events(&mut self) {
        self.ledger.take_events(&mut self.connection, &self.said, &mut self.pages, self.limit);
        let opening = usize::from(self.ledger.started && !self.ledger.opened);
        let open = self.ledger.open() + opening;
        assert_eq!(self.connection.in_flight(), open, "in flight");
    }

    fn lose(&mut self, how: u8) {
        match how & 15 {
            0 => self.connection.handle_eof(),
            1 => self.connection.fail_all(&CallError::Cancelled),
            _ => return,
        }
        self.has_ended();
    }

    fn has_ended(&mut self) {
        assert!(self.connection.is_closed(), "it was ended");
        assert!(self.write().is_none(), "something is left to write");
        assert_eq!(self.connection.poll_timeout(), None, "a deadline is left");
        assert_eq!(self.connection.in_flight(), 0, "a request is left");
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
