//! The connection: what a caller sees.

use std::time::Duration;

use serde_json::value::RawValue;

use crate::era::legacy as handshake;
use crate::error::{CallError, ProtocolError, RequestError};
use crate::exchange::events::{Dropped, Event};
use crate::exchange::inbound::{Core, Phase};
use crate::exchange::outbound::Output;
use crate::jsonrpc::json;
use crate::lines::Framing;
use crate::{Era, Options, RequestId};

/// The longest reason that goes into a cancel notice, in bytes.
const MAX_REASON: usize = 1024;

/// The client's side of one MCP connection, without I/O and without a clock.
///
/// # How to drive it
///
/// Call [`start`](Self::start) once. Then, in any order and as often as you
/// like (a spurious call does nothing):
///
/// - bytes came from the server: [`handle_input`](Self::handle_input), split
///   anyhow; no more will come: [`handle_eof`](Self::handle_eof);
/// - there is room to write: [`poll_output`](Self::poll_output) and write the
///   whole line; polling it counts as handing it to the writer, so poll only
///   what you are about to write;
/// - the time of [`poll_timeout`](Self::poll_timeout) has come:
///   [`handle_timeout`](Self::handle_timeout);
/// - [`request`](Self::request), [`notify`](Self::notify),
///   [`cancel`](Self::cancel).
///
/// After **each** of these drain [`poll_event`](Self::poll_event) until `None`,
/// and ask `poll_output` and `poll_timeout` anew: any input may have changed
/// what they say.
///
/// # What holds
///
/// - Each accepted request ends in exactly one [`Event::Response`].
/// - [`Event::Ready`] or [`Event::HandshakeFailed`] comes once after a start
///   that ends at all (the connection's end counts: then it failed).
/// - Times are durations since an origin that the caller chooses, once.
/// - Nothing panics, whatever the input, and memory is bounded: one line of
///   input, plus the events and outputs that wait, each queue bounded by
///   [`Options`] (responses by their requests; so drain the events).
/// - Input is always taken, also while output is stuck.
#[derive(Debug)]
pub struct Connection {
    framing: Framing,
    core: Core,
}

/// What [`Connection::cancel`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cancel {
    /// The request was not handed to the writer yet, and never will be.
    Unsent,
    /// The request was handed to the writer; the server is told that nobody
    /// waits any more (MCP 2025-11-25, basic/utilities/cancellation). It may
    /// have acted, and may act still.
    Notified,
    /// There is no such request in flight. Nothing was done.
    NotInFlight,
}

/// Counters of a [`Connection`], from its beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Pings of the server that were answered.
    pub pings_answered: u64,
    /// Other requests of the server, refused with -32601.
    pub requests_refused: u64,
    /// Answers to requests that had been cancelled or had timed out.
    pub late_answers: u64,
    /// What full queues cost.
    pub dropped: Dropped,
}

impl Connection {
    /// A connection on which nothing has happened.
    pub fn new(options: Options) -> Self {
        Self { framing: Framing::new(options.max_message), core: Core::new(options) }
    }

    /// Queues `initialize` (MCP 2025-11-25, basic/lifecycle). `now` matters
    /// only with a [`handshake_timeout`](Options::handshake_timeout).
    ///
    /// # Errors
    /// If it was called before, the connection is closed, or the options make
    /// a message larger than they allow.
    pub fn start(&mut self, now: Duration) -> Result<(), RequestError> {
        match self.core.phase {
            Phase::New => {}
            Phase::Closed => return Err(RequestError::Closed),
            Phase::Opening { .. } | Phase::Ready { .. } => {
                return Err(RequestError::AlreadyStarted);
            }
        }
        if !json::is_object(&self.core.options.capabilities) {
            return Err(RequestError::InvalidParams);
        }
        let params = handshake::initialize_params(&self.core.options);
        let deadline = deadline(now, self.core.options.handshake_timeout);
        let id = self.core.send_request(handshake::INITIALIZE, Some(&params), deadline)?;
        self.core.phase = Phase::Opening { id };
        Ok(())
    }

    /// Takes bytes from the server, split anyhow.
    pub fn handle_input(&mut self, mut input: &[u8]) {
        if self.is_closed() {
            return;
        }
        while let Some(frame) = self.framing.next(&mut input) {
            self.core.handle_frame(&frame);
        }
        if self.is_closed() {
            // The handshake failed on the way; what is left is of no use.
            self.framing.finish();
        }
    }

    /// No more bytes will come: the connection is over. What is in flight
    /// fails with [`CallError::ConnectionLost`]; what waited to be written is
    /// forgotten. An unfinished line is a [`ProtocolError`], never a message.
    pub fn handle_eof(&mut self) {
        if self.is_closed() {
            return;
        }
        if let Some(size) = self.framing.finish() {
            self.core.protocol_error(ProtocolError::UnfinishedLine { size });
        }
        self.fail_all(&CallError::ConnectionLost { sent: false });
    }

    /// Ends the connection from this side: what is in flight fails with
    /// `error`, what waited to be written is forgotten, and nothing is accepted
    /// any more. In [`CallError::ConnectionLost`], `sent` is set for each
    /// request as it was.
    pub fn fail_all(&mut self, error: &CallError) {
        if self.is_closed() {
            return;
        }
        self.framing.finish();
        self.core.close(error);
    }

    /// Queues a request.
    ///
    /// `params` goes out byte for byte, but for newlines between its tokens,
    /// which become spaces. With a `timeout` the request ends with
    /// [`CallError::TimedOut`] once [`handle_timeout`](Self::handle_timeout) is
    /// called at `now + timeout` or later, whether or not it was written by then.
    ///
    /// # Errors
    /// Nothing was queued if: the handshake isn't complete (`ping` is allowed
    /// from [`start`](Self::start) on), the connection is closed, a bound is
    /// reached, the message is too large, `params` is no object, or the method
    /// is empty or `initialize`.
    pub fn request(
        &mut self,
        now: Duration,
        method: &str,
        params: Option<&RawValue>,
        timeout: Option<Duration>,
    ) -> Result<RequestId, RequestError> {
        self.check_open(method == "ping")?;
        check_method(method, &[handshake::INITIALIZE])?;
        let params = check_params(params)?;
        let limit = self.core.options.max_in_flight;
        // Ended requests whose event waits are counted too: else a caller that
        // never drains its events would collect them without bound.
        let open = self.core.requests.len() + self.core.events.responses();
        if open >= limit {
            return Err(RequestError::TooManyInFlight { limit });
        }
        self.core.send_request(method, params, deadline(now, timeout))
    }

    /// Queues a notification, behind the requests queued so far.
    ///
    /// # Errors
    /// As [`request`](Self::request); `notifications/initialized` and
    /// `notifications/cancelled` are sent by the connection itself only.
    pub fn notify(&mut self, method: &str, params: Option<&RawValue>) -> Result<(), RequestError> {
        self.check_open(false)?;
        check_method(method, &[handshake::INITIALIZED, "notifications/cancelled"])?;
        let params = check_params(params)?;
        self.core.send(None, method, params)
    }

    /// Gives up a request: it ends with [`CallError::Cancelled`], and an answer
    /// that comes late is ignored. `reason` is for the server's log and is cut
    /// after 1 KiB. The opening request can't be cancelled.
    pub fn cancel(&mut self, id: RequestId, reason: Option<&str>) -> Cancel {
        if self.core.is_opening(id) {
            return Cancel::NotInFlight;
        }
        let reason = reason.map(shortened);
        match self.core.give_up(id, reason, CallError::Cancelled) {
            Some(true) => Cancel::Notified,
            Some(false) => Cancel::Unsent,
            None => Cancel::NotInFlight,
        }
    }

    /// The next message to write, whole. Answers to the server and cancel
    /// notices come first, though never more than 16 in a row while requests
    /// wait.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.core.poll_output()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.core.events.poll()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), since the
    /// caller's origin. May be in the past.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.core.requests.next_deadline()
    }

    /// Ends the requests whose deadline has come with [`CallError::TimedOut`],
    /// and tells the server of those it may know. No deadline at or before
    /// `now` is left.
    pub fn handle_timeout(&mut self, now: Duration) {
        while let Some(id) = self.core.requests.due(now) {
            if self.core.is_opening(id) {
                self.core.fail_opening(CallError::TimedOut);
                self.framing.finish();
                return;
            }
            let reason = Some("timed out");
            self.core.give_up(id, reason, CallError::TimedOut);
        }
    }

    /// Whether the handshake is complete and the connection not over.
    pub fn is_ready(&self) -> bool {
        matches!(self.core.phase, Phase::Ready { .. })
    }

    /// Whether the connection is over. Events may still wait.
    pub fn is_closed(&self) -> bool {
        matches!(self.core.phase, Phase::Closed)
    }

    /// The protocol version agreed on, while the connection is ready.
    pub fn protocol_version(&self) -> Option<&str> {
        match &self.core.phase {
            Phase::Ready { version } => Some(version),
            Phase::New | Phase::Opening { .. } | Phase::Closed => None,
        }
    }

    /// How this connection is opened and its requests are marked.
    pub fn era(&self) -> Era {
        Era::Handshake
    }

    /// How many requests are in flight, queued ones and the opening included.
    pub fn in_flight(&self) -> usize {
        self.core.requests.len()
    }

    /// Bytes of payload held: input, outputs and events that wait.
    pub fn buffered(&self) -> usize {
        [self.core.outbound.bytes(), self.core.events.bytes()]
            .into_iter()
            .fold(self.framing.held(), usize::saturating_add)
    }

    /// What was counted so far.
    pub fn stats(&self) -> Stats {
        Stats { dropped: self.core.events.dropped_ever(), ..self.core.stats }
    }

    fn check_open(&self, early: bool) -> Result<(), RequestError> {
        match self.core.phase {
            Phase::Ready { .. } => Ok(()),
            Phase::Opening { .. } if early => Ok(()),
            Phase::New | Phase::Opening { .. } => Err(RequestError::NotReady),
            Phase::Closed => Err(RequestError::Closed),
        }
    }
}

fn deadline(now: Duration, timeout: Option<Duration>) -> Option<Duration> {
    timeout.map(|timeout| now.saturating_add(timeout))
}

fn check_method(method: &str, reserved: &[&str]) -> Result<(), RequestError> {
    let reason = if method.is_empty() {
        "it is empty"
    } else if reserved.contains(&method) {
        "the connection sends it itself"
    } else {
        return Ok(());
    };
    Err(RequestError::InvalidMethod { method: json::excerpt(method.as_bytes()), reason })
}

fn check_params(params: Option<&RawValue>) -> Result<Option<&str>, RequestError> {
    match params {
        Some(params) if !json::is_object(params) => Err(RequestError::InvalidParams),
        params => Ok(params.map(RawValue::get)),
    }
}

fn shortened(reason: &str) -> &str {
    let mut end = reason.len().min(MAX_REASON);
    while !reason.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    reason.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_id_left_nothing_is_sent() {
        // JSON-RPC ids must not be reused (MCP 2025-11-25, basic, "Requests").
        let mut connection = Connection::new(Options::default());
        connection.core.phase = Phase::Ready { version: "2025-11-25".to_owned() };
        connection.core.requests.add(RequestId((1 << 53) - 1), None);
        let refused = connection.request(Duration::ZERO, "x", None, None);
        assert_eq!(refused, Err(RequestError::IdsExhausted));
        assert_eq!(connection.in_flight(), 1);
        assert!(connection.poll_output().is_none());
        connection.notify("n", None).unwrap();
    }
}
