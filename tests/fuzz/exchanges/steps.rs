//! What the client does and what the server answers, one step at a time.

use serde_json::value::RawValue;
use tenure_mcp_proto::http::{ExchangeId, Failure, Stage};
use tenure_mcp_proto::{RequestOptions, Subscriptions};

use super::books::Life;
use super::message::Kind;
use super::server::{self, About, EVENTS, JSON};
use super::world::{LIMIT, SECOND, World};
use crate::bytes::Bytes;
use crate::text;

impl World {
    pub(super) fn step(&mut self, what: u8, bytes: &mut Bytes<'_>) {
        match what & 31 {
            0..=4 => self.request(bytes.byte()),
            5 => self.cancel(bytes.byte()),
            6 => self.rarely(bytes.byte()),
            7..=13 => self.whole_answer(bytes),
            14..=16 => {
                let exchange = self.books.any(bytes.byte());
                let (status, headers) = server::head(bytes);
                if let Some(exchange) = exchange {
                    self.head(exchange, status, &headers);
                }
            }
            17..=21 => self.event(bytes),
            22 => {
                let exchange = self.books.any(bytes.byte());
                let length = usize::from(bytes.byte() & 63);
                let raw = text::messages(Bytes::new(bytes.take(length)), LIMIT);
                if let Some(exchange) = exchange {
                    self.body(exchange, &raw, true);
                }
            }
            23 | 24 => {
                if let Some(exchange) = self.books.any(bytes.byte()) {
                    self.exchanges.end(self.now, exchange);
                    self.books.ended(exchange, None);
                    self.settle(0);
                }
            }
            25 | 26 => self.fails(bytes),
            27 => self.answer_credentials(bytes.byte()),
            28 => self.time(self.now.saturating_add(SECOND * u32::from(bytes.byte()) / 16)),
            _ => {
                let next = [self.exchanges.poll_timeout(), self.connection.poll_timeout()];
                let next = next.into_iter().flatten().min().unwrap_or(self.now);
                self.time(next.min(self.now.saturating_add(SECOND * 1000)));
            }
        }
    }

    fn request(&mut self, how: u8) {
        let (method, params) = match how & 7 {
            0..=2 => ("tools/call", r#"{"name":"t","arguments":{"a":"b"}}"#),
            3 => ("tools/list", "{}"),
            4 => ("resources/read", r#"{"uri":"file:///é"}"#),
            5 => ("x/y", "{}"),
            6 => ("ping", "{}"),
            _ => ("prompts/get", r#"{"name":"p"}"#),
        };
        let timeout = (how & 8 != 0).then(|| SECOND * u32::from(how >> 4));
        let options = RequestOptions::default().timeout(timeout).progress(how & 16 != 0);
        let params = RawValue::from_string(params.to_owned()).expect("it is JSON");
        if let Ok(id) = self.connection.request_with(self.now, method, Some(&params), options) {
            self.ledger.accepted(id);
        }
        self.settle(0);
    }

    fn cancel(&mut self, which: u8) {
        if let Some(id) = self.ledger.any(which) {
            self.connection.cancel(id, None);
            self.settle(0);
        }
    }

    fn rarely(&mut self, how: u8) {
        let which = how >> 4;
        match how & 15 {
            0 => {
                self.exchanges.stop(self.now);
                if self.books.life == Life::Running {
                    self.books.life = Life::Stopping;
                }
            }
            1 if which == 0 => self.exchanges.abort(),
            2..=4 => self.retired(),
            5 | 6 => drop(self.connection.notify("notifications/roots/list_changed", None)),
            7 | 8 => {
                let wished = Subscriptions::default().tools(which & 1 != 0);
                let wished = if which & 2 != 0 { wished.resource("a") } else { wished };
                let _ = self.connection.subscribe(self.now, wished);
            }
            9 | 10 => {
                if let Some(id) = self.ledger.any_ask(which) {
                    let _ = self.connection.answer(self.now, id, Ok(RawValue::NULL));
                }
            }
            11 => self.credentials = Some(self.credentials.unwrap_or(0) + u64::from(which)),
            12 => drop(self.connection.notify("x", None)),
            _ => {}
        }
        self.settle(0);
    }

    /// A head, a body in two pieces, and its end.
    fn whole_answer(&mut self, bytes: &mut Bytes<'_>) {
        let (which, how) = (bytes.byte(), bytes.byte());
        let Some(exchange) = self.books.any(which) else {
            return;
        };
        if how.is_multiple_of(4) {
            let (status, headers) = server::head(bytes);
            self.head(exchange, status, &headers);
        } else {
            self.head(exchange, 200, &server::kind(if how & 4 == 0 { JSON } else { EVENTS }));
        }
        let about = self.about(exchange, how >> 4);
        let message = server::message(bytes, about);
        let message = if how & 4 == 0 { message } else { format!("data: {message}\n\n") };
        let (first, rest) = message.as_bytes().split_at(bytes.place(message.len() + 1));
        self.body(exchange, first, false);
        self.body(exchange, rest, true);
        if how & 8 == 0 {
            self.exchanges.end(self.now, exchange);
            self.books.ended(exchange, None);
            self.settle(0);
        }
    }

    /// An event, on a stream that is begun if it isn't.
    fn event(&mut self, bytes: &mut Bytes<'_>) {
        let (which, how) = (bytes.byte(), bytes.byte());
        let Some(exchange) = self.books.any(which) else {
            return;
        };
        if self.books.get(exchange).is_some_and(|carried| carried.head.is_none()) {
            self.head(exchange, 200, &server::kind(EVENTS));
        }
        let root = self.books.get(exchange).map(|carried| carried.root.to_string()).unwrap_or_default();
        let about = self.about(exchange, how);
        let (piece, is_event) = server::event(bytes, &root, about);
        self.body(exchange, &piece, is_event);
    }

    fn about(&self, exchange: ExchangeId, which: u8) -> About {
        let carried = self.books.get(exchange);
        let of = carried.and_then(|carried| self.books.get(carried.root)).or(carried);
        let own = of.and_then(|carried| match carried.kind {
            Kind::Request { wire, .. } => Some(wire),
            _ => None,
        });
        About { own, other: self.books.wire(which) }
    }

    fn fails(&mut self, bytes: &mut Bytes<'_>) {
        let (which, how) = (bytes.byte(), bytes.byte());
        let Some(exchange) = self.books.any(which) else {
            return;
        };
        let stages = [Stage::Connect, Stage::Tls, Stage::Unwritten, Stage::Sent, Stage::Sent, Stage::Head];
        let place = usize::from(how & 0x7f).checked_rem(stages.len()).unwrap_or(0);
        let has_head = self.books.get(exchange).is_some_and(|carried| carried.head.is_some());
        let stage = if has_head { Stage::Body } else { stages.get(place).copied().unwrap_or(Stage::Sent) };
        let was_reused = how & 0x80 != 0;
        let failure = Failure { stage, was_reused, is_permanent: false, reason: "broken".to_owned() };
        self.books.ended(exchange, Some((stage, was_reused)));
        self.exchanges.failed(self.now, exchange, failure);
        self.settle(0);
    }

    pub(super) fn answer_credentials(&mut self, how: u8) {
        let was_asked = self.books.told();
        if !was_asked && how & 0x70 != 0 {
            return;
        }
        let answer = match how & 3 {
            0 | 1 => {
                let next = self.credentials.unwrap_or(0) + 1;
                self.credentials = Some(next);
                Ok(next)
            }
            2 => Ok(self.credentials.unwrap_or(0)),
            _ => Err("nobody is there".to_owned()),
        };
        self.exchanges.credentials(self.now, answer);
        self.settle(0);
    }
}
