//! What a scripted server answers.

use serde_json::{Value, json};

/// What a [`MemoryServer`](crate::testing::MemoryServer) answers to one request.
///
/// Text (`&str`, `String`) turns into [`Answer::text`], JSON into [`Answer::structured`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Answer(pub(super) Kind);

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Result(Value),
    Error { code: i64, message: String },
    Raw(String),
    Silence,
    Death(String),
}

impl Answer {
    /// A tool's result: one block of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::result(json!({ "content": [{ "type": "text", "text": text.into() }] }))
    }

    /// A tool's result: structured content, and the same as text (MCP 2025-11-25, server/tools, "Structured Content").
    pub fn structured(content: impl Into<Value>) -> Self {
        let content = content.into();
        let mut result = json!({ "content": [{ "type": "text", "text": content.to_string() }] });
        if let Some(fields) = result.as_object_mut() {
            fields.insert("structuredContent".to_owned(), content);
        }
        Self::result(result)
    }

    /// A tool's result: the tool failed, with that text.
    pub fn tool_error(text: impl Into<String>) -> Self {
        Self::result(json!({ "content": [{ "type": "text", "text": text.into() }], "isError": true }))
    }

    /// A result as it is, of whatever method.
    pub const fn result(result: Value) -> Self {
        Self(Kind::Result(result))
    }

    /// A JSON-RPC error.
    pub fn error(code: i64, message: impl Into<String>) -> Self {
        Self(Kind::Error { code, message: message.into() })
    }

    /// Any message, be it JSON or not. Each `$id` in it is replaced by the request's id.
    pub fn raw(message: impl Into<String>) -> Self {
        Self(Kind::Raw(message.into()))
    }

    /// No answer, ever.
    pub const fn silence() -> Self {
        Self(Kind::Silence)
    }

    /// No answer: the server dies, with that as the reason.
    pub fn death(why: impl Into<String>) -> Self {
        Self(Kind::Death(why.into()))
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Value> for Answer {
    fn from(content: Value) -> Self {
        Self::structured(content)
    }
}
