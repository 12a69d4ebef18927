//! What a carrier knows that has an exchange for each request: whose an answer is, and that there will be none.

use crate::error::CallError;
use crate::exchange::Exchange;
use crate::exchange::in_flight::Concerns;
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::message::{self, Message};

impl Exchange {
    /// The answer to a request, under whichever id it comes.
    pub(super) fn handle_answer_to(&mut self, id: RequestId, bytes: &[u8]) {
        let text = simdutf8::basic::from_utf8(bytes).map(str::trim_ascii).ok();
        match text.map(|text| (text, message::parse(text))) {
            Some((text, Ok(Message::Response { answer, .. }))) => {
                self.handle_response(Some(id), &id, answer, text.as_bytes());
            }
            Some(_) | None => self.handle_bytes(bytes.trim_ascii()),
        }
    }

    /// A request that will get no answer.
    pub(super) fn handle_failed(&mut self, wire_id: RequestId, error: CallError) {
        match self.requests.answered(wire_id) {
            Concerns::InFlight(id) => {
                let was_begun = self.requests.was_wanted_again(id);
                self.request_answered(id, Err(if was_begun { begun(error) } else { error }));
            }
            Concerns::GivenUp | Concerns::Answered | Concerns::Nobody => {}
        }
        if self.opening.is_abandoned(wire_id) {
            self.opening.forget_abandoned();
        }
    }
}

/// Why a request has no answer of which the server had an earlier round: it may have begun what it was asked for.
fn begun(error: CallError) -> CallError {
    match error {
        #[cfg(feature = "http")]
        CallError::Http(error) => {
            CallError::Http(crate::http::HttpError { delivery: crate::delivery::Delivery::Unknown, ..error })
        }
        other => other,
    }
}
