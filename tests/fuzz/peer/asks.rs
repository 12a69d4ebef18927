//! What the server asked of the client, and how each of it ended.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use tenure_mcp_proto::{RequestError, ServerRequestId};

#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Waits,
    /// Answered; the answer is not written yet.
    Answered,
    Written,
    Cancelled,
}

#[derive(Debug, Default)]
pub(super) struct Asks(BTreeMap<ServerRequestId, Fate>);

/// An answer names the request that it is for.
#[derive(Deserialize)]
struct Answer {
    ask: String,
}

impl Asks {
    pub(super) fn handed_out(&mut self, id: ServerRequestId) {
        let last = self.0.last_key_value().map(|(last, _)| *last);
        assert!(last.is_none_or(|last| last < id), "{id} is used again");
        self.0.insert(id, Fate::Waits);
    }

    pub(super) fn cancelled(&mut self, id: ServerRequestId) {
        let before = self.0.insert(id, Fate::Cancelled);
        assert_eq!(before, Some(Fate::Waits), "{id} was cancelled");
    }

    /// One of all there ever were, as far as the client has heard of them.
    pub(super) fn any(&self, which: u8) -> Option<ServerRequestId> {
        let index = usize::from(which).checked_rem(self.0.len())?;
        self.0.keys().rev().nth(index).copied()
    }

    pub(super) fn answer(id: ServerRequestId) -> String {
        format!(r#"{{"ask":"{id}"}}"#)
    }

    pub(super) fn answered(&mut self, id: ServerRequestId, answered: &Result<(), RequestError>) {
        let fate = self.0.get_mut(&id).expect("it was handed out");
        match answered {
            Ok(()) => {
                assert_eq!(*fate, Fate::Waits, "{id} was answered");
                *fate = Fate::Answered;
            }
            // It may be cancelled, and the client not have heard of it yet.
            Err(RequestError::NotAsked | RequestError::QueueFull { .. } | RequestError::TooLarge { .. }) => {}
            Err(error) => panic!("{id}: {error}"),
        }
    }

    /// An answer is written, of the client or of the connection.
    pub(super) fn written(&mut self, result: Option<&RawValue>) {
        let Some(Answer { ask }) = result.and_then(|result| serde_json::from_str(result.get()).ok()) else {
            return;
        };
        let fate = self.0.iter_mut().find(|(id, _)| id.to_string() == ask).map(|(_, fate)| fate);
        let fate = fate.expect("an answer is to what was handed out");
        assert_eq!(*fate, Fate::Answered, "the answer to {ask} is written");
        *fate = Fate::Written;
    }

    pub(super) fn all_ended(&self) {
        assert!(self.0.values().all(|fate| *fate != Fate::Waits), "never ended: {self:?}");
    }
}
