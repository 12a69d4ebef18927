//! The connection: what a caller sees.

use std::time::Duration;

use serde_json::value::RawValue;

use crate::era::versions::Era;
use crate::error::{CallError, RequestError};
use crate::exchange::events::Event;
use crate::exchange::in_flight::Round;
use crate::exchange::inbound::Incoming;
use crate::exchange::outbound::Outgoing;
use crate::exchange::unexpected::Unexpected;
use crate::exchange::{Exchange, Stage};
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::json;
use crate::options::Options;
use crate::request_options::RequestOptions;

/// The longest reason that goes into a cancel notice, in bytes.
const MAX_REASON: usize = 1024;

/// The client's side of one MCP connection, without I/O and without a clock.
///
/// It takes and gives messages. What carries them, and what delimits them there, is not its business: for
/// stdio and other byte streams, [`lines`](crate::lines) stands between.
///
/// # How to drive it
///
/// Call [`start`](Self::start) once. Then, in any order and as often as you like (a spurious call does
/// nothing):
///
/// - a message came from the server: [`handle_message`](Self::handle_message); no more will come:
///   [`handle_end`](Self::handle_end); nothing can be written any more:
///   [`handle_write_failure`](Self::handle_write_failure);
/// - there is room to write: [`poll_message`](Self::poll_message) and write the whole message; polling it
///   counts as handing it to the writer, so poll only what you are about to write;
/// - the time of [`poll_timeout`](Self::poll_timeout) has come: [`handle_timeout`](Self::handle_timeout);
/// - [`request`](Self::request), [`notify`](Self::notify), [`cancel`](Self::cancel),
///   [`answer`](Self::answer), [`subscribe`](Self::subscribe), [`set_log_level`](Self::set_log_level).
///
/// After **each** of these poll [`poll_event`](Self::poll_event) until `None`, and ask `poll_message` and
/// `poll_timeout` anew: any input may have changed what they say.
///
/// # What holds
///
/// - Each accepted request ends in exactly one [`Event::Response`].
/// - Each [`Event::Request`] ends once: with an accepted [`answer`](Self::answer), or with an
///   [`Event::RequestCancelled`].
/// - [`Event::Ready`] or [`Event::HandshakeFailed`] comes once after a start that ends at all (the
///   connection's end counts: then it failed).
/// - Times are durations since an origin that the caller chooses, once.
/// - Nothing panics, whatever the input, and memory is bounded: the events and messages that wait, each queue
///   bounded by [`Options`] (responses by their requests; so poll the events).
/// - Input is always taken, also while the writer is stuck.
#[derive(Debug)]
pub struct Connection {
    pub(crate) exchange: Exchange,
}

/// What [`Connection::cancel`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cancel {
    /// The request was not handed to the writer yet, and never will be.
    Unsent,
    /// The request was handed to the writer; the server gets a notice that nobody waits any more (MCP
    /// 2025-11-25, basic/utilities/cancellation). It may have acted, and may act still.
    Notified,
    /// The server has answered the request with one for input, and what would have followed was not handed to the
    /// writer yet, and never will be: it is told nothing. It may have acted.
    BetweenRounds,
    /// There is no such request in flight. Nothing was done.
    NotInFlight,
}

impl Connection {
    /// A connection on which nothing has happened.
    #[inline]
    pub fn new(options: Options) -> Self {
        Self { exchange: Exchange::new(options) }
    }

    /// Queues the request that opens the connection: `initialize` (MCP 2025-11-25, basic/lifecycle), or
    /// `server/discover` where the modern era is offered (MCP 2026-07-28, basic/versioning). `now` matters only
    /// with a [`handshake_timeout`](Options::handshake_timeout) or a
    /// [`discover_window`](Options::discover_window).
    ///
    /// # Errors
    /// If it was called before, the connection is closed, or the options make no valid message or one larger
    /// than they allow.
    pub fn start(&mut self, now: Duration) -> Result<(), RequestError> {
        self.exchange.open(now)
    }

    /// Takes a message from the server. It counts as having come at the latest time that the connection was told;
    /// where progress begins an idle time anew, [`handle_message_at`](Self::handle_message_at) is better.
    pub fn handle_message(&mut self, message: Incoming<'_>) {
        if !self.is_closed() {
            self.exchange.handle_message(message);
        }
    }

    /// Takes a message from the server that came at `now`.
    pub fn handle_message_at(&mut self, now: Duration, message: Incoming<'_>) {
        self.exchange.tick(now);
        self.handle_message(message);
    }

    /// No more messages will come: the connection is closed. What is in flight fails with
    /// [`CallError::ConnectionLost`]; what waited to be written is forgotten.
    pub fn handle_end(&mut self) {
        self.fail_all(&CallError::ConnectionLost { sent: false });
    }

    /// Nothing can be written any more, though messages may still come: the server closed its input, say. What waited
    /// to be written is forgotten, requests that were not written fail with [`CallError::ConnectionLost`], and new
    /// ones are refused with [`RequestError::Closed`]. Requests that were written keep waiting for their answers.
    ///
    /// `unsent` is a request that was handed to the writer, and of which it is certain that the server did not get it
    /// whole: it counts as one that was not written. An opening that was not written ends the connection.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tenure_mcp_proto::{Connection, Event, Options};
    /// # let mut connection = Connection::new(Options::default());
    /// connection.start(Duration::ZERO)?;
    /// let message = connection.poll_message().expect("the opening");
    /// // Writing it failed half-way.
    /// connection.handle_write_failure(message.request());
    /// assert!(matches!(connection.poll_event(), Some(Event::HandshakeFailed(_))));
    /// # Ok::<(), tenure_mcp_proto::RequestError>(())
    /// ```
    pub fn handle_write_failure(&mut self, unsent: Option<RequestId>) {
        if !self.is_closed() {
            self.exchange.stop_sending(unsent);
        }
    }

    /// Ends the connection from this side: what is in flight fails with `error`, what waited to be written is
    /// forgotten, and nothing is accepted any more. In [`CallError::ConnectionLost`], `sent` is set for each
    /// request as it was.
    pub fn fail_all(&mut self, error: &CallError) {
        if !self.is_closed() {
            self.exchange.close(error);
        }
    }

    /// Queues a request.
    ///
    /// `params` goes out byte for byte, but for newlines between its tokens, which become spaces. With a
    /// `timeout` the request ends with [`CallError::TimedOut`] once [`handle_timeout`](Self::handle_timeout)
    /// is called at `now + timeout` or later, whether or not it was written by then.
    ///
    /// # Errors
    /// Nothing was queued if: the connection isn't open yet (`ping` is allowed from [`start`](Self::start)
    /// on) or closed, a bound is reached, the message is too large, `params` is no object, or the method is
    /// empty or `initialize`; or `params` names a progress token that is in use.
    pub fn request(
        &mut self,
        now: Duration,
        method: &str,
        params: Option<&RawValue>,
        timeout: Option<Duration>,
    ) -> Result<RequestId, RequestError> {
        self.request_with(now, method, params, RequestOptions::default().timeout(timeout))
    }

    /// Queues a request, like [`request`](Self::request), with more to choose: progress, an idle time.
    ///
    /// # Errors
    /// As [`request`](Self::request); and if progress is asked for and `_meta` is there and no object.
    pub fn request_with(
        &mut self,
        now: Duration,
        method: &str,
        params: Option<&RawValue>,
        options: RequestOptions,
    ) -> Result<RequestId, RequestError> {
        let rules = self.exchange.rules;
        self.check_open(rules.is_early(method))?;
        check_method(method, rules.reserved_requests())?;
        let params = check_params(params)?;
        let limit = self.exchange.options.about.limits.max_in_flight;
        // Ended requests whose event waits are counted too: else a caller that never polls its events would
        // collect them without bound.
        let unfinished = self.exchange.requests.len().saturating_add(self.exchange.events.responses());
        if unfinished >= limit {
            return Err(RequestError::TooManyInFlight { limit });
        }
        self.exchange.tick(now);
        self.exchange.send_request(now, method, params, options)
    }

    /// Queues the request that asks the server for a sign of life: `ping` (MCP 2025-11-25,
    /// basic/utilities/ping). Any answer is one, an error too.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub fn ask_for_life(
        &mut self,
        now: Duration,
        timeout: Option<Duration>,
    ) -> Result<RequestId, RequestError> {
        self.request(now, self.exchange.rules.sign_of_life(), None, timeout)
    }

    /// Queues a notification, behind the requests queued so far.
    ///
    /// # Errors
    /// As [`request`](Self::request); `notifications/initialized` and `notifications/cancelled` are sent by
    /// the connection itself only.
    pub fn notify(&mut self, method: &str, params: Option<&RawValue>) -> Result<(), RequestError> {
        self.check_open(false)?;
        check_method(method, self.exchange.rules.reserved_notifications())?;
        let params = check_params(params)?;
        self.exchange.notify(method, params)
    }

    /// Gives up a request: it ends with [`CallError::Cancelled`], and an answer that comes late is ignored.
    /// `reason` is for the server's log and is cut at 1 KiB. The opening request can't be cancelled.
    pub fn cancel(&mut self, id: RequestId, reason: Option<&str>) -> Cancel {
        if self.exchange.is_opening(id) || self.exchange.requests.is_own(id) {
            return Cancel::NotInFlight;
        }
        let reason = reason.map(shortened);
        match self.exchange.give_up(id, reason, CallError::Cancelled) {
            Some(request) if request.round == Round::Sent => Cancel::Notified,
            Some(request) if request.may_be_known() => Cancel::BetweenRounds,
            Some(_) => Cancel::Unsent,
            None => Cancel::NotInFlight,
        }
    }

    /// Returns whether the server has answered this request, which is in flight, and wants it again with input (MCP
    /// 2026-07-28, basic/patterns/mrtr): it may have begun what it was asked for, whatever becomes of a later round.
    pub fn was_wanted_again(&self, id: RequestId) -> bool {
        self.exchange.requests.was_wanted_again(id)
    }

    /// The next message to write, whole. Answers to the server and cancel notices come first, though never
    /// more than 16 in a row while requests wait.
    pub fn poll_message(&mut self) -> Option<Outgoing> {
        self.exchange.poll_message()
    }

    /// The next answer to the server or cancel notice to write, whole: for a carrier that has room for no request, and
    /// for these.
    pub fn poll_reply(&mut self) -> Option<Outgoing> {
        self.exchange.poll_reply()
    }

    /// With [`Options::exchanges`]: the next request, by its id in JSON-RPC, that was given up after it was handed out.
    /// Its exchange is to be dropped. To be asked after each input, until `None`.
    pub fn poll_withdrawn(&mut self) -> Option<RequestId> {
        self.exchange.poll_withdrawn()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.exchange.events.poll()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), since the caller's origin. May be in the past.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.exchange.next_deadline()
    }

    /// Ends the requests whose deadline has come with [`CallError::TimedOut`], and tells the server of those
    /// it may know; makes a subscription again that ended. No deadline at or before `now` is left.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.exchange.handle_timeout(now);
    }

    /// Returns whether the connection is open and not closed: whether any request may be made.
    pub fn is_ready(&self) -> bool {
        matches!(self.exchange.stage, Stage::Ready { .. }) && !self.exchange.outbound.is_closed()
    }

    /// Returns whether the connection is closed. Events may still wait.
    pub fn is_closed(&self) -> bool {
        matches!(self.exchange.stage, Stage::Closed)
    }

    /// How many requests are in flight, queued ones, those that wait for input of this side and the opening included,
    /// those that the connection makes by itself for [`subscribe`](Self::subscribe) not: for whoever wants to end the
    /// connection when nothing is left unanswered.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tenure_mcp_proto::{Connection, Options};
    /// let mut connection = Connection::new(Options::default());
    /// connection.start(Duration::ZERO)?;
    /// if connection.in_flight() == 0 {
    ///     connection.handle_end();
    /// }
    /// assert!(!connection.is_closed()); // the opening is not answered yet
    /// # Ok::<(), tenure_mcp_proto::RequestError>(())
    /// ```
    pub fn in_flight(&self) -> usize {
        self.exchange.requests.len()
    }

    /// The first thing that came instead of the protocol while something was waited for, if there was anything:
    /// since the beginning until the handshake is complete; from then on, since a request was made while none
    /// was in flight. It is for the error of a deadline that passed.
    ///
    /// It is kept when the connection ends. A line whose newline is missing counts once its carrier gives it
    /// out ([`Incoming::Unfinished`]).
    pub fn received_instead(&self) -> Option<&Unexpected> {
        self.exchange.unexpected.as_deref()
    }

    /// The era that the server speaks, for the next connection to it, which may begin with that one's opening
    /// request ([`Options::expected_era`]). `None` unless the connection is open, where a server that was slow was
    /// taken for a legacy one, and once it has answered as one of the [other era](Event::OtherEra) does.
    pub fn learned_era(&self) -> Option<Era> {
        let is_known = self.is_ready() && self.exchange.opening.is_certain();
        is_known.then(|| self.exchange.rules.era())
    }

    /// The server ended, or its stream did, while the opening was not answered: returns the era that the next
    /// connection to it should [expect](Options::expected_era), if this one may have failed for its first message.
    /// Servers of the legacy era may end at `server/discover`, as at any first message that isn't `initialize`. To be
    /// asked before [`handle_end`](Self::handle_end).
    ///
    /// Start the server again at most once for this; a server that ends at `initialize` too has other reasons.
    pub fn era_to_begin_with(&self) -> Option<Era> {
        match self.exchange.stage {
            Stage::Opening { .. } => self.exchange.opening.era_to_begin_with(&self.exchange.options),
            Stage::New | Stage::Confirming { .. } | Stage::Ready { .. } | Stage::Closed => None,
        }
    }

    /// The most bytes a message may have ([`Options::max_message`]): what a carrier need not keep more of.
    pub fn max_message(&self) -> usize {
        self.exchange.options.about.limits.max_message
    }

    pub(crate) fn check_open(&self, is_early: bool) -> Result<(), RequestError> {
        if self.exchange.outbound.is_closed() {
            return Err(RequestError::Closed);
        }
        match self.exchange.stage {
            Stage::Ready { .. } => Ok(()),
            Stage::Opening { .. } | Stage::Confirming { .. } if is_early => Ok(()),
            Stage::New | Stage::Opening { .. } | Stage::Confirming { .. } => Err(RequestError::NotReady),
            Stage::Closed => Err(RequestError::Closed),
        }
    }
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
    use crate::exchange::request_deadline::RequestDeadline;

    #[test]
    fn without_an_id_left_nothing_is_sent() {
        // JSON-RPC ids must not be reused (MCP 2025-11-25, basic, "Requests").
        let mut connection = Connection::new(Options::default());
        connection.exchange.stage = Stage::Ready { version: "2025-11-25".into() };
        connection.exchange.requests.add(
            RequestId((1 << 53) - 1),
            RequestDeadline::new(Duration::ZERO, None, None),
            0,
        );
        let refused = connection.request(Duration::ZERO, "x", None, None);
        assert_eq!(refused, Err(RequestError::IdsExhausted));
        assert_eq!(connection.in_flight(), 1);
        assert!(connection.poll_message().is_none());
        connection.notify("n", None).unwrap();
    }
}
