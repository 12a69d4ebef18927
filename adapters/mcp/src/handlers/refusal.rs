//! What a handler says instead of an answer.

use serde_json::value::RawValue;
use tenure_mcp_proto::ErrorAnswer;

/// Why a handler doesn't give a server what it asks for: the error that the server gets (JSON-RPC 2.0, section 5.1).
///
/// All of it reaches the server. That is why no other error turns into one by itself: what an error of the program says
/// may not be meant for the server.
///
/// ```
/// use tenure_mcp::Refusal;
///
/// let refusal = Refusal::rejected("the person said no");
/// assert_eq!((refusal.code, refusal.message.as_str()), (-1, "the person said no"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// The error's code.
    pub code: i64,
    /// What is wrong, in a sentence.
    pub message: String,
    /// More about it; sent byte for byte.
    pub data: Option<Box<RawValue>>,
}

pub(crate) const METHOD_NOT_FOUND: i64 = -32601;

impl Refusal {
    /// An error with this code.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// Nothing of the kind is done here: -32601. What a method of [`Handlers`](crate::Handlers) says that is not
    /// implemented.
    pub fn not_offered() -> Self {
        Self::new(METHOD_NOT_FOUND, "Method not found")
    }

    /// The request is not as it should be: -32602.
    pub fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(-32602, message)
    }

    /// Something went wrong here: -32603.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(-32603, message)
    }

    /// A person said no: -1 (MCP 2025-11-25, client/sampling, "Error Handling"). To a form or a page they say it with
    /// [`ElicitResult::decline`](tenure_mcp_proto::types::ElicitResult::decline).
    pub fn rejected(message: impl Into<String>) -> Self {
        Self::new(-1, message)
    }

    /// The same with more about it, any JSON.
    #[must_use]
    pub fn data(mut self, data: Box<RawValue>) -> Self {
        self.data = Some(data);
        self
    }

    pub(crate) fn as_answer(&self) -> ErrorAnswer<'_> {
        ErrorAnswer { code: self.code, message: &self.message, data: self.data.as_deref() }
    }
}
