//! The era of sessions (MCP 2025-11-25, basic/transports, "Streamable HTTP").

use serde_json::{Value, json};

use crate::journal::Request;
use crate::play::{Play, executing};
use crate::reply::{Reply, Step};

const VERSIONS: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

impl Play {
    pub(super) fn legacy(&mut self, request: &Request) -> Reply {
        match &*request.method {
            "POST" => self.post(request),
            "GET" => self.get(request),
            "DELETE" => self.delete(request),
            _ => Reply::status(405),
        }
    }

    fn post(&mut self, request: &Request) -> Reply {
        if request.rpc() == Some("initialize") {
            return self.initialize(request);
        }
        if let Some(refusal) = self.refusal(request) {
            return refusal;
        }
        if request.id().is_null() || request.is_reply() {
            return Reply::status(202);
        }
        if request.rpc() == Some("ping") {
            return self.streamed(request, &json!({}), false);
        }
        match self.result(request) {
            Some((result, executes)) => self.streamed(request, &result, executes),
            None => Reply::error(200, -32601, "no such method"),
        }
    }

    fn initialize(&mut self, request: &Request) -> Reply {
        let asked = request.json["params"]["protocolVersion"].as_str();
        let version = VERSIONS.into_iter().find(|it| asked == Some(it)).unwrap_or(VERSIONS[0]);
        let capabilities = json!({
            "tools": { "listChanged": true }, "prompts": {}, "resources": { "subscribe": true },
        });
        let info = json!({ "name": "http", "version": "1" });
        let result = json!({ "protocolVersion": version, "capabilities": capabilities, "serverInfo": info });
        let reply = self.streamed(request, &result, false);
        if !self.gives_sessions {
            return reply;
        }
        reply.header("MCP-Session-Id", &format!("session-{}", self.sessions.len() + 1))
    }

    /// Why this request is not taken, if it isn't.
    fn refusal(&mut self, request: &Request) -> Option<Reply> {
        let version = request.header("mcp-protocol-version");
        if version.is_some_and(|version| !VERSIONS.contains(&version)) {
            return Some(unaddressed(400, -32000, "Bad Request: Unsupported protocol version"));
        }
        if !self.gives_sessions || self.session(request).is_some() {
            return None;
        }
        Some(match request.session() {
            Some(_) => unaddressed(404, -32001, "Session not found"),
            None => unaddressed(400, -32000, "Bad Request: No valid session ID provided"),
        })
    }

    /// A result, as JSON or as a stream that can be taken up.
    fn streamed(&mut self, request: &Request, result: &Value, executes: bool) -> Reply {
        if !self.streams_answers {
            return Reply {
                steps: executing(executes, Reply::result(result).steps),
                ..Reply::result(result)
            };
        }
        let stream = self.streams.open();
        // An event to take it up from comes first.
        self.streams.say(stream, &format!("id: {stream}-0\ndata:\n\n"));
        let message = json!({ "jsonrpc": "2.0", "id": request.id(), "result": result });
        self.streams.message(stream, &message);
        self.streams.end(stream);
        Reply { steps: executing(executes, vec![Step::Follow { stream, from: 0 }]), ..Reply::sse() }
    }

    fn get(&mut self, request: &Request) -> Reply {
        if let Some(refusal) = self.refusal(request) {
            return refusal;
        }
        if let Some(id) = request.header("last-event-id") {
            return match self.streams.position_after(id) {
                Some((stream, from)) => Reply::sse().step(Step::Follow { stream, from }),
                None => Reply::status(404),
            };
        }
        let stream = self.streams.open();
        if let Some(session) = self.session(request) {
            // The one before is not noticed to be gone, or was taken up elsewhere.
            let _ = session.listening.replace(stream);
        }
        self.listening.push((stream, None));
        Reply::sse().step(Step::Follow { stream, from: 0 })
    }

    fn delete(&mut self, request: &Request) -> Reply {
        if let Some(refusal) = self.refusal(request) {
            return refusal;
        }
        if let Some(session) = self.session(request) {
            session.is_alive = false;
            if let Some(stream) = session.listening.take() {
                self.streams.end(stream);
            }
        }
        Reply::status(200)
    }
}

/// An error that answers nothing in particular.
fn unaddressed(status: u16, code: i64, message: &str) -> Reply {
    let error = json!({ "code": code, "message": message });
    Reply::json(status, &json!({ "jsonrpc": "2.0", "id": null, "error": error }))
}
