//! The requests that the connection makes for itself: which era asks how for what the caller wishes, and what becomes
//! of the answers.

use std::time::Duration;

use crate::era::rules::{Answer, Verdict};
use crate::error::{CallError, InputError, RequestError};
use crate::exchange::Exchange;
use crate::exchange::request_deadline::RequestDeadline;
use crate::exchange::wishes::PATIENCE;
use crate::jsonrpc::id::RequestId;
use crate::subscriptions::Subscriptions;
use crate::types::{LogLevel, SetLevelParams};

const SET_LEVEL: &str = "logging/setLevel";

impl Exchange {
    pub(crate) fn subscribe(&mut self, wished: Subscriptions) -> Result<(), RequestError> {
        let is_one = self.rules.has_listening();
        if is_one { self.listen_to(wished) } else { self.subscribe_to(wished) }
    }

    pub(crate) fn set_log_level(&mut self, level: LogLevel) -> Result<(), RequestError> {
        if !self.wishes.offers().logging {
            return Err(RequestError::NotOffered { what: "logging" });
        }
        if self.rules.has_set_level() {
            self.send_own(SET_LEVEL, SetLevelParams { level }.to_raw().get(), PATIENCE)?;
        } else {
            self.wishes.level = Some(level);
        }
        Ok(())
    }

    /// Queues a request of the connection's own. There are few, so that they need no room in the queue.
    pub(crate) fn send_own(
        &mut self,
        method: &str,
        params: &str,
        patience: Duration,
    ) -> Result<RequestId, RequestError> {
        if self.outbound.is_closed() {
            return Err(RequestError::Closed);
        }
        let id = self.requests.next_id().ok_or(RequestError::IdsExhausted)?;
        let (message, _) = self.compose(id, id, method, Some(params), false)?;
        let place = self.outbound.call(message, Some(id));
        self.requests.add_own(id, RequestDeadline::new(self.now, Some(patience), None), place);
        Ok(id)
    }

    /// A request of the connection's own is answered, or nobody waits for its answer any more.
    pub(crate) fn own_ended(&mut self, id: RequestId, answer: Answer) {
        let answer = match self.rules.judge_answer(answer) {
            Verdict::Final(answer) => answer,
            Verdict::WantsInput(raw) => {
                Err(CallError::InputRequired { why: InputError::NotAllowed, raw: raw.into() })
            }
        };
        if self.wishes.listening.is_one(id) {
            self.listening_answered(id, answer);
        } else if self.wishes.resources.is_one(id) {
            self.resource_answered(id, answer.is_ok());
        } else if let Err(error) = answer {
            self.events.log_level_refused(error);
        }
    }

    /// What is due of the connection's own.
    pub(crate) fn next_own_deadline(&self) -> Option<Duration> {
        self.wishes.listening.again
    }
}
