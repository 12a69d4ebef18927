//! What a message of the dialogue is, as far as HTTP must know it.

use serde_json::value::RawValue;

use crate::http::idempotent::is_idempotent;
use crate::jsonrpc::id::{RequestId, own_id};
use crate::jsonrpc::json;
use crate::jsonrpc::known::known;
use crate::jsonrpc::string::string;

/// The mark of the modern era in each request (MCP 2026-07-28, basic/index, "Per-request protocol fields").
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// One message that goes out.
#[derive(Debug)]
pub(crate) enum Look {
    Request(Asked),
    Notification {
        method: String,
    },
    /// An answer to a request of the server.
    Reply,
}

/// A request that goes out.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: RequestId,
    pub(crate) method: String,
    pub(crate) params: Option<Box<RawValue>>,
    /// The version that its `_meta` names.
    pub(crate) version: Option<String>,
    /// The answer to a server that wanted input (MCP 2026-07-28, basic/patterns/mrtr).
    pub(crate) is_retry: bool,
}

impl Look {
    /// What goes out was written by the dialogue, and is JSON.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let message = known(std::str::from_utf8(bytes).unwrap_or("{}"));
        let [id, method, params] = json::fields_of(message, ["id", "method", "params"]).unwrap_or_default();
        let Some(method) = method.and_then(string) else {
            return Self::Reply;
        };
        let Some(id) = id.and_then(|id| own_id(id.get())) else {
            return Self::Notification { method };
        };
        let fields =
            params.and_then(|params| json::fields_of(params, ["_meta", "requestState", "inputResponses"]));
        let [meta, state, inputs] = fields.unwrap_or_default();
        let version = meta.and_then(|meta| json::fields_of(meta, [VERSION]));
        let version = version.and_then(|[version]| version).and_then(string);
        let is_retry = state.is_some() || inputs.is_some();
        Self::Request(Asked { id, method, params: params.map(ToOwned::to_owned), version, is_retry })
    }
}

impl Asked {
    /// What names the request's aim in `Mcp-Name` (MCP 2026-07-28, basic/transports/streamable-http).
    pub(crate) fn name(&self) -> Option<String> {
        let field = match self.method.as_str() {
            "tools/call" | "prompts/get" => "name",
            "resources/read" => "uri",
            _ => return None,
        };
        let [name] = json::fields_of(self.params.as_ref()?, [field])?;
        name.and_then(string)
    }

    /// Returns whether it may be done twice. One that answers a server that wanted input may not.
    pub(crate) fn is_safe(&self) -> bool {
        is_idempotent(&self.method) && !self.is_retry
    }
}

/// A message that came in, as far as HTTP must know it.
#[derive(Debug)]
pub(crate) struct Heard<'a> {
    /// The id, if it is a response that names one.
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) result: Option<&'a RawValue>,
    pub(crate) error: Option<&'a RawValue>,
    pub(crate) is_response: bool,
    /// It is a request of the server.
    pub(crate) is_request: bool,
}

impl<'a> Heard<'a> {
    /// `None` if it is no JSON object.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let [id, method, result, error] = json::fields(text, ["id", "method", "result", "error"]).ok()?;
        let there = |raw: Option<&'a RawValue>| raw.filter(|raw| !json::is_null(raw));
        let (result_or_null, error) = (result, there(error));
        let is_response = there(method).is_none() && (result_or_null.is_some() || error.is_some());
        let is_request = there(method).is_some() && id.is_some();
        Some(Self { id: there(id), result: there(result), error, is_response, is_request })
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
