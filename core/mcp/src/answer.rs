//! Answers to what a server asks.

use std::time::Duration;

use serde_json::value::RawValue;

use crate::connection::Connection;
use crate::error::RequestError;
use crate::exchange::asks::{ErrorAnswer, ServerRequestId};

impl Connection {
    /// Answers a request of the server that came as [`Event::Request`](crate::Event::Request), with a result,
    /// which goes out byte for byte but for newlines between its tokens, or with an error. The clock of the call
    /// that it is for goes on at `now`.
    ///
    /// What a server of the modern era wants for a call is answered in the same way. With the last answer the call is
    /// made again; with an error it ends, since there is no way to tell the server (MCP 2026-07-28,
    /// client/sampling, "Error Handling").
    ///
    /// # Errors
    /// Nothing was queued if: the server doesn't wait for it (it was answered, or there was an
    /// [`Event::RequestCancelled`](crate::Event::RequestCancelled)), or it is too large, or too many answers wait
    /// to be written, or messages where the call is made again. After the latter two the server still waits: for a
    /// smaller answer, or a later one.
    pub fn answer(
        &mut self,
        now: Duration,
        id: ServerRequestId,
        answer: Result<&RawValue, ErrorAnswer<'_>>,
    ) -> Result<(), RequestError> {
        self.exchange.answer_ask(now, id, answer)
    }

    /// How many requests of the server wait for their answers.
    pub fn asked(&self) -> usize {
        self.exchange.asks.len()
    }
}
