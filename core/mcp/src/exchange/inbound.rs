//! What the messages of the server mean.
//!
//! Requests of the server end in [`Exchange::handle_request`]: what has one answer only is answered there, the
//! rest in `asked`.

use std::fmt;

use serde_json::value::RawValue;

use crate::error::{CallError, ProtocolError};
use crate::exchange::in_flight::Concerns;
use crate::exchange::unexpected::Unexpected;
use crate::exchange::{Exchange, Stage};
use crate::jsonrpc::blame;
use crate::jsonrpc::id::{RequestId, is_valid_id, own_id};
use crate::jsonrpc::json;
use crate::jsonrpc::message::{self, Answer, INVALID_REQUEST, Message, NoMessage};
use crate::jsonrpc::scan::{Found, Scanner};

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
        /// The beginning of them, as much as is there.
        start: &'a [u8],
    },
    /// A message that came while this request was answered, and belongs to it: what the server asks for there, it needs
    /// for that.
    During {
        /// The request, by its id in JSON-RPC.
        id: RequestId,
        /// The message.
        message: &'a [u8],
    },
    /// The answer to this request, whatever it says of whose it is: the carrier knows.
    Answer {
        /// The request, by its id in JSON-RPC.
        id: RequestId,
        /// The message.
        message: &'a [u8],
    },
    /// An answer of which the carrier has read that it is the result of this request.
    Result {
        /// The request, by its id in JSON-RPC.
        id: RequestId,
        /// The result.
        result: &'a RawValue,
        /// The message that it is part of.
        message: &'a [u8],
    },
    /// This request has no answer, and will get none.
    Failed {
        /// The request, by its id in JSON-RPC.
        id: RequestId,
        /// Why.
        error: CallError,
    },
    /// The server took the notification that ends the handshake, or what it said of it is of no account: with
    /// [`Options::exchanges`](crate::Options::exchanges) the connection is ready only then.
    Confirmed,
    /// What the server told meanwhile may be lost: its stream of notifications had a gap.
    Gap,
    /// The server did something odd that the carrier could mend, or that concerns no single request.
    Fault {
        /// What it did.
        what: String,
    },
}

/// So much of a message that is too large is kept to be shown.
const START: usize = 128;

/// What was found out about a message that is too large to be kept: its size, and whom it concerns.
#[derive(Debug)]
pub struct Oversized {
    size: u64,
    limit: usize,
    start: Vec<u8>,
    scanner: Scanner,
}

impl Oversized {
    /// One of which nothing came yet.
    pub(crate) fn new(limit: usize) -> Self {
        Self { size: 0, limit, start: Vec::new(), scanner: Scanner::default() }
    }

    /// More of it came.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.scanner.feed(bytes);
        let room = START.saturating_sub(self.start.len());
        self.start.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    /// The request of ours that it answers, if that was seen.
    #[cfg(feature = "http")]
    pub(crate) fn answers(&self) -> Option<RequestId> {
        self.scanner.clone().found().answered().and_then(own_id)
    }

    /// The beginning of it.
    pub(crate) fn start(&self) -> &[u8] {
        &self.start
    }

    /// Bytes of it that came so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }
}

impl Exchange {
    pub(crate) fn handle_message(&mut self, message: Incoming<'_>) {
        match message {
            Incoming::Message(bytes) if bytes.len() > self.options.about.limits.max_message => {
                let mut oversized = Oversized::new(self.options.about.limits.max_message);
                oversized.feed(bytes);
                self.handle_oversized(oversized);
            }
            Incoming::Message(bytes) => self.handle_bytes(bytes.trim_ascii()),
            Incoming::Oversized(oversized) => self.handle_oversized(oversized),
            Incoming::Unfinished { size, start } => {
                let excerpt = json::excerpt(start);
                self.fault(start, ProtocolError::Unfinished { size, excerpt });
            }
            Incoming::During { id, message } => {
                self.during = Some(id);
                self.handle_bytes(message.trim_ascii());
                self.during = None;
            }
            Incoming::Answer { id, message } => self.handle_answer_to(id, message),
            Incoming::Result { id, result, message } => {
                self.handle_response(Some(id), &id, Answer::Result(result), message.trim_ascii());
            }
            Incoming::Failed { id, error } => self.handle_failed(id, error),
            Incoming::Confirmed => self.confirmed(),
            Incoming::Gap => self.events.gap(),
            Incoming::Fault { what } => self.events.protocol_error(ProtocolError::Carrier { what }),
        }
    }

    pub(super) fn handle_bytes(&mut self, bytes: &[u8]) {
        match simdutf8::compat::from_utf8(bytes) {
            Ok(text) if text.starts_with('[') => self.handle_batch(text),
            Ok(text) => self.handle_text(text),
            Err(error) => {
                let valid_up_to = error.valid_up_to();
                let what = format!("invalid UTF-8 after {valid_up_to} bytes");
                let excerpt = json::excerpt(bytes);
                if !self.blame(bytes, valid_up_to, what) {
                    self.fault(bytes, ProtocolError::InvalidUtf8 { valid_up_to, excerpt });
                }
            }
        }
    }

    fn handle_batch(&mut self, text: &str) {
        match &self.stage {
            Stage::Ready { version } if self.rules.has_batches(version) => {}
            Stage::New
            | Stage::Opening { .. }
            | Stage::Confirming { .. }
            | Stage::Ready { .. }
            | Stage::Closed => {
                return self.handle_unexpected_batch(text);
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
        self.fault(text.as_bytes(), ProtocolError::Malformed { reason, excerpt });
    }

    /// A batch where there are none. An answer in it is still an answer: messages say what they say, though not as they
    /// should. What else is in it is covered by the one fault.
    fn handle_unexpected_batch(&mut self, text: &str) {
        self.fault(text.as_bytes(), ProtocolError::Batch);
        let mut messages = Vec::new();
        let checked = json::elements(text, &mut |element| {
            messages.push(element);
            Ok(())
        });
        if checked.is_ok() {
            messages.into_iter().filter(|message| json::is_object(message)).for_each(|message| {
                self.handle_text(message.get());
            });
        }
    }

    fn handle_text(&mut self, text: &str) {
        // One that came before it, in the same batch or on the same line, may have ended the connection.
        if matches!(self.stage, Stage::Closed) {
            return;
        }
        match message::parse(text) {
            Ok(Message::Notification { method, params }) => {
                self.handle_notification(method, params);
            }
            Ok(Message::Request { id, method, params }) => self.handle_request(id, method, params, text),
            Ok(Message::Response { id, answer }) => match id {
                Some(id) => self.handle_response(own_id(id.get()), &id, answer, text.as_bytes()),
                None => self.handle_unaddressed(answer, text),
            },
            Err(_) if json::is_several_objects(text) => self.handle_several(text),
            Err(NoMessage { reason, valid_up_to }) => {
                let bytes = text.as_bytes();
                if !self.blame(bytes, valid_up_to, reason.clone()) {
                    let excerpt = json::excerpt(bytes);
                    self.fault(bytes, ProtocolError::Malformed { reason, excerpt });
                }
            }
        }
    }

    /// Whole messages, one behind the other: they say what they say, though not as they should.
    fn handle_several(&mut self, text: &str) {
        let reason = "several messages on one line".to_owned();
        let excerpt = json::excerpt(text.as_bytes());
        self.events.protocol_error(ProtocolError::Malformed { reason, excerpt });
        json::values(text).map_while(Result::ok).for_each(|message| self.handle_text(message.get()));
    }

    fn handle_request(&mut self, id: &RawValue, method: String, params: Option<&RawValue>, text: &str) {
        if !is_valid_id(id.get()) {
            let id = json::excerpt(id.get().as_bytes());
            return self.fault(text.as_bytes(), ProtocolError::InvalidId { id });
        }
        let rules = self.rules_for_server();
        if !rules.has_server_requests() {
            let method = json::excerpt(method.as_bytes());
            return self.fault(text.as_bytes(), ProtocolError::ForbiddenRequest { method });
        }
        match rules.fixed_result(&method) {
            Some(result) => self.answer(message::result_answer(id.get(), result)),
            None => self.handle_ask(id, method, params),
        }
    }

    /// A response to the request `own`, if it is one of ours; `id` is what it calls it.
    pub(super) fn handle_response(
        &mut self,
        own: Option<RequestId>,
        id: &dyn fmt::Display,
        answer: Answer<'_>,
        bytes: &[u8],
    ) {
        let is_late = own.is_some_and(|id| self.opening.is_abandoned(id));
        let answered = self.answered_request(own, id, bytes);
        if answered.is_none() && !is_late {
            return;
        }
        let answer = match answer {
            Answer::Result(raw) => Ok(raw.into()),
            Answer::Error(error) => Err(error.into()),
            Answer::Bad(what) => {
                let excerpt = json::excerpt(bytes);
                Err(CallError::Protocol { what: what.to_owned(), excerpt })
            }
        };
        match answered {
            Some(id) => self.request_answered(id, answer),
            None => self.opening_answered_late(answer),
        }
    }

    /// An answer to something that the server could not read.
    fn handle_unaddressed(&mut self, answer: Answer<'_>, text: &str) {
        let error = match answer {
            Answer::Error(error) => error,
            Answer::Result(_) | Answer::Bad(_) => {
                let id = "null".to_owned();
                return self.fault(text.as_bytes(), ProtocolError::InvalidId { id });
            }
        };
        // While nothing but the opening request is out there, this is about it.
        if let Stage::Opening { id } = self.stage
            && !self.opening.forget_abandoned()
            && self.requests.len() == 1
            && self.requests.answered(id) == Concerns::InFlight(id)
        {
            return self.request_answered(id, Err(error.into()));
        }
        let message = json::excerpt(error.said().to_string().as_bytes());
        self.fault(text.as_bytes(), ProtocolError::UnaddressedError { code: error.code, message });
    }

    fn handle_oversized(&mut self, oversized: Oversized) {
        let Oversized { size, limit, start, scanner } = oversized;
        let found = scanner.found();
        if let Some(id) = found.answered().and_then(own_id) {
            match self.requests.answered(id) {
                Concerns::InFlight(id) => {
                    return self.request_answered(id, Err(CallError::TooLarge { limit }));
                }
                Concerns::GivenUp => return,
                Concerns::Answered | Concerns::Nobody => {}
            }
        }
        self.fault(&start, ProtocolError::Oversized { size, limit });
        self.refuse_unread(&found);
    }

    /// A request too large to be read is refused rather than left waiting.
    fn refuse_unread(&mut self, found: &Found) {
        if let Some(id) = found.id.as_deref().filter(|_| found.method && found.complete)
            && serde_json::from_str::<&RawValue>(id).is_ok()
            && is_valid_id(id)
            && self.rules_for_server().has_server_requests()
        {
            self.answer(message::error_answer(id, INVALID_REQUEST, "Message too large", None));
        }
    }

    /// A message that can't be read fails the call it answers, if that can be found out. Returns whether
    /// somebody heard of it, or need not.
    fn blame(&mut self, bytes: &[u8], sound: usize, what: String) -> bool {
        let Some(id) = blame::answered(bytes, sound) else {
            return false;
        };
        match self.requests.answered(id) {
            Concerns::InFlight(id) => {
                let excerpt = json::excerpt(bytes);
                self.request_answered(id, Err(CallError::Protocol { what, excerpt }));
                true
            }
            // A late answer, which nobody would have read.
            Concerns::GivenUp => true,
            Concerns::Answered | Concerns::Nobody => false,
        }
    }

    /// The request in flight that a response answers.
    fn answered_request(
        &mut self,
        own: Option<RequestId>,
        id: &dyn fmt::Display,
        bytes: &[u8],
    ) -> Option<RequestId> {
        let fault = match own.map(|id| (id, self.requests.answered(id))) {
            Some((_, Concerns::InFlight(id))) => return Some(id),
            // It was given up here; that its answer is late is nobody's fault.
            Some((_, Concerns::GivenUp)) => return None,
            Some((id, Concerns::Answered)) => ProtocolError::RepeatedResponse { id },
            Some((_, Concerns::Nobody)) | None => {
                ProtocolError::UnknownResponse { id: json::excerpt(id.to_string().as_bytes()) }
            }
        };
        self.fault(bytes, fault);
        None
    }

    /// The server broke the protocol with a message of which this is the beginning, or all.
    fn fault(&mut self, bytes: &[u8], fault: ProtocolError) {
        if self.unexpected.is_none() {
            self.unexpected = Some(Box::new(Unexpected::new(bytes, &fault)));
        }
        self.events.protocol_error(fault);
    }

    /// Queues an answer to a request of the server.
    pub(super) fn answer(&mut self, message: Vec<u8>) {
        let dropped = self.outbound.answer(message);
        self.events.dropped(dropped);
    }
}
