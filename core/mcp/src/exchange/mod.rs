//! What goes on between the two sides of a connection.
//!
//! - [`requests`]: which requests are in flight, until when, and which answer is whose.
//! - [`outbound`]: what waits to be sent. [`events`]: what waits to be heard by the caller.
//! - [`inbound`]: what a message of the server means, and what is done about it.
//!
//! [`Exchange`] holds them together: how far the connection is, what is sent, and how requests end. Whatever
//! depends on the era it asks the era's [`Rules`].

pub(crate) mod events;
pub(crate) mod inbound;
pub(crate) mod outbound;
pub(crate) mod requests;

use std::borrow::Cow;
use std::time::Duration;

use crate::era::rules::{Answer, Rules};
use crate::era::rules_of;
use crate::era::versions::Era;
use crate::error::{CallError, RequestError};
use crate::exchange::events::EventQueue;
use crate::exchange::outbound::{Outbound, Outgoing};
use crate::exchange::requests::Requests;
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::message;
use crate::options::Options;

/// How far a connection is.
#[derive(Debug)]
pub(crate) enum Stage {
    New,
    /// Waiting for the answer to the opening request.
    Opening {
        id: RequestId,
    },
    Ready {
        version: String,
    },
    Closed,
}

#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) options: Options,
    pub(crate) rules: &'static dyn Rules,
    pub(crate) stage: Stage,
    pub(crate) requests: Requests,
    pub(crate) outbound: Outbound,
    pub(crate) events: EventQueue,
}

impl Exchange {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            rules: rules_of(Era::default()),
            stage: Stage::New,
            requests: Requests::new(options.max_in_flight),
            outbound: Outbound::new(options.max_queued, options.max_replies),
            events: EventQueue::new(&options),
            options,
        }
    }

    /// Queues the era's opening request.
    pub(crate) fn open(&mut self, now: Duration) -> Result<(), RequestError> {
        match self.stage {
            Stage::New => {}
            Stage::Closed => return Err(RequestError::Closed),
            Stage::Opening { .. } | Stage::Ready { .. } => return Err(RequestError::AlreadyStarted),
        }
        let opening = self.rules.opening(&self.options)?;
        let deadline = self.options.handshake_timeout.map(|timeout| now.saturating_add(timeout));
        let id = self.send_request(opening.method, Some(&opening.params), deadline)?;
        self.stage = Stage::Opening { id };
        Ok(())
    }

    /// Queues a request that was found acceptable.
    pub(crate) fn send_request(
        &mut self,
        method: &str,
        params: Option<&str>,
        deadline: Option<Duration>,
    ) -> Result<RequestId, RequestError> {
        let id = self.requests.next_id().ok_or(RequestError::IdsExhausted)?;
        let params: Option<Cow<'_, str>> = self.rules.stamp(&self.options, params);
        self.send(Some(id), method, params.as_deref())?;
        self.requests.add(id, deadline);
        Ok(id)
    }

    /// Queues a request (with an id) or a notification that was found acceptable.
    pub(crate) fn send(
        &mut self,
        id: Option<RequestId>,
        method: &str,
        params: Option<&str>,
    ) -> Result<(), RequestError> {
        let size = message::call_size(id, method, params);
        let limit = self.options.max_message;
        if size > limit {
            return Err(RequestError::TooLarge { size, limit });
        }
        if !self.outbound.has_room(size) {
            let limit = self.options.max_queued;
            return Err(RequestError::QueueFull { limit });
        }
        self.outbound.call(message::call(id, method, params), id);
        Ok(())
    }

    /// The next message to be sent. From here on the server may know of the request that it makes.
    pub(crate) fn poll_message(&mut self) -> Option<Outgoing> {
        let message = self.outbound.poll()?;
        if let Some(id) = message.request {
            self.requests.mark_sent(id);
        }
        Some(message)
    }

    /// Nobody waits for this request any more: takes it back, or tells the server. `None` if it isn't in
    /// flight, else whether it had been sent.
    pub(crate) fn give_up(&mut self, id: RequestId, reason: Option<&str>, error: CallError) -> Option<bool> {
        let request = self.requests.give_up(id)?;
        if request.sent {
            let notice = self.rules.cancel_notice(id, reason);
            let notice = message::call(None, notice.method, Some(&notice.params));
            let dropped = self.outbound.cancel_notice(notice);
            self.events.dropped(dropped);
        } else {
            self.outbound.take_back(id);
        }
        self.events.response(id, Err(error));
        Some(request.sent)
    }

    /// Ends the requests whose deadline has come.
    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        while let Some(id) = self.requests.due(now) {
            if self.is_opening(id) {
                self.requests.give_up(id);
                return self.opening_answered(Err(CallError::TimedOut));
            }
            self.give_up(id, Some("timed out"), CallError::TimedOut);
        }
    }

    pub(crate) fn is_opening(&self, id: RequestId) -> bool {
        matches!(self.stage, Stage::Opening { id: opening } if opening == id)
    }

    /// A request, in flight no more, ends.
    pub(crate) fn request_answered(&mut self, id: RequestId, answer: Answer) {
        if self.is_opening(id) {
            self.opening_answered(answer);
        } else {
            self.events.response(id, self.rules.judge_answer(answer));
        }
    }

    /// The opening request ends: with it the connection is open, or everything ends. The server gets no
    /// notice when nobody waits for it any more, since an opening request is never cancelled.
    fn opening_answered(&mut self, answer: Answer) {
        match self.rules.judge_opening(&self.options, answer) {
            Ok(server) => {
                self.stage = Stage::Ready { version: server.protocol_version.clone() };
                if let Some(method) = self.rules.confirmation() {
                    self.outbound.call(message::call(None, method, None), None);
                }
                self.events.ready(server);
            }
            Err(error) => {
                self.events.handshake_failed(error);
                self.close(&CallError::ConnectionLost { sent: true });
            }
        }
    }

    /// Ends everything: what is in flight fails, what is queued is forgotten.
    pub(crate) fn close(&mut self, error: &CallError) {
        let stage = std::mem::replace(&mut self.stage, Stage::Closed);
        self.outbound.clear();
        while let Some((id, request)) = self.requests.take_first() {
            let mut error = error.clone();
            if let CallError::ConnectionLost { sent } = &mut error {
                *sent = request.sent;
            }
            match stage {
                Stage::Opening { id: opening } if opening == id => {
                    if let Err(error) = self.rules.judge_opening(&self.options, Err(error)) {
                        self.events.handshake_failed(error);
                    }
                }
                Stage::New | Stage::Opening { .. } | Stage::Ready { .. } | Stage::Closed => {
                    self.events.response(id, Err(error));
                }
            }
        }
    }
}
