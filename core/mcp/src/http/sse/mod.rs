//! Server-sent events (WHATWG HTML, section 9.2): the messages of a response that is a stream.
//!
//! [`Sse`] makes events of the bytes that come, split anyhow. `sse/token.rs` reads lines and fields, `sse/data.rs`
//! keeps what is said, as much of it as may be.

mod data;
mod token;

use std::time::Duration;

use http::HeaderValue;

pub(crate) use data::SseData;
use data::{Data, text};
use token::{Field, Token, Tokens};

/// A longer id is none that a stream is resumed from; no more of it is kept.
const MOST_OF_ID: usize = 4096;
/// Of the type of an event no more is kept.
const MOST_OF_KIND: usize = 256;

/// A stream of events on its way to being messages.
///
/// At most one event is held, and never more of its data than the limit: of a larger one only what tells whom it
/// concerns is kept. An event that the stream ends in doesn't count.
#[derive(Debug)]
pub(crate) struct Sse {
    tokens: Tokens,
    /// The field of the line that is being read, and its value unless that is data.
    field: Field,
    value: Value,
    event: PartialEvent,
    cursor: Option<HeaderValue>,
    retry: Option<Duration>,
}

/// What a stream says.
#[derive(Debug)]
pub(crate) enum SseItem {
    /// An event.
    Event(SseEvent),
    /// A comment: a sign of life.
    Comment,
}

/// An event: what ends with an empty line, and has something of the standard's in it.
#[derive(Debug)]
pub(crate) struct SseEvent {
    /// Its type, if that isn't `message`; at most 256 bytes of it.
    pub(crate) kind: Option<String>,
    /// What it says.
    pub(crate) data: SseData,
}

/// The event that is being read.
#[derive(Debug)]
struct PartialEvent {
    kind: Option<String>,
    data: Data,
    /// Where the cursor is once it is dispatched.
    cursor: Option<HeaderValue>,
    has_field: bool,
}

impl Sse {
    /// The beginning of a stream whose events have at most so many bytes of data.
    pub(crate) fn new(max_event: usize) -> Self {
        let event = PartialEvent { kind: None, data: Data::new(max_event), cursor: None, has_field: false };
        Self {
            tokens: Tokens::default(),
            field: Field::Other,
            value: Value::default(),
            event,
            cursor: None,
            retry: None,
        }
    }

    /// The same, of a stream that is taken up again: what was known of it holds until it says otherwise.
    pub(crate) fn taken_up(mut self, cursor: Option<HeaderValue>, retry: Option<Duration>) -> Self {
        self.event.cursor.clone_from(&cursor);
        (self.cursor, self.retry) = (cursor, retry);
        self
    }

    /// The next thing that `input` completes; `input` moves on behind it. `None` when all input is consumed.
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Option<SseItem> {
        while let Some(token) = self.tokens.next(input) {
            match token {
                Token::Begin(field) => self.begin(field),
                Token::Piece(bytes) if self.field == Field::Data => self.event.data.push(bytes),
                Token::Piece(bytes) => self.value.push(bytes),
                Token::End if self.field == Field::Comment => return Some(SseItem::Comment),
                Token::End => self.end(),
                Token::Blank => {
                    if std::mem::take(&mut self.event.has_field) {
                        return Some(SseItem::Event(self.dispatch()));
                    }
                }
            }
        }
        None
    }

    /// The id of the last event that had one: where the stream can be resumed. `None` if the server never gave one,
    /// took it back by an empty one, or gave one that no header can hold.
    pub(crate) fn cursor(&self) -> Option<&HeaderValue> {
        self.cursor.as_ref()
    }

    /// How long to wait before resuming, if the server said so.
    pub(crate) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    fn begin(&mut self, field: Field) {
        self.field = field;
        self.value.clear();
        if field == Field::Data {
            self.event.data.begin_line();
        }
        self.event.has_field |= !matches!(field, Field::Comment | Field::Other);
    }

    fn end(&mut self) {
        match self.field {
            Field::Event => self.event.kind = self.value.kind(),
            Field::Id if self.value.has_nul => {}
            Field::Id => self.event.cursor = self.value.id(),
            Field::Retry => self.retry = self.value.retry().or(self.retry),
            Field::Data | Field::Comment | Field::Other => {}
        }
    }

    fn dispatch(&mut self) -> SseEvent {
        self.cursor.clone_from(&self.event.cursor);
        SseEvent { kind: self.event.kind.take(), data: self.event.data.take() }
    }
}

/// The value of a field that is short, or doesn't matter.
#[derive(Debug, Default)]
struct Value {
    /// Up to one byte more than an id may have.
    kept: Vec<u8>,
    has_nul: bool,
}

impl Value {
    fn clear(&mut self) {
        self.kept.clear();
        self.has_nul = false;
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = MOST_OF_ID.saturating_add(1).saturating_sub(self.kept.len());
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.has_nul |= bytes.contains(&0);
    }

    fn kind(&self) -> Option<String> {
        let kind = self.kept.get(..MOST_OF_KIND).unwrap_or(&self.kept);
        (!matches!(kind, b"" | b"message")).then(|| text(kind.to_owned()))
    }

    /// `None` if no header can hold it as it is.
    fn id(&self) -> Option<HeaderValue> {
        let is_whole = !self.kept.is_empty() && self.kept.len() <= MOST_OF_ID;
        // White space at the ends of a header's value is no part of it.
        let can_be_sent = is_whole && self.kept.trim_ascii().len() == self.kept.len();
        let mut id = can_be_sent.then(|| HeaderValue::try_from(text(self.kept.clone())).ok())??;
        // Whoever has it may hear what the stream brings.
        id.set_sensitive(true);
        Some(id)
    }

    /// `None` if it has anything else than digits. More milliseconds than a number has room for are many too.
    fn retry(&self) -> Option<Duration> {
        let is_number = !self.kept.is_empty() && self.kept.len() <= MOST_OF_ID;
        let digits = std::str::from_utf8(&self.kept).ok().filter(|_| is_number)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Duration::from_millis(digits.parse().unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests;
