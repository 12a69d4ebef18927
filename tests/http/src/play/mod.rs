//! What a correct server answers.

mod legacy;
mod modern;
mod session;
mod sessions;
mod streams;

use serde_json::{Value, json};

use crate::journal::Request;
use crate::reply::{Reply, Step};

use session::Session;
use streams::Streams;

/// The version of the modern era.
pub const PROTOCOL: &str = "2026-07-28";

/// Which eras a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// Versions up to 2025-11-25.
    Legacy,
    /// 2026-07-28.
    Modern,
    /// All of them.
    Both,
}

pub(crate) struct Play {
    speaks: Speaks,
    pub(crate) streams_answers: bool,
    pub(crate) gives_sessions: bool,
    pub(crate) tools: Value,
    pub(crate) sessions: Vec<Session>,
    pub(crate) streams: Streams,
    /// Streams of clients that listen, with the id of what they asked in the modern era.
    listening: Vec<(usize, Option<Value>)>,
}

impl Play {
    pub(crate) fn new(speaks: Speaks) -> Self {
        let schema = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
        Self {
            speaks,
            streams_answers: false,
            gives_sessions: true,
            tools: json!([{ "name": "echo", "inputSchema": schema }]),
            sessions: Vec::new(),
            streams: Streams::default(),
            listening: Vec::new(),
        }
    }

    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        let is_modern = is_modern(request);
        match self.speaks {
            Speaks::Modern => self.modern(request),
            Speaks::Both if is_modern => self.modern(request),
            Speaks::Legacy | Speaks::Both => self.legacy(request),
        }
    }

    /// The answer to a method that both eras have.
    fn result(&self, request: &Request) -> Option<(Value, bool)> {
        let params = &request.json["params"];
        match request.rpc()? {
            "tools/list" => Some((json!({ "tools": self.tools }), false)),
            "tools/call" => {
                let text = params["arguments"]["text"].as_str().unwrap_or_default();
                Some((text_result(text), true))
            }
            "prompts/list" => Some((json!({ "prompts": [{ "name": "greet" }] }), false)),
            "prompts/get" => {
                let content = json!({ "type": "text", "text": "hello" });
                Some((json!({ "messages": [{ "role": "user", "content": content }] }), false))
            }
            "resources/read" => {
                let contents = json!([{ "uri": params["uri"], "text": "read" }]);
                Some((json!({ "contents": contents }), false))
            }
            _ => None,
        }
    }

    /// Tells all who listen.
    pub(crate) fn tell(&mut self, method: &str, params: &Value) {
        for (stream, id) in &self.listening {
            let mut params = params.clone();
            if let Some(id) = id {
                params["_meta"] = json!({ "io.modelcontextprotocol/subscriptionId": id });
            }
            let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
            self.streams.message(*stream, &message);
        }
    }
}

/// With the call done first, if it is one.
fn executing(executes: bool, mut steps: Vec<Step>) -> Vec<Step> {
    if executes {
        steps.insert(0, Step::Execute);
    }
    steps
}

/// What `echo` gives.
fn text_result(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

/// Returns whether it carries its version with it.
pub(crate) fn is_modern(request: &Request) -> bool {
    request.json["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].is_string()
}
