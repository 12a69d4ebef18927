//! What a scripted server asks of its clients.

use std::fmt;
use std::task::Poll;

use serde_json::{Value, json};

use crate::testing::state::Room;

/// A request of a [`MemoryServer`](crate::testing::MemoryServer), for which the client's
/// [handlers](crate::Handlers) have an answer.
///
/// Dropping it changes nothing.
pub struct Asked {
    room: Room,
    id: String,
}

/// What a client answered to a request of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAnswer {
    /// The result.
    Result(Value),
    /// An error.
    #[non_exhaustive]
    Error {
        /// Its code.
        code: i64,
        /// Its message.
        message: String,
    },
    /// The connection ended before there was an answer, or there was none.
    None,
}

impl Asked {
    pub(super) fn new(room: Room, method: &str, params: &Value) -> Self {
        let id = room.change(|state| {
            let id = format!("asked-{}", state.asked);
            state.asked = state.asked.saturating_add(1);
            let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
            state.ask(&id, &message);
            id
        });
        Self { room, id }
    }

    /// Waits for the answer.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn answer(&self) -> ClientAnswer {
        let answer = self.room.until(|state| match state.answer_to(&self.id) {
            Poll::Pending => None,
            Poll::Ready(None) => Some(ClientAnswer::None),
            Poll::Ready(Some(answer)) => Some(read(&answer)),
        });
        answer.await
    }

    /// Says that nobody waits for the answer any more (MCP 2025-11-25, basic/utilities/cancellation).
    pub fn cancel(&self) {
        let params = json!({ "requestId": self.id });
        self.room.change(|state| state.notify("notifications/cancelled", Some(params)));
    }
}

fn read(answer: &Value) -> ClientAnswer {
    match (answer.get("result"), answer.get("error")) {
        (Some(result), _) => ClientAnswer::Result(result.clone()),
        (None, error) => {
            let field = |name| error.and_then(|error: &Value| error.get(name));
            ClientAnswer::Error {
                code: field("code").and_then(Value::as_i64).unwrap_or_default(),
                message: field("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
            }
        }
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("id", &self.id).finish_non_exhaustive()
    }
}
