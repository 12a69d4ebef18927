//! The server itself, with plain sockets.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tenure_bounds::blocking;
use tenure_http_server::{PROTOCOL, Reply, Server, Speaks, any, http, rpc};

/// One connection of a client that does as it is told.
struct Client {
    socket: BufReader<TcpStream>,
    host: String,
    session: Option<String>,
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

impl Client {
    fn new(server: &Server) -> Self {
        let socket = TcpStream::connect(server.host()).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { socket: BufReader::new(socket), host: server.host(), session: None }
    }

    /// Initialized, with a session.
    fn legacy(server: &Server) -> Self {
        let mut client = Self::new(server);
        let answer = client.call("initialize", &json!({ "protocolVersion": "2025-11-25" }));
        assert_eq!(answer.status, 200);
        client.session = answer.header("mcp-session-id").map(str::to_owned);
        let confirmed = client.post(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }), "");
        assert_eq!((confirmed.status, confirmed.body.len()), (202, 0));
        client
    }

    fn send(&mut self, method: &str, headers: &str, body: &str) {
        let session = self.session.as_deref().map_or_else(String::new, |session| {
            format!("MCP-Session-Id: {session}\r\nMCP-Protocol-Version: 2025-11-25\r\n")
        });
        let request =
            format!("{method} /mcp HTTP/1.1\r\nHost: {}\r\n{session}{headers}\r\n{body}", self.host);
        self.socket.get_mut().write_all(request.as_bytes()).unwrap();
    }

    fn send_post(&mut self, message: &Value, headers: &str) {
        let body = message.to_string();
        let headers = format!(
            "{headers}Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: {}\r\n",
            body.len()
        );
        self.send("POST", &headers, &body);
    }

    fn post(&mut self, message: &Value, headers: &str) -> Answer {
        self.send_post(message, headers);
        self.answer()
    }

    fn call(&mut self, method: &str, params: &Value) -> Answer {
        self.post(&json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }), "")
    }

    fn modern(&mut self, method: &str, mut params: Value, headers: &str) -> Answer {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": PROTOCOL,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {},
        });
        let headers = format!("MCP-Protocol-Version: {PROTOCOL}\r\nMcp-Method: {method}\r\n{headers}");
        self.post(&json!({ "jsonrpc": "2.0", "id": "a", "method": method, "params": params }), &headers)
    }

    fn head(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.socket.read_line(&mut head).unwrap() > 0, "{head:?}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: Vec::new() }
    }

    fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        if answer.header("transfer-encoding").is_some() {
            while let Some(chunk) = self.chunk() {
                answer.body.extend(chunk);
            }
            return answer;
        }
        let length = answer.header("content-length").map_or(0, |text| text.parse().unwrap());
        answer.body.resize(length, 0);
        self.socket.read_exact(&mut answer.body).unwrap();
        answer
    }

    fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut line = String::new();
        self.socket.read_line(&mut line).unwrap();
        let length = usize::from_str_radix(line.trim_end(), 16).unwrap();
        let mut chunk = vec![0; length + 2];
        self.socket.read_exact(&mut chunk).unwrap();
        chunk.truncate(length);
        (length > 0).then_some(chunk)
    }

    fn event(&mut self) -> String {
        String::from_utf8(self.chunk().unwrap()).unwrap()
    }

    /// How the connection ends: with what came until then.
    fn end(mut self) -> Result<Vec<u8>, ErrorKind> {
        let mut rest = Vec::new();
        self.socket.read_to_end(&mut rest).map_err(|error| error.kind())?;
        Ok(rest)
    }
}

fn echo(text: &str) -> Value {
    json!({ "name": "echo", "arguments": { "text": text } })
}

fn wait<T>(what: &str, future: impl Future<Output = T>) -> T {
    blocking(what, || futures_lite::future::block_on(future))
}

#[test]
fn a_legacy_session_from_its_beginning_to_its_end() {
    let server = Server::start(Speaks::Legacy);
    let mut client = Client::legacy(&server);
    assert_eq!(client.call("tools/call", &echo("hi")).json()["result"]["content"][0]["text"], "hi");
    assert_eq!(client.call("tools/list", &json!({})).json()["result"]["tools"][0]["name"], "echo");
    assert_eq!(client.call("no/such", &json!({})).json()["error"]["code"], -32601);
    client.send("DELETE", "", "");
    assert_eq!(client.answer().status, 200);
    assert_eq!(client.call("ping", &json!({})).status, 404);
    let journal = server.journal();
    assert_eq!(journal.executed("hi"), 1);
    assert_eq!(journal.faults, [""; 0]);
    assert_eq!((journal.connections, journal.open), (1, 1));
    let story =
        ["initialize", "notifications/initialized", "tools/call", "tools/list", "no/such", "DELETE", "ping"];
    assert_eq!(journal.story(), story);
    assert_eq!(journal.requests[2].before, 2);
}

#[test]
fn a_stream_is_listened_to_and_taken_up_again() {
    let server = Server::start(Speaks::Legacy);
    let mut client = Client::legacy(&server);
    let session = client.session.clone();
    client.send("GET", "Accept: text/event-stream\r\n", "");
    assert_eq!(client.head().header("content-type"), Some("text/event-stream"));
    for number in 0..3 {
        server.tell("notifications/message", &json!({ "data": number }));
    }
    let first = client.event();
    assert!(first.starts_with("id: 0-0\ndata: {"), "{first}");
    assert!(client.event().contains("\"data\":1"));
    drop(client);
    let mut client = Client { session, ..Client::new(&server) };
    client.send("GET", "Accept: text/event-stream\r\nLast-Event-ID: 0-0\r\n", "");
    client.head();
    assert!(client.event().contains("\"data\":1"));
    assert!(client.event().contains("\"data\":2"));
    assert_eq!(server.journal().faults, [""; 0]);
}

#[test]
fn answers_come_as_streams_if_they_are_to() {
    let server = Server::start(Speaks::Both);
    server.streams_answers(true);
    let mut client = Client::legacy(&server);
    let answer = String::from_utf8(client.call("tools/call", &echo("hi")).body).unwrap();
    assert!(
        answer.starts_with("id: 1-0\ndata:\n\nid: 1-1\ndata: {") && answer.contains("\"id\":7"),
        "{answer}"
    );
    client.send("GET", "Accept: text/event-stream\r\nLast-Event-ID: 1-0\r\n", "");
    let again = String::from_utf8(client.answer().body).unwrap();
    assert!(answer.ends_with(&again) && again.starts_with("id: 1-1\n"), "{again}");
    client.session = None;
    let modern = client.modern("tools/call", echo("ho"), "Mcp-Name: echo\r\n");
    assert!(modern.body.starts_with(b"data: {"));
    assert_eq!(server.journal().faults, [""; 0]);
}

#[test]
fn the_modern_era_is_spoken_and_its_headers_are_looked_at() {
    let server = Server::start(Speaks::Modern);
    let mut client = Client::new(&server);
    assert_eq!(
        client.modern("server/discover", json!({}), "").json()["result"]["supportedVersions"][0],
        PROTOCOL
    );
    assert_eq!(
        client.modern("tools/call", echo("hi"), "Mcp-Name: echo\r\n").json()["result"]["resultType"],
        "complete"
    );
    assert_eq!(client.modern("no/such", json!({}), "").status, 404);
    assert_eq!(server.journal().faults, [""; 0]);
    assert_eq!(client.call("initialize", &json!({})).json()["error"]["code"], -32022);
    let headers = "Mcp-Name: ego\r\nOrigin: http://x\r\nMcp-Session-Id: 5\r\n";
    client.modern("tools/call", echo("ho"), headers);
    assert_eq!(server.journal().faults.len(), 3, "{:#?}", server.journal().faults);
    let refused = client.post(
        &json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }),
        "MCP-Protocol-Version: 2026-07-28\r\n",
    );
    assert_eq!((refused.status, refused.json()["error"]["code"].as_i64()), (400, Some(-32020)));
    client.send_post(
        &json!({ "jsonrpc": "2.0", "id": "l", "method": "subscriptions/listen", "params": {
            "notifications": { "toolsListChanged": true },
            "_meta": { "io.modelcontextprotocol/protocolVersion": PROTOCOL },
        }}),
        &format!("MCP-Protocol-Version: {PROTOCOL}\r\nMcp-Method: subscriptions/listen\r\n"),
    );
    client.head();
    assert!(client.event().contains("acknowledged"));
    server.tell("notifications/tools/list_changed", &json!({}));
    assert!(client.event().contains("\"io.modelcontextprotocol/subscriptionId\":\"l\""));
}

#[test]
fn what_a_test_says_is_done_instead() {
    let server = Server::start(Speaks::Legacy);
    let mut client = Client::legacy(&server);
    let gate = server.gate();
    server.next(rpc("tools/call").key("a"), Reply::error(503, -32603, "no").header("Retry-After", "1"));
    server.next(
        rpc("tools/call"),
        Reply::sse().execute().piece(": hello $HOST\n\n").gate(&gate).event_result(&json!({})),
    );
    let answer = client.call("tools/call", &echo("a"));
    assert_eq!((answer.status, answer.json()["id"].as_i64()), (503, Some(7)));
    assert_eq!(server.journal().executions, []);
    client.send_post(&json!({ "jsonrpc": "2.0", "id": 8, "method": "tools/call", "params": echo("b") }), "");
    client.head();
    assert_eq!(client.event(), format!(": hello {}\n\n", server.host()));
    assert_eq!(server.journal().executed("b"), 1);
    gate.open();
    assert_eq!(client.event(), "data: {\"id\":8,\"jsonrpc\":\"2.0\",\"result\":{}}\n\n");
    assert!(client.chunk().is_none());
    // What it said of those is used up.
    assert_eq!(client.call("tools/call", &echo("a")).status, 200);
    // What is said of all holds for all.
    server.always(any(), Reply::status(204));
    for _ in 0..2 {
        let answer = client.call("ping", &json!({}));
        assert_eq!((answer.status, answer.header("content-length")), (204, None));
    }
}

#[test]
fn the_correct_answer_comes_byte_by_byte_or_late_or_in_half() {
    let server = Server::start(Speaks::Legacy);
    let mut client = Client::legacy(&server);
    let gate = server.gate();
    server.next(rpc("ping"), Reply::correct().bytewise().held(&gate).header("X-A", "1"));
    client.send_post(&json!({ "jsonrpc": "2.0", "id": 8, "method": "ping" }), "");
    gate.open();
    let answer = client.answer();
    assert_eq!((answer.json()["id"].as_i64(), answer.header("x-a")), (Some(8), Some("1")));
    server.next(rpc("ping"), Reply::correct().cut(40, false));
    client.send_post(&json!({ "jsonrpc": "2.0", "id": 9, "method": "ping" }), "");
    assert_eq!(client.end().unwrap().len(), 40);
    let mut client = Client::new(&server);
    server.next(any(), Reply::correct().cut(1, true));
    client.send_post(&json!({ "jsonrpc": "2.0", "id": 9, "method": "initialize" }), "");
    assert_eq!(client.end(), Err(ErrorKind::ConnectionReset));
}

#[test]
fn connections_end_as_they_are_told_to() {
    let server = Server::start(Speaks::Legacy);
    for (reply, end) in [
        (Reply::raw("HTTP/9 nonsense"), Ok(15)),
        (Reply::raw("").reset(), Err(ErrorKind::ConnectionReset)),
        (Reply::text(200, "x").close(), Ok(84)),
        (Reply::text(200, "abc").until_close(), Ok(86)),
        (Reply::raw("").repeat("x", 1_000_000), Ok(1_000_000)),
    ] {
        server.next(any(), reply.clone());
        let mut client = Client::new(&server);
        client.send("GET", "", "");
        assert_eq!(client.end().map(|all| all.len()), end, "{reply:?}");
    }
    assert!(server.journal().requests.iter().all(|request| !request.is_dropped));
}

#[test]
fn a_client_that_leaves_is_seen_to() {
    let server = Server::start(Speaks::Legacy);
    for reply in [
        Reply::sse().hold(),
        Reply::sse().gate(&server.gate()),
        Reply::sse().endless("x"),
        server.following(server.stream(), 0),
    ] {
        server.next(http("GET"), reply);
        let mut client = Client::new(&server);
        client.send("GET", "", "");
        client.head();
        drop(client);
    }
    wait(
        "all to be dropped",
        server.until(|journal| journal.requests.iter().filter(|it| it.is_dropped).nth(3).map(|_| ())),
    );
    wait("all to be closed", server.until(|journal| (journal.open == 0).then_some(())));
    assert_eq!(server.journal().connections, 4);
}

#[test]
fn dropped_it_has_ended_whatever_it_was_doing() {
    let server = Server::start(Speaks::Legacy);
    let never = server.gate();
    server.next(any(), Reply::sse().hold());
    server.next(any(), Reply::sse().gate(&never));
    server.next(any(), Reply::sse().endless("x"));
    server.next(any(), server.following(server.stream(), 0));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let mut client = Client::new(&server);
            client.send("GET", "", "");
            client.head();
            client
        })
        .collect();
    let idle = Client::new(&server);
    let host = server.host();
    blocking("the server to end", || drop(server));
    for client in clients.into_iter().chain([idle]) {
        let _ = client.end();
    }
    assert!(TcpStream::connect(host).is_err());
}

#[test]
fn what_no_client_should_send_is_noted() {
    let server = Server::start(Speaks::Legacy);
    let mut client = Client::new(&server);
    let odd = "Origin: x\r\nAccept-Encoding: gzip\r\nContent-Length: 2\r\nHost: again\r\n";
    client.send("POST", odd, "[]");
    client.answer();
    let mut client = Client::legacy(&server);
    client.session = None;
    client.call("ping", &json!({}));
    client.session = Some("made-up".to_owned());
    client.call("ping", &json!({}));
    client.send("GET", "", "");
    client.answer();
    let faults = server.journal().faults;
    for (part, times) in [
        ("origin is", 1),
        ("accept-encoding is", 1),
        ("content-type is", 1),
        ("accept is", 2),
        ("host stands there 2 times", 1),
        ("not one JSON object", 1),
        ("no session", 1),
        ("made-up was never given", 2),
    ] {
        assert_eq!(faults.iter().filter(|fault| fault.contains(part)).count(), times, "{part}: {faults:#?}");
    }
}
