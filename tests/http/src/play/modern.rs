//! The era without sessions (MCP 2026-07-28, basic/transports/streamable-http).

use serde_json::{Value, json};

use crate::journal::Request;
use crate::play::{PROTOCOL, Play, executing};
use crate::reply::{Reply, Step};

impl Play {
    pub(super) fn modern(&mut self, request: &Request) -> Reply {
        if request.method != "POST" {
            return Reply::status(405).header("Allow", "POST");
        }
        if let Some(refusal) = refusal(request) {
            return refusal;
        }
        match request.rpc() {
            Some("server/discover") => self.modern_result(discovered(), false),
            Some("subscriptions/listen") => self.listen(request),
            Some(_) if request.id().is_null() => Reply::status(202),
            _ => match self.result(request) {
                Some((result, executes)) => self.modern_result(result, executes),
                None => Reply::error(404, -32601, "no such method"),
            },
        }
    }

    fn modern_result(&self, mut result: Value, executes: bool) -> Reply {
        result["resultType"] = json!("complete");
        let reply =
            if self.streams_answers { Reply::sse().event_result(&result) } else { Reply::result(&result) };
        Reply { steps: executing(executes, reply.steps.clone()), ..reply }
    }

    fn listen(&mut self, request: &Request) -> Reply {
        let stream = self.streams.open();
        let id = request.id().clone();
        let params = json!({
            "notifications": request.json["params"]["notifications"],
            "_meta": { "io.modelcontextprotocol/subscriptionId": id },
        });
        let method = "notifications/subscriptions/acknowledged";
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.streams.say(stream, &format!("data: {message}\n\n"));
        self.listening.push((stream, Some(id)));
        Reply::sse().step(Step::Follow { stream, from: 0 })
    }
}

fn discovered() -> Value {
    json!({
        "supportedVersions": [PROTOCOL],
        "capabilities": { "tools": { "listChanged": true }, "prompts": {}, "resources": {} },
        "_meta": { "io.modelcontextprotocol/serverInfo": { "name": "http", "version": "1" } },
        "ttlMs": 0,
        "cacheScope": "private",
    })
}

/// Why this request is not taken, if it isn't.
fn refusal(request: &Request) -> Option<Reply> {
    let header = request.header("mcp-protocol-version");
    let said = request.json["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].as_str();
    let is_mismatch = said != header || request.header("mcp-method") != request.rpc();
    if is_mismatch && (said.is_some() || header == Some(PROTOCOL)) {
        return Some(Reply::error(400, -32020, "the headers are not those of the body"));
    }
    if said == Some(PROTOCOL) {
        return None;
    }
    let data = json!({ "supported": [PROTOCOL], "requested": said });
    let error = json!({ "code": -32022, "message": "Unsupported protocol version", "data": data });
    Some(Reply::json(400, &json!({ "jsonrpc": "2.0", "id": "$ID", "error": error })))
}
