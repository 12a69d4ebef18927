//! What a message of the dialogue is, as far as HTTP must know it.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::value::RawValue;

use crate::http::idempotent::is_idempotent;
use crate::jsonrpc::id::{RequestId, own_id};
use crate::jsonrpc::json;
use crate::jsonrpc::message::{Written, is_version, written};
use crate::jsonrpc::string::string;

/// The mark of the modern era in each request (MCP 2026-07-28, basic/index, "Per-request protocol fields").
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// One message that goes out.
#[derive(Debug)]
pub(crate) enum Look<'a> {
    Request(Asked<'a>),
    Notification {
        method: Cow<'a, str>,
    },
    /// An answer to a request of the server.
    Reply,
}

/// A request that goes out. Of its params no more is read than what is asked for.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) id: RequestId,
    pub(crate) method: Cow<'a, str>,
    pub(crate) params: Option<&'a RawValue>,
}

impl<'a> Look<'a> {
    /// What goes out was written by the dialogue.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        match simdutf8::basic::from_utf8(bytes).ok().and_then(written) {
            Some(Written { id: Some(id), method, params }) => Self::Request(Asked { id, method, params }),
            Some(Written { id: None, method, .. }) => Self::Notification { method },
            None => Self::Reply,
        }
    }
}

impl Asked<'_> {
    /// The version that its `_meta` names.
    pub(crate) fn version(&self) -> Option<String> {
        let [meta] = json::fields_of(self.params?, ["_meta"])?;
        let [version] = json::fields_of(meta?, [VERSION])?;
        string(version?)
    }

    /// What names the request's aim in `Mcp-Name` (MCP 2026-07-28, basic/transports/streamable-http).
    pub(crate) fn name(&self) -> Option<String> {
        let field = match &*self.method {
            "tools/call" | "prompts/get" => "name",
            "resources/read" => "uri",
            _ => return None,
        };
        let [name] = json::fields_of(self.params?, [field])?;
        string(name?)
    }

    /// Returns whether it may be done twice. One that answers a server that wanted input may not.
    pub(crate) fn is_safe(&self) -> bool {
        is_idempotent(&self.method) && !self.is_retry()
    }

    /// Returns whether it answers a server that wanted input (MCP 2026-07-28, basic/patterns/mrtr).
    fn is_retry(&self) -> bool {
        let fields =
            self.params.and_then(|params| json::fields_of(params, ["requestState", "inputResponses"]));
        fields.is_some_and(|fields| fields.iter().any(Option::is_some))
    }
}

/// A message that came in, as far as HTTP must know it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'a> {
    /// The id, if it is a response that names one.
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) result: Option<&'a RawValue>,
    pub(crate) error: Option<&'a RawValue>,
    pub(crate) is_response: bool,
    /// It is a result by all the rules of JSON-RPC.
    is_result: bool,
    /// It is a request of the server.
    pub(crate) is_request: bool,
}

impl<'a> Heard<'a> {
    /// `None` if it is no JSON object.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let names = ["jsonrpc", "id", "method", "result", "error"];
        let [version, id, method, result, error] = json::fields(text, names).ok()?;
        let there = |raw: Option<&'a RawValue>| raw.filter(|raw| !json::is_null(raw));
        let (result_or_null, error) = (result, there(error));
        let is_response = there(method).is_none() && (result_or_null.is_some() || error.is_some());
        let is_request = there(method).is_some() && id.is_some();
        let result = there(result);
        let is_result = is_response && result.is_some() && error.is_none() && is_version(version);
        Some(Self { id: there(id), result, error, is_response, is_result, is_request })
    }

    /// Where in this text, of which it was read, its result is, if it is one.
    pub(crate) fn result_in(&self, text: &str) -> Option<Range<usize>> {
        let result = self.result.filter(|_| self.is_result)?.get();
        let begin = result.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        Some(begin..begin.checked_add(result.len())?)
    }

    /// The request of ours that it answers.
    pub(crate) fn answers(&self) -> Option<RequestId> {
        self.id.filter(|_| self.is_response).and_then(|id| own_id(id.get()))
    }

    /// The code of its error.
    pub(crate) fn code(&self) -> Option<i64> {
        crate::jsonrpc::error::ServerError::read(self.error?).code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(text: &str) -> Option<&str> {
        text.get(Heard::of(text.trim_ascii())?.result_in(text)?)
    }

    #[test]
    fn a_result_is_found_where_it_is_and_only_where_the_message_is_one() {
        for (text, found) in [
            (r#"{"jsonrpc":"2.0","id":1,"result":{"a": "ä"}}"#, r#"{"a": "ä"}"#),
            (" \n{\"result\": [1.0] ,\"jsonrpc\":\"2.0\",\"id\":\"1\"} ", "[1.0]"),
            (r#"{"jsonrpc":"2.0","id":1,"result":2,"error":null,"method":null}"#, "2"),
            (r#"{"jsonrpc":"2.0","id":1,"result":1,"result":2}"#, "2"),
        ] {
            assert_eq!(result(text), Some(found), "{text}");
        }
        for text in [
            r#"{"id":1,"result":{}}"#,
            r#"{"jsonrpc":"1.0","id":1,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"m","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{}"#,
            "[]",
        ] {
            assert_eq!(result(text), None, "{text}");
        }
    }
}
