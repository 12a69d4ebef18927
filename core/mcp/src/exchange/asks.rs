//! What the server asks of this side and waits for.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;

use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::json;
use crate::jsonrpc::number::integer;
use crate::jsonrpc::string::string;
use crate::seldom::Seldom;

/// The name of a request of the server on its connection. Counts up and is never reused, whatever the server
/// does with its ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerRequestId(u64);

impl fmt::Display for ServerRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An error, as the answer to a request of the server (JSON-RPC 2.0, section 5.1).
#[derive(Clone, Copy, Debug)]
pub struct ErrorAnswer<'a> {
    /// Its code, such as -1 where a person refuses (MCP 2025-11-25, client/sampling, "Error Handling").
    pub code: i64,
    /// What is wrong, in a sentence.
    pub message: &'a str,
    /// More about it; sent byte for byte.
    pub data: Option<&'a RawValue>,
}

/// A request of the server that waits for its answer.
#[derive(Debug)]
pub(crate) enum Ask {
    /// One that it sent.
    Message {
        /// Its id as it was sent.
        wire_id: String,
        /// That id, however it is written.
        key: String,
        /// The call it is for.
        call: Option<RequestId>,
    },
    /// Input that it wants before it answers a call.
    Input {
        call: RequestId,
        /// Which of those that it wants.
        place: usize,
    },
}

impl Ask {
    pub(crate) fn message(wire_id: &RawValue, call: Option<RequestId>) -> Self {
        Self::Message { wire_id: wire_id.get().to_owned(), key: key(wire_id), call }
    }

    /// The call it is for.
    pub(crate) fn call(&self) -> Option<RequestId> {
        match self {
            Self::Message { call, .. } => *call,
            Self::Input { call, .. } => Some(*call),
        }
    }
}

/// The requests of the server that wait for their answers.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    last_id: u64,
    open: Seldom<BTreeMap<ServerRequestId, Ask>>,
}

impl Asks {
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn add(&mut self, ask: Ask) -> ServerRequestId {
        self.last_id = self.last_id.saturating_add(1);
        let id = ServerRequestId(self.last_id);
        self.open.make().insert(id, ask);
        id
    }

    pub(crate) fn get(&self, id: ServerRequestId) -> Option<&Ask> {
        self.open.get(&id)
    }

    pub(crate) fn take(&mut self, id: ServerRequestId) -> Option<Ask> {
        self.open.there()?.remove(&id)
    }

    /// Takes any, oldest first.
    pub(crate) fn take_first(&mut self) -> Option<ServerRequestId> {
        self.open.there()?.pop_first().map(|(id, _)| id)
    }

    /// The one with this id of the server's. There are few, so they are looked through.
    pub(crate) fn find(&self, wire_id: &RawValue) -> Option<ServerRequestId> {
        let key = key(wire_id);
        let is_it = |ask: &Ask| matches!(ask, Ask::Message { key: other, .. } if *other == key);
        self.open.iter().find(|(_, ask)| is_it(ask)).map(|(id, _)| *id)
    }

    /// Takes what is wanted for a call, oldest first.
    pub(crate) fn take_inputs(&mut self, of: RequestId) -> Vec<ServerRequestId> {
        let is_one = |ask: &Ask| matches!(ask, Ask::Input { call, .. } if *call == of);
        let inputs: Vec<_> = self.open.iter().filter(|(_, ask)| is_one(ask)).map(|(id, _)| *id).collect();
        if !inputs.is_empty() {
            self.open.make().retain(|_, ask| !is_one(ask));
        }
        inputs
    }
}

/// An id however it is written; text and numbers are apart (JSON-RPC 2.0, section 4).
fn key(wire_id: &RawValue) -> String {
    match string(wire_id) {
        Some(text) => json::quoted(&text),
        None => integer(wire_id.get()).map_or_else(|| wire_id.get().to_owned(), |number| number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn an_id_is_the_same_in_every_spelling_and_text_is_no_number() {
        let mut asks = Asks::default();
        let number = asks.add(Ask::message(&raw("5"), None));
        let text = asks.add(Ask::message(&raw("\"a\""), None));
        for (written, found) in
            [("5.0", Some(number)), ("\"5\"", None), ("\"\\u0061\"", Some(text)), ("6", None), ("5.5", None)]
        {
            assert_eq!(asks.find(&raw(written)), found, "{written}");
        }
        assert_eq!((number.to_string(), text.to_string()), ("1".to_owned(), "2".to_owned()));
        assert!(number < text);
        asks.take(number).unwrap();
        assert_eq!(asks.find(&raw("5")), None);
        assert!(asks.add(Ask::message(&raw("5"), None)) > text, "an id is not used again");
    }
}
