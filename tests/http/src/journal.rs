//! What came, and what became of it.

use serde_json::Value;

/// One HTTP request, as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its place in the journal, from 0.
    pub number: usize,
    /// Which connection it came on, from 0.
    pub connection: usize,
    /// How many came before it on that connection.
    pub before: usize,
    /// `POST`.
    pub method: String,
    /// The path, with the query.
    pub target: String,
    /// In order, with the names as they came.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
    /// The body, if it is JSON; else null.
    pub json: Value,
    /// Whether it was answered at its head: the body was not read.
    pub is_early: bool,
    /// Whether the server has written its answer to the end.
    pub is_answered: bool,
    /// Whether the client closed the connection before that.
    pub is_dropped: bool,
}

impl Request {
    /// The header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| &**value)
    }

    /// The JSON-RPC method of a request or a notification.
    pub fn rpc(&self) -> Option<&str> {
        self.json["method"].as_str()
    }

    /// The JSON-RPC id; null if there is none.
    pub fn id(&self) -> &Value {
        &self.json["id"]
    }

    /// By what a tool call is known here: its argument `text`.
    pub fn key(&self) -> Option<&str> {
        let is_call = self.rpc() == Some("tools/call");
        self.json["params"]["arguments"]["text"].as_str().filter(|_| is_call)
    }

    /// The id of the session that it names.
    pub fn session(&self) -> Option<&str> {
        self.header("mcp-session-id")
    }

    /// Returns whether it answers something that the server asked.
    pub fn is_reply(&self) -> bool {
        self.method == "POST" && self.json.is_object() && self.rpc().is_none()
    }
}

/// A tool call that the server has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// By what it is known: its argument `text`.
    pub key: String,
    /// Which request asked for it.
    pub request: usize,
}

/// What came, what of it was executed, and what in it no client should send.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// Each whole request, in the order in which they were complete.
    pub requests: Vec<Request>,
    /// Each tool call that was done, in order.
    pub executions: Vec<Execution>,
    /// What no client should send, in words.
    pub faults: Vec<String>,
    /// How many connections there were.
    pub connections: usize,
    /// How many of them are open.
    pub open: usize,
    /// How many requests waited for the end of their answer at once.
    pub most_waiting: usize,
}

impl Journal {
    /// The requests with that JSON-RPC method.
    pub fn rpc(&self, method: &str) -> Vec<&Request> {
        self.requests.iter().filter(|request| request.rpc() == Some(method)).collect()
    }

    /// The requests with that HTTP method.
    pub fn http(&self, method: &str) -> Vec<&Request> {
        self.requests.iter().filter(|request| request.method == method).collect()
    }

    /// How often the call that is known by `key` was done.
    pub fn executed(&self, key: &str) -> usize {
        self.executions.iter().filter(|it| it.key == key).count()
    }

    /// What came, in short: the JSON-RPC method, `reply` or the HTTP method.
    pub fn story(&self) -> Vec<&str> {
        self.requests.iter().map(short).collect()
    }
}

fn short(request: &Request) -> &str {
    match request.rpc() {
        Some(method) => method,
        None if request.is_reply() => "reply",
        None => &request.method,
    }
}
