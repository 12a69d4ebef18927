//! A small server over HTTP on loopback, and what it heard.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// The whole of it must never be shown.
pub(crate) const SESSION: &str = "0123456789-session";

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) message: Value,
}

impl Heard {
    /// The message's method, or that of HTTP.
    pub(crate) fn name(&self) -> &str {
        self.message["method"].as_str().unwrap_or(&self.method)
    }
}

/// A status, headers and a body.
pub(crate) type Answer = (u16, Vec<(&'static str, String)>, String);

pub(crate) struct Web {
    scheme: &'static str,
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Web {
    /// A server that answers as it should.
    pub(crate) fn new() -> Self {
        Self::answering(|_| None)
    }

    /// One that answers so, and as it should where that is `None`.
    pub(crate) fn answering(
        answer: impl Fn(&Heard) -> Option<Answer> + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::started(answer, None)
    }

    /// One that answers as it should, by TLS.
    pub(crate) fn secure(tls: Arc<ServerConfig>) -> Self {
        Self::started(|_| None, Some(tls))
    }

    fn started(
        answer: impl Fn(&Heard) -> Option<Answer> + Clone + Send + Sync + 'static,
        tls: Option<Arc<ServerConfig>>,
    ) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (kept, stopped) = (heard.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            for socket in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (kept, answer, tls, socket) =
                    (kept.clone(), answer.clone(), tls.clone(), socket.unwrap());
                std::thread::spawn(move || match tls {
                    Some(tls) => {
                        let secure = ServerConnection::new(tls).unwrap();
                        serve(StreamOwned::new(secure, socket), &kept, answer);
                    }
                    None => serve(socket, &kept, answer),
                });
            }
        });
        Self { scheme, address, heard, stop, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}/mcp?key=query-secret", self.scheme, self.address)
    }

    /// Its URL by a name of this machine that isn't known to stay on it.
    pub(crate) fn url_off_loopback(&self) -> String {
        format!("{}://0.0.0.0:{}/mcp", self.scheme, self.address.port())
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        self.thread.take().unwrap().join().unwrap();
    }
}

/// One request; the connection is closed behind it.
fn serve(mut socket: impl Read + Write, kept: &Mutex<Vec<Heard>>, answer: impl Fn(&Heard) -> Option<Answer>) {
    let Some(heard) = read(&mut socket) else { return };
    kept.lock().unwrap().push(heard.clone());
    let (status, headers, body) = answer(&heard).unwrap_or_else(|| proper(&heard));
    let length = ("content-length", body.len().to_string());
    let headers = headers.iter().chain([&length]).map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = headers.collect();
    let text = format!("HTTP/1.1 {status} So\r\nconnection: close\r\n{headers}\r\n{body}");
    // A client that has gone hears nothing.
    let _ = socket.write_all(text.as_bytes());
}

fn read(socket: &mut impl Read) -> Option<Heard> {
    let mut reader = BufReader::new(socket);
    let mut lines = std::iter::from_fn(|| {
        let mut line = String::new();
        (reader.read_line(&mut line).ok()? > 2).then(|| line.trim_end().to_owned())
    });
    let method = lines.next()?.split(' ').next()?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())))
        .collect();
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Heard { method, headers, message: serde_json::from_slice(&body).unwrap_or_default() })
}

/// As a legacy server answers.
pub(crate) fn proper(heard: &Heard) -> Answer {
    let session = vec![("mcp-session-id", SESSION.to_owned())];
    match heard.name() {
        "initialize" => {
            let result = json!({
                "protocolVersion": "2025-11-25",
                "capabilities": offered(),
                "serverInfo": { "name": "web", "version": "1" },
            });
            answered(heard, session, &result)
        }
        "ping" => answered(heard, Vec::new(), &json!({})),
        "DELETE" => (200, Vec::new(), String::new()),
        "GET" => (405, Vec::new(), String::new()),
        _ if heard.message["id"].is_null() => (202, Vec::new(), String::new()),
        name => result(name).map_or_else(|| unknown(heard), |result| answered(heard, Vec::new(), &result)),
    }
}

/// As a modern server answers.
pub(crate) fn modern(heard: &Heard) -> Answer {
    let result = match heard.name() {
        "server/discover" => Some(json!({
            "supportedVersions": ["2026-07-28"],
            "capabilities": offered(),
            "_meta": { "io.modelcontextprotocol/serverInfo": { "name": "web", "version": "1" } },
        })),
        "GET" | "DELETE" => return (405, Vec::new(), String::new()),
        name => result(name),
    };
    let Some(mut result) = result else { return unknown(heard) };
    result["resultType"] = "complete".into();
    result["ttlMs"] = 0.into();
    result["cacheScope"] = "private".into();
    answered(heard, Vec::new(), &result)
}

fn offered() -> Value {
    json!({ "tools": { "listChanged": true }, "resources": {}, "prompts": {}, "completions": {} })
}

/// What is the same in both eras.
fn result(name: &str) -> Option<Value> {
    Some(match name {
        "tools/list" => {
            json!({ "tools": [{ "name": "echo", "description": "says it again", "inputSchema": {} }] })
        }
        "tools/call" => json!({ "content": [{ "type": "text", "text": "hi" }] }),
        "resources/list" => json!({ "resources": [{ "uri": "file:///b", "name": "b" }] }),
        "prompts/list" => json!({ "prompts": [{ "name": "greet", "description": "says hello" }] }),
        "prompts/get" => {
            json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": "hello" } }] })
        }
        "completion/complete" => json!({ "completion": { "values": ["Ada"] } }),
        _ => return None,
    })
}

fn unknown(heard: &Heard) -> Answer {
    let error = json!({ "code": -32601, "message": "what?" });
    let body = json!({ "jsonrpc": "2.0", "id": heard.message["id"], "error": error });
    (200, json_body(Vec::new()), body.to_string())
}

pub(crate) fn answered(heard: &Heard, headers: Vec<(&'static str, String)>, result: &Value) -> Answer {
    let body = json!({ "jsonrpc": "2.0", "id": heard.message["id"], "result": result });
    (200, json_body(headers), body.to_string())
}

fn json_body(mut headers: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    headers.push(("content-type", "application/json".to_owned()));
    headers
}
