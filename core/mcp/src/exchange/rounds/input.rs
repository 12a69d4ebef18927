//! What becomes of a request for which the server wants input: what it wants is handed out as what a server asks
//! is, and with the last answer the request goes out again (MCP 2026-07-28, basic/patterns/mrtr).

use serde_json::value::RawValue;

use crate::error::{CallError, InputError, RequestError};
use crate::exchange::Exchange;
use crate::exchange::asks::{Ask, ErrorAnswer, ServerRequestId};
use crate::exchange::events;
use crate::exchange::rounds::Again;
use crate::exchange::rounds::wanted::{Input, Wanted};
use crate::exchange::tokens::Token;
use crate::features::{self, ClientFeature};
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;

/// A round that is ready to be sent.
struct Ready {
    wire_id: RequestId,
    message: Vec<u8>,
    token: Option<Token>,
}

impl Exchange {
    /// The server answered a request with one for input.
    pub(crate) fn want_input(&mut self, id: RequestId, raw: Raw) {
        self.requests.end_round(id);
        let handed_out = Wanted::read(raw.get()).and_then(|wanted| {
            let size = self.check_wanted(id, &wanted, raw.get().len())?;
            let inputs = wanted.inputs.unwrap_or_default();
            let count = inputs.len();
            self.hand_out_inputs(id, inputs);
            Ok((count, size))
        });
        match handed_out {
            Ok((count, size)) => {
                self.rounds.open(id, raw, count, size);
                if count == 0 {
                    self.make_again(id);
                }
            }
            Err(why) => self.end_call(id, Err(CallError::InputRequired { why, raw: raw.into() })),
        }
    }

    /// Returns how many bytes the request has that will be made again, with none of the input there.
    fn check_wanted(&self, id: RequestId, wanted: &Wanted<'_>, bytes: usize) -> Result<usize, InputError> {
        if self.outbound.is_closed() {
            return Err(InputError::Unsendable(RequestError::Closed));
        }
        let limit = self.options.about.limits.max_rounds;
        if self.rounds.count(id)? >= limit {
            return Err(InputError::TooManyRounds { limit });
        }
        let inputs = wanted.inputs.as_deref().unwrap_or_default();
        for Input { method, params, .. } in inputs {
            if ClientFeature::wanted(&self.options.about.features, method, *params)
                != features::Wanted::Offered
            {
                let method = json::excerpt(method.as_bytes());
                return Err(InputError::NotOffered { method });
            }
        }
        let sizes = inputs.iter().map(|input| events::size(&input.method, input.params));
        let has_room = wanted.len() <= self.options.about.limits.max_inputs
            && self.asks.len().saturating_add(wanted.len()) <= self.options.about.limits.max_server_requests
            && self.events.has_room_for_all(inputs.len(), sizes.fold(0, usize::saturating_add))
            && self.rounds.has_room(bytes);
        if !has_room {
            return Err(InputError::TooMuch);
        }
        let again = self.rounds.again(id, wanted, &[])?;
        let ready = self.prepare(id, &again).map_err(InputError::Unsendable)?;
        Ok(ready.message.len())
    }

    fn hand_out_inputs(&mut self, call: RequestId, inputs: Vec<Input<'_>>) {
        for (place, input) in inputs.into_iter().enumerate() {
            self.requests.pause_deadline(call, self.now);
            let id = self.asks.add(Ask::Input { call, place });
            self.events.request(id, input.method, input.params, Some(call));
        }
    }

    /// Puts an answer to the call that it is for.
    pub(crate) fn answer_input(
        &mut self,
        id: ServerRequestId,
        call: RequestId,
        place: usize,
        answer: Result<&RawValue, ErrorAnswer<'_>>,
    ) -> Result<(), RequestError> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(ErrorAnswer { code, message, .. }) => {
                self.end_ask(id);
                let message = message.to_owned();
                self.fail_input(call, InputError::Refused { code, message });
                return Ok(());
            }
        };
        let bytes = answer.get().len();
        let (size, is_last) = self.rounds.with_answer(call, bytes).ok_or(RequestError::NotAsked)?;
        let limit = self.options.about.limits.max_message;
        if size > limit {
            return Err(RequestError::TooLarge { size, limit });
        }
        if !self.rounds.has_room(bytes) || (is_last && !self.outbound.has_room(size)) {
            let limit = self.options.about.limits.max_queued;
            return Err(RequestError::QueueFull { limit });
        }
        self.end_ask(id);
        self.rounds.answer(call, place, answer);
        if is_last {
            self.make_again(call);
        }
        Ok(())
    }

    /// All that was wanted is there.
    fn make_again(&mut self, id: RequestId) {
        let Some((raw, answers)) = self.rounds.close(id) else {
            return;
        };
        let again = Wanted::read(raw.get()).and_then(|wanted| self.rounds.again(id, &wanted, &answers));
        let sent = again.and_then(|again| self.send_again(id, &again).map_err(InputError::Unsendable));
        if let Err(why) = sent {
            self.end_call(id, Err(CallError::InputRequired { why, raw }));
        }
    }

    fn send_again(&mut self, id: RequestId, again: &Again) -> Result<(), RequestError> {
        let Ready { wire_id, message, token } = self.prepare(id, again)?;
        let place = self.send(message, Some(id))?;
        self.requests.begin_round(id, wire_id, place);
        self.add_token(id, token, again.progress);
        Ok(())
    }

    fn prepare(&self, id: RequestId, again: &Again) -> Result<Ready, RequestError> {
        let Again { method, params, progress } = again;
        let wire_id = self.requests.next_id().ok_or(RequestError::IdsExhausted)?;
        let (message, token) = self.compose(id, wire_id, method, Some(params), *progress)?;
        Ok(Ready { wire_id, message, token })
    }

    fn fail_input(&mut self, id: RequestId, why: InputError) {
        if let Some((raw, _)) = self.rounds.close(id) {
            self.end_call(id, Err(CallError::InputRequired { why, raw }));
        }
    }
}
