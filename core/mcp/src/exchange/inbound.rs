//! What the messages of the server mean.
//!
//! Requests of the server end in [`Exchange::handle_request`]. Handlers, when there are any, begin there:
//! hand the request out as an event instead of refusing it, and queue the answer in the same lane.

use serde_json::value::RawValue;

use crate::error::{CallError, ProtocolError};
use crate::exchange::requests::Concerns;
use crate::exchange::{Exchange, Stage};
use crate::jsonrpc::id::{RequestId, is_valid_id, own_id};
use crate::jsonrpc::json;
use crate::jsonrpc::message::{self, Answer, INVALID_REQUEST, METHOD_NOT_FOUND, Message};
use crate::jsonrpc::scan::{Found, Scanner, scan};

/// What a carrier (lines, the body of an HTTP response) has of the server, one message at a time.
#[derive(Debug)]
#[non_exhaustive]
pub enum Incoming<'a> {
    /// A message as it came, without what delimits it: JSON text in UTF-8, if the server does as it should.
    /// Blanks around it don't matter.
    Message(&'a [u8]),
    /// A message of which the carrier kept nothing but what could be seen in passing: it is too large.
    Oversized(Oversized),
    /// The carrier ended inside of a message.
    Unfinished {
        /// Bytes of the message that did arrive.
        size: u64,
    },
}

/// What was found out about a message that is too large to be kept: its size, and whom it concerns.
#[derive(Debug)]
pub struct Oversized {
    size: u64,
    limit: usize,
    scanner: Scanner,
}

impl Oversized {
    /// One of which nothing came yet.
    pub(crate) fn new(limit: usize) -> Self {
        Self { size: 0, limit, scanner: Scanner::default() }
    }

    /// More of it came.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.scanner.feed(bytes);
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    /// Bytes of it that came so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }
}

impl Exchange {
    pub(crate) fn handle_message(&mut self, message: Incoming<'_>) {
        match message {
            Incoming::Message(bytes) if bytes.len() > self.options.max_message => {
                let mut oversized = Oversized::new(self.options.max_message);
                oversized.feed(bytes);
                self.handle_oversized(oversized);
            }
            Incoming::Message(bytes) => self.handle_bytes(bytes.trim_ascii()),
            Incoming::Oversized(oversized) => self.handle_oversized(oversized),
            Incoming::Unfinished { size } => {
                self.events.protocol_error(ProtocolError::Unfinished { size });
            }
        }
    }

    fn handle_bytes(&mut self, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.starts_with('[') => self.handle_batch(text),
            Ok(text) => self.handle_text(text),
            Err(error) => {
                let found = scan(bytes);
                let fault = ProtocolError::InvalidUtf8 {
                    valid_up_to: error.valid_up_to(),
                    excerpt: json::excerpt(bytes),
                };
                let answered = found.answered().filter(|_| found.complete);
                self.blame(answered, fault);
            }
        }
    }

    fn handle_batch(&mut self, text: &str) {
        match &self.stage {
            Stage::Ready { version } if self.rules.has_batches(version) => {}
            Stage::New | Stage::Opening { .. } | Stage::Ready { .. } | Stage::Closed => {
                return self.events.protocol_error(ProtocolError::Batch);
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
                    self.handle_text(element.get());
                    Ok(())
                });
                return;
            }
            Err(error) => error.to_string(),
        };
        let excerpt = json::excerpt(text.as_bytes());
        self.events.protocol_error(ProtocolError::Malformed { reason, excerpt });
    }

    fn handle_text(&mut self, text: &str) {
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
                // Only what stands before the break can be trusted: behind it strings and structure may be
                // mistaken for each other.
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
        if !is_valid_id(id) {
            let id = json::excerpt(id.as_bytes());
            return self.events.protocol_error(ProtocolError::InvalidId { id });
        }
        self.answer(match self.rules.fixed_result(method) {
            Some(result) => message::result_answer(id, result),
            None => message::error_answer(id, METHOD_NOT_FOUND, "Method not found"),
        });
    }

    fn handle_response(&mut self, id_text: &str, answer: Answer<'_>) {
        let Some(id) = self.answered_request(id_text) else {
            return;
        };
        let answer = match answer {
            Answer::Result(raw) => Ok(raw.to_owned()),
            Answer::Error(error) => Err(error.into()),
            Answer::Bad(what) => Err(CallError::Protocol { what: what.to_owned() }),
        };
        self.request_answered(id, answer);
    }

    /// An answer to something that the server could not read.
    fn handle_unaddressed(&mut self, answer: Answer<'_>) {
        let error = match answer {
            Answer::Error(error) => error,
            Answer::Result(_) | Answer::Bad(_) => {
                let id = "null".to_owned();
                return self.events.protocol_error(ProtocolError::InvalidId { id });
            }
        };
        // While nothing but the opening request is out there, this is about it.
        if let Stage::Opening { id } = self.stage
            && self.requests.len() == 1
            && self.requests.answered(id) == Concerns::InFlight
        {
            return self.request_answered(id, Err(error.into()));
        }
        self.events.protocol_error(ProtocolError::UnaddressedError {
            code: error.code,
            message: json::excerpt(error.message.as_bytes()),
        });
    }

    fn handle_oversized(&mut self, oversized: Oversized) {
        let Oversized { size, limit, scanner } = oversized;
        let found = scanner.found();
        if let Some(id) = found.answered().and_then(own_id) {
            match self.requests.answered(id) {
                Concerns::InFlight => return self.request_answered(id, Err(CallError::TooLarge { limit })),
                Concerns::GivenUp => return,
                Concerns::Answered | Concerns::Nobody => {}
            }
        }
        self.events.protocol_error(ProtocolError::Oversized { size, limit });
        self.refuse_unread(&found);
    }

    /// A request too large to be read is refused rather than left waiting.
    fn refuse_unread(&mut self, found: &Found) {
        if let Some(id) = found.id.as_deref().filter(|_| found.method && found.complete)
            && serde_json::from_str::<&RawValue>(id).is_ok()
            && is_valid_id(id)
        {
            self.answer(message::error_answer(id, INVALID_REQUEST, "Message too large"));
        }
    }

    /// A message that can't be read fails the call it answers, if that can be found out, and is a fault in
    /// general otherwise.
    fn blame(&mut self, answered: Option<&str>, fault: ProtocolError) {
        if let Some(id) = answered.and_then(own_id) {
            match self.requests.answered(id) {
                Concerns::InFlight => {
                    let what = fault.to_string();
                    return self.request_answered(id, Err(CallError::Protocol { what }));
                }
                // A late answer, which nobody would have read.
                Concerns::GivenUp => return,
                Concerns::Answered | Concerns::Nobody => {}
            }
        }
        self.events.protocol_error(fault);
    }

    /// The request in flight that a response answers, taken out of flight.
    fn answered_request(&mut self, id_text: &str) -> Option<RequestId> {
        let unknown = || ProtocolError::UnknownResponse { id: json::excerpt(id_text.as_bytes()) };
        let Some(id) = own_id(id_text) else {
            self.events.protocol_error(unknown());
            return None;
        };
        match self.requests.answered(id) {
            Concerns::InFlight => return Some(id),
            // It was given up here; that its answer is late is nobody's fault.
            Concerns::GivenUp => {}
            Concerns::Answered => self.events.protocol_error(ProtocolError::RepeatedResponse { id }),
            Concerns::Nobody => self.events.protocol_error(unknown()),
        }
        None
    }

    /// Queues an answer to a request of the server.
    fn answer(&mut self, message: Vec<u8>) {
        let dropped = self.outbound.answer(message);
        self.events.dropped(dropped);
    }
}
