//! What in a request no client should send.

use crate::journal::Request;
use crate::play::{Play, is_modern};

pub(crate) fn faults(play: &Play, request: &Request) -> Vec<String> {
    let mut faults = Faults { request, found: Vec::new() };
    faults.always();
    match &*request.method {
        "POST" => faults.post(),
        "GET" => faults.is("accept", Some("text/event-stream")),
        _ => {}
    }
    if is_modern(request) {
        faults.modern();
    } else {
        faults.legacy(play);
    }
    faults.found
}

struct Faults<'a> {
    request: &'a Request,
    found: Vec<String>,
}

impl Faults<'_> {
    fn say(&mut self, is_fault: bool, what: impl Into<String>) {
        if is_fault {
            self.found.push(what.into());
        }
    }

    fn is(&mut self, name: &str, expected: Option<&str>) {
        let header = self.request.header(name);
        self.say(header != expected, format!("{name} is {header:?} and not {expected:?}"));
    }

    fn always(&mut self) {
        for name in ["origin", "accept-encoding"] {
            self.is(name, None);
        }
        let names: Vec<_> = self.request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        for name in ["host", "content-type", "content-length", "accept", "mcp-session-id", "authorization"] {
            let times = names.iter().filter(|it| *it == name).count();
            self.say(times > 1, format!("{name} stands there {times} times"));
        }
    }

    fn post(&mut self) {
        self.is("content-type", Some("application/json"));
        self.is("accept", Some("application/json, text/event-stream"));
        self.say(self.request.header("content-length").is_none(), "no content-length");
        self.say(!self.request.json.is_object(), "the body is not one JSON object");
    }

    fn modern(&mut self) {
        let meta = &self.request.json["params"]["_meta"];
        let version = meta["io.modelcontextprotocol/protocolVersion"].as_str();
        self.is("mcp-protocol-version", version);
        self.is("mcp-method", self.request.rpc());
        for name in ["mcp-session-id", "last-event-id"] {
            self.is(name, None);
        }
        for name in ["clientCapabilities", "clientInfo"] {
            let is_there = meta[format!("io.modelcontextprotocol/{name}")].is_object();
            self.say(!is_there, format!("no {name} in _meta"));
        }
        self.say(self.request.rpc() == Some("notifications/cancelled"), "a cancel notice");
        let params = &self.request.json["params"];
        let name = match self.request.rpc() {
            Some("tools/call" | "prompts/get") => params["name"].as_str(),
            Some("resources/read") => params["uri"].as_str(),
            _ => None,
        };
        // Others are encoded; tests look at those.
        if name.is_none_or(|name| name.bytes().all(|byte| byte.is_ascii_graphic())) {
            self.is("mcp-name", name);
        }
    }

    fn legacy(&mut self, play: &Play) {
        if self.request.rpc() == Some("initialize") {
            for name in ["mcp-session-id", "mcp-protocol-version"] {
                self.is(name, None);
            }
            return;
        }
        let Some(id) = self.request.session() else {
            let is_needed = play.gives_sessions && !play.sessions.is_empty();
            return self.say(is_needed, "no session");
        };
        match play.sessions.iter().find(|session| session.id == id) {
            None => self.say(true, format!("the session {id} was never given")),
            // Whoever leaves at the head of the answer to `initialize` doesn't know it.
            Some(_)
                if self.request.method == "DELETE"
                    && self.request.header("mcp-protocol-version").is_none() => {}
            Some(session) => self.is("mcp-protocol-version", Some(&session.version)),
        }
    }
}
