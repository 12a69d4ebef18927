//! What lines mean: everything of a connection but its framing.
//!
//! Requests of the server end in [`Core::handle_request`]. Handlers, when there
//! are any, take over there: hand the request out as an event instead of
//! refusing it, and queue the answer in the same lane.

use std::time::Duration;

use serde_json::value::RawValue;

use crate::connection::Stats;
use crate::era::legacy as handshake;
use crate::error::{CallError, ProtocolError, RequestError};
use crate::exchange::events::{Dropped, EventQueue};
use crate::exchange::outbound::{Outbound, Output};
use crate::exchange::requests::{Concerns, Requests};
use crate::jsonrpc::json;
use crate::jsonrpc::message::{self, Answer, Message};
use crate::jsonrpc::scan::{Found, Scanner};
use crate::lines::Frame;
use crate::{Options, RequestId};

const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;

/// The only version that has batches.
const BATCH_VERSION: &str = "2025-03-26";

#[derive(Debug)]
pub(crate) enum Phase {
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
pub(crate) struct Core {
    pub(crate) options: Options,
    pub(crate) phase: Phase,
    pub(crate) requests: Requests,
    pub(crate) outbound: Outbound,
    pub(crate) events: EventQueue,
    pub(crate) stats: Stats,
}

impl Core {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            phase: Phase::New,
            requests: Requests::new(options.max_in_flight),
            outbound: Outbound::new(options.max_queued, options.max_replies),
            events: EventQueue::new(&options),
            stats: Stats::default(),
            options,
        }
    }

    pub(crate) fn handle_frame(&mut self, frame: &Frame<'_>) {
        if matches!(self.phase, Phase::Closed) {
            return;
        }
        match frame {
            Frame::Line(line) => self.handle_line(line),
            Frame::Oversized { size, found } => self.handle_oversized(*size, found),
        }
    }

    /// Queues a request that was found acceptable.
    pub(crate) fn send_request(
        &mut self,
        method: &str,
        params: Option<&str>,
        deadline: Option<Duration>,
    ) -> Result<RequestId, RequestError> {
        let id = self.requests.next_id().ok_or(RequestError::IdsExhausted)?;
        self.send(Some(id), method, params)?;
        self.requests.add(id, deadline);
        Ok(id)
    }

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

    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        let output = self.outbound.poll()?;
        if let Some(id) = output.id {
            self.requests.mark_sent(id);
        }
        Some(output)
    }

    /// Nobody waits for this request any more: takes it back, or tells the
    /// server. `None` if it isn't in flight, else whether the server was told.
    pub(crate) fn give_up(&mut self, id: RequestId, reason: Option<&str>, error: CallError) -> Option<bool> {
        let pending = self.requests.give_up(id)?;
        if pending.sent {
            let params = message::cancelled_params(id, reason);
            let line = message::call(None, "notifications/cancelled", Some(&params));
            let dropped = self.outbound.cancel_notice(line, id);
            self.dropped(dropped);
        } else {
            self.outbound.take_back(id);
        }
        self.events.response(id, Err(error));
        Some(pending.sent)
    }

    pub(crate) fn is_opening(&self, id: RequestId) -> bool {
        matches!(self.phase, Phase::Opening { id: opening } if opening == id)
    }

    /// The opening request ends without an answer, and with it everything. The
    /// server isn't told: `initialize` is never cancelled
    /// (basic/utilities/cancellation).
    pub(crate) fn fail_opening(&mut self, error: CallError) {
        if let Phase::Opening { id } = self.phase {
            self.requests.give_up(id);
            self.finish(id, Err(error));
        }
    }

    /// Ends everything: what is in flight fails, what is queued is forgotten.
    pub(crate) fn close(&mut self, error: &CallError) {
        let phase = std::mem::replace(&mut self.phase, Phase::Closed);
        self.outbound.clear();
        while let Some((id, pending)) = self.requests.take_first() {
            let mut error = error.clone();
            if let CallError::ConnectionLost { sent } = &mut error {
                *sent = pending.sent;
            }
            match phase {
                Phase::Opening { id: opening } if opening == id => {
                    let failed = handshake::judge(&self.options, Err(error));
                    if let Err(error) = failed {
                        self.events.handshake_failed(error);
                    }
                }
                Phase::New | Phase::Opening { .. } | Phase::Ready { .. } | Phase::Closed => {
                    self.events.response(id, Err(error));
                }
            }
        }
    }

    pub(crate) fn protocol_error(&mut self, error: ProtocolError) {
        self.events.protocol_error(error);
    }

    fn dropped(&mut self, dropped: Dropped) {
        self.events.dropped(dropped);
    }

    fn handle_line(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        if line.is_empty() {
            return;
        }
        let text = match std::str::from_utf8(line) {
            Ok(text) => text,
            Err(error) => {
                let found = scan(line);
                let fault = ProtocolError::InvalidUtf8 {
                    valid_up_to: error.valid_up_to(),
                    excerpt: json::excerpt(line),
                };
                let answered = found.answered().filter(|_| found.complete);
                return self.blame(answered, fault);
            }
        };
        if text.starts_with('[') {
            return self.handle_batch(text);
        }
        self.handle_message(text);
    }

    fn handle_batch(&mut self, text: &str) {
        match &self.phase {
            Phase::Ready { version } if version == BATCH_VERSION => {}
            Phase::New | Phase::Opening { .. } | Phase::Ready { .. } | Phase::Closed => {
                return self.protocol_error(ProtocolError::Batch);
            }
        }
        // Looked through before any of it is acted on: all or nothing.
        let mut empty = true;
        let checked = json::elements(text, &mut |_| {
            empty = false;
            Ok(())
        });
        let reason = match checked {
            Ok(()) if empty => "an empty batch".to_owned(),
            Ok(()) => {
                let _ = json::elements(text, &mut |element| {
                    self.handle_message(element.get());
                    Ok(())
                });
                return;
            }
            Err(error) => error.to_string(),
        };
        let excerpt = json::excerpt(text.as_bytes());
        self.protocol_error(ProtocolError::Malformed { reason, excerpt });
    }

    fn handle_message(&mut self, text: &str) {
        match message::parse(text) {
            Ok(Message::Notification { method, params }) => {
                self.events.notification(method, params);
            }
            Ok(Message::Request { id, method }) => self.handle_request(id.get(), &method),
            Ok(Message::Response { id, answer }) => match id {
                Some(id) => self.handle_response(id.get(), answer),
                None => self.handle_unaddressed(answer),
            },
            Err(broken) => {
                // Only what stands before the break can be trusted: behind it
                // strings and structure may be mistaken for each other.
                let sound = text.as_bytes().get(..broken.valid_up_to);
                let found = scan(sound.unwrap_or_default());
                let fault = ProtocolError::Malformed {
                    reason: broken.reason,
                    excerpt: json::excerpt(text.as_bytes()),
                };
                self.blame(found.answered(), fault);
            }
        }
    }

    fn handle_request(&mut self, id: &str, method: &str) {
        if !message::is_valid_id(id) {
            let id = json::excerpt(id.as_bytes());
            return self.protocol_error(ProtocolError::InvalidId { id });
        }
        let line = if method == "ping" {
            self.stats.pings_answered = self.stats.pings_answered.saturating_add(1);
            message::empty_result(id)
        } else {
            self.stats.requests_refused = self.stats.requests_refused.saturating_add(1);
            message::error_answer(id, METHOD_NOT_FOUND, "Method not found")
        };
        let dropped = self.outbound.answer(line);
        self.dropped(dropped);
    }

    fn handle_response(&mut self, id_text: &str, answer: Answer<'_>) {
        let Some(id) = self.concerns(id_text) else {
            return;
        };
        let result = match answer {
            Answer::Result(raw) => Ok(raw.to_owned()),
            Answer::Error(error) => Err(error.into()),
            Answer::Bad(what) => Err(CallError::Protocol { what: what.to_owned() }),
        };
        self.finish(id, result);
    }

    fn handle_unaddressed(&mut self, answer: Answer<'_>) {
        let error = match answer {
            Answer::Error(error) => error,
            Answer::Result(_) | Answer::Bad(_) => {
                let id = "null".to_owned();
                return self.protocol_error(ProtocolError::InvalidId { id });
            }
        };
        // While nothing but the opening request is out there, this is about it.
        if let Phase::Opening { id } = self.phase
            && self.requests.len() == 1
            && self.requests.answered(id) == Concerns::Pending
        {
            return self.finish(id, Err(error.into()));
        }
        self.protocol_error(ProtocolError::UnaddressedError {
            code: error.code,
            message: json::excerpt(error.message.as_bytes()),
        });
    }

    fn handle_oversized(&mut self, size: u64, found: &Found) {
        let limit = self.options.max_message;
        if let Some(id) = found.answered().and_then(message::own_id) {
            match self.requests.answered(id) {
                Concerns::Pending => return self.finish(id, Err(CallError::TooLarge { limit })),
                Concerns::GivenUp => return self.late(),
                Concerns::Answered | Concerns::Nobody => {}
            }
        }
        self.protocol_error(ProtocolError::Oversized { size, limit });
        // A request too large to be read is refused rather than left waiting.
        if let Some(id) = found.id.as_deref().filter(|_| found.method && found.complete)
            && serde_json::from_str::<&RawValue>(id).is_ok()
            && message::is_valid_id(id)
        {
            let line = message::error_answer(id, INVALID_REQUEST, "Message too large");
            let dropped = self.outbound.answer(line);
            self.dropped(dropped);
        }
    }

    /// A message that can't be read fails the call it answers, if that can be
    /// told, and is a fault in general otherwise.
    fn blame(&mut self, answered: Option<&str>, fault: ProtocolError) {
        if let Some(id) = answered.and_then(message::own_id) {
            match self.requests.answered(id) {
                Concerns::Pending => {
                    let what = fault.to_string();
                    return self.finish(id, Err(CallError::Protocol { what }));
                }
                Concerns::GivenUp => return self.late(),
                Concerns::Answered | Concerns::Nobody => {}
            }
        }
        self.protocol_error(fault);
    }

    /// The request in flight that a response answers, taken out of flight.
    fn concerns(&mut self, id_text: &str) -> Option<RequestId> {
        let excerpt = || json::excerpt(id_text.as_bytes());
        let Some(id) = message::own_id(id_text) else {
            self.protocol_error(ProtocolError::UnknownResponse { id: excerpt() });
            return None;
        };
        match self.requests.answered(id) {
            Concerns::Pending => return Some(id),
            Concerns::GivenUp => self.late(),
            Concerns::Answered => self.protocol_error(ProtocolError::RepeatedResponse { id }),
            Concerns::Nobody => {
                self.protocol_error(ProtocolError::UnknownResponse { id: excerpt() });
            }
        }
        None
    }

    fn late(&mut self) {
        self.stats.late_answers = self.stats.late_answers.saturating_add(1);
    }

    fn finish(&mut self, id: RequestId, result: Result<Box<RawValue>, CallError>) {
        if !self.is_opening(id) {
            return self.events.response(id, result);
        }
        match handshake::judge(&self.options, result) {
            Ok(result) => {
                let version = result.protocol_version.clone();
                self.phase = Phase::Ready { version };
                let line = message::call(None, handshake::INITIALIZED, None);
                self.outbound.call(line, None);
                self.events.ready(result);
            }
            Err(error) => {
                self.events.handshake_failed(error);
                self.close(&CallError::ConnectionLost { sent: true });
            }
        }
    }
}

fn scan(bytes: &[u8]) -> Found {
    let mut scanner = Scanner::default();
    scanner.feed(bytes);
    scanner.found()
}
