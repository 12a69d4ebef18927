//! What the connection hears: messages, answers, and how requests ended that have none.

use crate::delivery::Delivery;
use crate::exchange::inbound::Incoming;
use crate::http::error::{HttpError, HttpErrorKind};
use crate::http::task::{Purpose, TaskId};
use crate::http::{Exchanges, Given};
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::known::known;

impl Exchanges {
    /// Returns whether the connection is to hear something.
    pub fn has_incoming(&self) -> bool {
        !self.given.is_empty()
    }

    /// What the connection is to hear next.
    pub fn poll_incoming(&mut self) -> Option<Incoming<'_>> {
        Some(match self.given.pop_front()? {
            Given::Message(bytes) => {
                self.current = bytes;
                Incoming::Message(&self.current)
            }
            Given::During(id, bytes) => {
                self.current = bytes;
                Incoming::During { id, message: &self.current }
            }
            Given::Answer(id, bytes, result) => {
                self.current = bytes;
                let message = &self.current;
                match result.and_then(|place| simdutf8::basic::from_utf8(message.get(place)?).ok()) {
                    Some(result) => Incoming::Result { id, result: known(result), message },
                    None => Incoming::Answer { id, message },
                }
            }
            Given::Oversized(oversized) => Incoming::Oversized(oversized),
            Given::Failed(id, error) => Incoming::Failed { id, error },
            Given::Confirmed => Incoming::Confirmed,
            Given::Gap => Incoming::Gap,
            Given::Fault(what) => Incoming::Fault { what },
        })
    }

    /// A request ends without an answer.
    pub(super) fn fail(&mut self, id: TaskId, error: HttpError) {
        let Some(task) = self.drop_task(id) else {
            return;
        };
        let error = task.in_all(error);
        match (task.request(), &task.purpose) {
            (Some(request), _) => self.given.push_back(Given::Failed(request, error.into())),
            (None, Purpose::Note | Purpose::Control | Purpose::Confirm) => self.fault(error.to_string()),
            (None, _) => {}
        }
    }

    pub(super) fn fault(&mut self, what: String) {
        self.given.push_back(Given::Fault(what));
    }

    /// A request that was not sent, or will not be.
    pub(super) fn refuse_unsent(&mut self, request: RequestId, kind: HttpErrorKind) {
        let error = HttpError::new(kind, Delivery::NotSent);
        self.given.push_back(Given::Failed(request, error.into()));
    }
}
