//! What goes on between the two sides of a connection.
//!
//! - [`requests`]: which requests are in flight ([`in_flight`], in their order: [`numbered`]), until when
//!   ([`request_deadline`], and which is due first: [`deadline_queue`]), and which answer and which progress
//!   ([`tokens`]) is whose.
//! - [`outbound`]: what waits to be sent. [`events`]: what waits to be heard by the caller.
//! - [`unexpected`]: what came instead of the protocol.
//! - [`inbound`]: what a message of the server means, and what is done about it; [`tells`]: what it tells;
//!   [`carried`]: what its carrier knows of it.
//! - [`wishes`]: what the server is to tell of, and the connection's own requests for that.
//! - [`rounds`]: a request for which the server wants input goes out again with it.
//! - `handshake`: how the connection is opened.
//! - [`asks`]: what the server waits for; [`asked`]: how that is handed out, answered or refused.
//!
//! [`Exchange`] holds them together: how far the connection is, what is sent, and how requests end. Whatever
//! depends on the era it asks the era's [`Rules`].

mod asked;
pub(crate) mod asks;
mod carried;
mod deadline_queue;
pub(crate) mod events;
mod handshake;
pub(crate) mod in_flight;
pub(crate) mod inbound;
mod numbered;
pub(crate) mod outbound;
pub(crate) mod request_deadline;
pub(crate) mod requests;
mod rounds;
mod tells;
pub(crate) mod tokens;
pub(crate) mod unexpected;
mod wishes;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::era::error::HandshakeError;
use crate::era::opening::Opening;
use crate::era::rules::{Answer, Rules, Verdict};
use crate::era::rules_of;
use crate::era::versions::{Era, Version};
use crate::error::{CallError, RequestError};
use crate::exchange::asks::Asks;
use crate::exchange::events::EventQueue;
use crate::exchange::in_flight::{InFlight, Reports, Round};
use crate::exchange::outbound::{Outbound, Outgoing};
use crate::exchange::request_deadline::RequestDeadline;
use crate::exchange::requests::Requests;
use crate::exchange::rounds::Rounds;
use crate::exchange::tokens::Token;
use crate::exchange::unexpected::Unexpected;
use crate::exchange::wishes::Wishes;
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::{message, meta};
use crate::options::Options;
use crate::request_options::RequestOptions;
use crate::seldom::Seldom;
use crate::server::Server;

/// What a server is told of a request whose deadline has passed.
const TIMED_OUT: &str = "timed out";

/// How far a connection is.
#[derive(Debug)]
pub(crate) enum Stage {
    New,
    /// Waiting for the answer to an opening request.
    Opening {
        id: RequestId,
    },
    /// The opening is answered, and the server is to take the confirmation, of which its carrier tells.
    Confirming {
        server: Arc<Server>,
    },
    Ready {
        version: Version,
    },
    Closed,
}

#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) options: Options,
    pub(crate) rules: &'static dyn Rules,
    pub(crate) stage: Stage,
    pub(crate) opening: Opening,
    /// What [marks](Rules::marks) each request.
    pub(crate) marks: Box<str>,
    pub(crate) requests: Requests,
    pub(crate) asks: Asks,
    rounds: Rounds,
    wishes: Wishes,
    pub(crate) outbound: Outbound,
    /// The JSON-RPC id of the request to which the message belongs that is being taken, if its carrier knows.
    during: Option<RequestId>,
    /// The JSON-RPC ids of what was given up after it was sent, for a carrier that has an exchange for each.
    withdrawn: Seldom<VecDeque<RequestId>>,
    pub(crate) events: EventQueue,
    /// The first thing that came instead of the protocol, since the opening or since nothing was in flight.
    pub(crate) unexpected: Option<Box<Unexpected>>,
    /// The latest time that the caller told.
    pub(crate) now: Duration,
}

impl Exchange {
    #[inline]
    pub(crate) fn new(options: Options) -> Self {
        Self {
            rules: rules_of(Era::Legacy),
            stage: Stage::New,
            opening: Opening::default(),
            marks: Box::default(),
            requests: Requests::new(options.about.limits.max_in_flight),
            asks: Asks::default(),
            rounds: Rounds::new(options.about.limits.max_queued),
            wishes: Wishes::default(),
            outbound: Outbound::new(options.about.limits.max_queued, options.about.limits.max_replies),
            during: None,
            withdrawn: Seldom::new(),
            events: EventQueue::new(&options),
            unexpected: None,
            now: Duration::ZERO,
            options,
        }
    }

    /// The caller said what time it is.
    pub(crate) fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    /// Queues a request that was found acceptable.
    pub(crate) fn send_request(
        &mut self,
        now: Duration,
        method: &str,
        params: Option<&str>,
        options: RequestOptions,
    ) -> Result<RequestId, RequestError> {
        let RequestOptions { timeout, idle_timeout, progress } = options;
        let id = self.requests.next_id().ok_or(RequestError::IdsExhausted)?;
        let (message, token) = self.compose(id, id, method, params, progress)?;
        let place = self.send(message, Some(id))?;
        if matches!(self.stage, Stage::Ready { .. }) && self.requests.len() == 0 {
            // What came before concerned others.
            self.unexpected = None;
        }
        self.requests.add(id, RequestDeadline::new(now, timeout, idle_timeout), place);
        if method == self.rules.sign_of_life() {
            self.requests.mark_about_life(id);
        }
        self.add_token(id, token, progress);
        if let Some(method) = self.rules.may_want_input(method) {
            self.rounds.keep(id, method, params, progress);
        }
        Ok(id)
    }

    /// The message that a round of a request goes out as, with the marks of the era, and its token if it has one.
    fn compose(
        &self,
        id: RequestId,
        wire_id: RequestId,
        method: &str,
        params: Option<&str>,
        progress: bool,
    ) -> Result<(Vec<u8>, Option<Token>), RequestError> {
        let token = self.requests.tokens.prepare(id, wire_id, params, progress)?;
        let mut members = self.rules.stamp(&self.marks, self.wishes.level, params)?;
        if let Some(token) = token.as_ref().and_then(|token| token.member.as_deref()) {
            let comma = if members.is_empty() { "" } else { "," };
            members = [token, comma, &members].concat().into();
        }
        let message = if members.is_empty() {
            message::call(Some(wire_id), method, params.as_slice())
        } else {
            let params = meta::with_members(params, &members).ok_or(RequestError::InvalidMeta)?;
            message::call(Some(wire_id), method, &params)
        };
        self.check_size(&message)?;
        Ok((message, token))
    }

    pub(crate) fn check_size(&self, message: &[u8]) -> Result<(), RequestError> {
        let (size, limit) = (message.len(), self.options.about.limits.max_message);
        if size > limit { Err(RequestError::TooLarge { size, limit }) } else { Ok(()) }
    }

    /// A round of a request goes out with this token.
    fn add_token(&mut self, id: RequestId, token: Option<Token>, progress: bool) {
        if let Some(Token { key, .. }) = token {
            let reports = if progress { Reports::Told(None) } else { Reports::Passed };
            self.requests.add_token(id, key, reports);
        }
    }

    /// Queues a notification that was found acceptable.
    pub(crate) fn notify(&mut self, method: &str, params: Option<&str>) -> Result<(), RequestError> {
        let message = message::call(None, method, params.as_slice());
        self.check_size(&message)?;
        self.send(message, None).map(drop)
    }

    /// Queues a caller's message: a request, or a notification. Returns its place.
    fn send(&mut self, message: Vec<u8>, request: Option<RequestId>) -> Result<u64, RequestError> {
        if !self.outbound.has_room(message.len()) {
            let limit = self.options.about.limits.max_queued;
            return Err(RequestError::QueueFull { limit });
        }
        Ok(self.outbound.call(message, request))
    }

    /// The next message to be sent. From here on the server may know of the request that it makes.
    pub(crate) fn poll_message(&mut self) -> Option<Outgoing> {
        let mut message = self.outbound.poll()?;
        if let Some(id) = message.request {
            message.left = self.requests.hand_out(id, self.now);
        }
        message.era = self.era();
        Some(message)
    }

    pub(crate) fn poll_reply(&mut self) -> Option<Outgoing> {
        let mut reply = self.outbound.poll_reply()?;
        reply.era = self.era();
        Some(reply)
    }

    /// The era that the opening settled.
    fn era(&self) -> Option<Era> {
        match self.stage {
            Stage::Confirming { .. } | Stage::Ready { .. } => Some(self.rules.era()),
            Stage::New | Stage::Opening { .. } | Stage::Closed => None,
        }
    }

    /// Nobody waits for this request any more: takes it back, or tells the server. `None` if it isn't in
    /// flight.
    pub(crate) fn give_up(
        &mut self,
        id: RequestId,
        reason: Option<&str>,
        error: CallError,
    ) -> Option<InFlight> {
        let request = self.withdraw(id, reason)?;
        self.end_call(id, Err(error));
        Some(request)
    }

    /// Takes a request back, or tells the server that nobody waits for it.
    fn withdraw(&mut self, id: RequestId, reason: Option<&str>) -> Option<InFlight> {
        let request = self.requests.give_up(id)?;
        match request.round {
            Round::Sent => self.tell_withdrawn(request.wire_id, reason),
            Round::Queued => self.outbound.take_back(request.place),
            Round::Answered => {}
        }
        Some(request)
    }

    /// Nobody waits any more for a request that the server may know.
    fn tell_withdrawn(&mut self, wire_id: RequestId, reason: Option<&str>) {
        if self.options.exchanges {
            self.withdrawn.make().push_back(wire_id);
            // MCP 2026-07-28, basic/patterns/cancellation: the end of the exchange says it.
            if !self.rules.has_server_requests() {
                return;
            }
        }
        let notice = self.rules.cancel_notice(wire_id, reason);
        let notice = message::call(None, notice.method, notice.params.as_deref().as_slice());
        let dropped = self.outbound.cancel_notice(notice);
        self.events.dropped(dropped);
    }

    /// A request that nobody waits for any more.
    pub(crate) fn poll_withdrawn(&mut self) -> Option<RequestId> {
        self.withdrawn.there()?.pop_front()
    }

    /// Ends the requests whose deadline has come.
    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        self.tick(now);
        self.listen_again();
        while let Some(id) = self.requests.due(now) {
            if self.is_opening(id) {
                self.opening_unanswered(id);
            } else if self.requests.is_own(id) {
                self.withdraw(id, Some(TIMED_OUT));
                self.own_ended(id, Err(CallError::TimedOut));
            } else {
                self.give_up(id, Some(TIMED_OUT), CallError::TimedOut);
            }
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        [self.requests.next_deadline(), self.next_own_deadline()].into_iter().flatten().min()
    }

    pub(crate) fn is_opening(&self, id: RequestId) -> bool {
        matches!(self.stage, Stage::Opening { id: opening } if opening == id)
    }

    /// A request in flight is answered, for good or not.
    pub(crate) fn request_answered(&mut self, id: RequestId, answer: Answer) {
        if self.is_opening(id) {
            self.requests.complete(id);
            return self.opening_answered(answer);
        }
        if let Err(CallError::Server(error)) = &answer {
            self.agree_on_version(error);
        }
        self.doubt_era(&answer);
        if self.requests.is_own(id) {
            self.requests.complete(id);
            return self.own_ended(id, answer);
        }
        match self.rules.judge_answer(answer) {
            Verdict::Final(answer) => self.end_call(id, answer),
            Verdict::WantsInput(raw) => self.want_input(id, raw),
        }
    }

    /// A request ends: nothing is left of it, and its caller hears of it.
    fn end_call(&mut self, id: RequestId, answer: Answer) {
        self.requests.complete(id);
        self.rounds.forget(id);
        for input in self.asks.take_inputs(id) {
            self.events.request_cancelled(input, None);
        }
        self.events.response(id, answer);
    }

    /// The rules for what the server asks.
    pub(crate) fn rules_for_server(&self) -> &'static dyn Rules {
        match self.stage {
            Stage::Opening { .. } => self.opening.rules_for_server(&self.options),
            Stage::New | Stage::Confirming { .. } | Stage::Ready { .. } | Stage::Closed => self.rules,
        }
    }

    /// Nothing can be sent any more; `unsent` was handed out, and did not reach the server either. What was not sent
    /// fails, and what was sent may still be answered.
    pub(crate) fn stop_sending(&mut self, unsent: Option<RequestId>) {
        if let Some(id) = unsent {
            self.requests.mark_unsent(id);
        }
        let is_over = match self.stage {
            Stage::New | Stage::Confirming { .. } => true,
            Stage::Opening { id } => !self.requests.is_sent(id),
            Stage::Ready { .. } | Stage::Closed => false,
        };
        if is_over {
            return self.close(&CallError::ConnectionLost { sent: false });
        }
        self.outbound.close();
        for (id, sent) in self.requests.take_unsent() {
            self.end_call(id, Err(CallError::ConnectionLost { sent }));
        }
        self.stop_listening();
    }

    /// Ends everything: what is in flight fails, what is queued is forgotten.
    pub(crate) fn close(&mut self, error: &CallError) {
        self.end_asks();
        self.rounds.clear();
        self.wishes = Wishes::default();
        let stage = std::mem::replace(&mut self.stage, Stage::Closed);
        self.outbound.close();
        if matches!(stage, Stage::Confirming { .. }) {
            self.events.handshake_failed(HandshakeError::Failed(error.clone()));
        }
        while let Some((id, request)) = self.requests.take_first() {
            let mut error = error.clone();
            if let CallError::ConnectionLost { sent } = &mut error {
                *sent = request.may_be_known();
            }
            if request.is_own() {
                continue;
            }
            match stage {
                Stage::Opening { id: opening } if opening == id => {
                    self.events.handshake_failed(HandshakeError::Failed(error));
                }
                Stage::New
                | Stage::Opening { .. }
                | Stage::Confirming { .. }
                | Stage::Ready { .. }
                | Stage::Closed => {
                    self.events.response(id, Err(error));
                }
            }
        }
    }
}
