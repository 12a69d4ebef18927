//! What becomes of what the server asks: it is handed out, answered, or refused.

use std::time::Duration;

use serde_json::value::RawValue;

use crate::error::{ProtocolError, RequestError};
use crate::exchange::asks::{Ask, ErrorAnswer, ServerRequestId};
use crate::exchange::{Exchange, Stage};
use crate::features::{ClientFeature, Wanted};
use crate::jsonrpc::json;
use crate::jsonrpc::message::{self, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND};

/// Nothing is wrong with the request, but there are too many (JSON-RPC 2.0, section 5.1: the server's to
/// define).
const BUSY: i64 = -32000;

/// Why a request of the server is refused: an error's code and message.
type Refusal = (i64, &'static str);

impl Exchange {
    /// Hands out a request of the server, or refuses it.
    pub(super) fn handle_ask(&mut self, wire_id: &RawValue, method: String, params: Option<&RawValue>) {
        // Two with one id could not be told apart by their answers; so the second gets none.
        if self.asks.find(wire_id).is_some() {
            let id = json::excerpt(wire_id.get().as_bytes());
            return self.events.protocol_error(ProtocolError::RepeatedRequest { id });
        }
        if let Err((code, message)) = self.hand_out(wire_id, method, params) {
            self.answer(message::error_answer(wire_id.get(), code, message, None));
        }
    }

    fn hand_out(
        &mut self,
        wire_id: &RawValue,
        method: String,
        params: Option<&RawValue>,
    ) -> Result<(), Refusal> {
        match ClientFeature::wanted(&self.options.about.features, &method, params) {
            Wanted::Offered => {}
            Wanted::NotOffered => return Err((METHOD_NOT_FOUND, "Method not found")),
            // MCP 2025-11-25, client/elicitation, "Error Handling".
            Wanted::OtherMode => return Err((INVALID_PARAMS, "This mode of elicitation is not offered")),
        }
        if !matches!(self.stage, Stage::Ready { .. }) {
            return Err((INVALID_REQUEST, "The handshake is not complete"));
        }
        let is_full = self.asks.len() >= self.options.about.limits.max_server_requests;
        if is_full || !self.events.has_room_for(&method, params) {
            return Err((BUSY, "Too many requests at once"));
        }
        let call = match self.during {
            Some(id) => self.requests.in_flight_as(id),
            None => self.requests.only_call(),
        };
        if let Some(call) = call {
            self.requests.pause_deadline(call, self.now);
        }
        let id = self.asks.add(Ask::message(wire_id, call));
        self.events.request(id, method, params, call);
        Ok(())
    }

    /// The server doesn't wait for this answer any more. Returns whether it did.
    pub(super) fn handle_ask_cancelled(&mut self, wire_id: &RawValue, reason: Option<&str>) -> bool {
        let Some(id) = self.asks.find(wire_id) else {
            return false;
        };
        self.end_ask(id);
        let reason = reason.map(|reason| json::excerpt(reason.as_bytes()));
        self.events.request_cancelled(id, reason);
        true
    }

    /// Queues the answer to a request that was handed out, or puts it to the call that it is for.
    pub(crate) fn answer_ask(
        &mut self,
        now: Duration,
        id: ServerRequestId,
        answer: Result<&RawValue, ErrorAnswer<'_>>,
    ) -> Result<(), RequestError> {
        self.tick(now);
        let wire_id = match self.asks.get(id).ok_or(RequestError::NotAsked)? {
            Ask::Message { wire_id, .. } => wire_id,
            Ask::Input { call, place } => return self.answer_input(id, *call, *place, answer),
        };
        let message = match answer {
            Ok(result) => message::result_answer(wire_id, result.get()),
            Err(ErrorAnswer { code, message, data }) => {
                message::error_answer(wire_id, code, message, data.map(RawValue::get))
            }
        };
        self.check_size(&message)?;
        if !self.outbound.has_room_for_answer(message.len()) {
            let limit = self.options.about.limits.max_queued;
            return Err(RequestError::QueueFull { limit });
        }
        self.end_ask(id);
        self.answer(message);
        Ok(())
    }

    pub(super) fn end_ask(&mut self, id: ServerRequestId) {
        let call = self.asks.take(id).and_then(|ask| ask.call());
        if let Some(call) = call {
            self.requests.resume_deadline(call, self.now);
        }
    }

    /// Nobody waits for any answer any more.
    pub(super) fn end_asks(&mut self) {
        while let Some(id) = self.asks.take_first() {
            self.events.request_cancelled(id, None);
        }
    }
}
