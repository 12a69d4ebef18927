//! A connection that was opened on one version, by a script.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json, value::RawValue};
use tenure_mcp_proto::{ClientFeature, Connection, Eras, Event, Incoming, Options, RequestOptions, Server};

use crate::Spec;

pub const T0: Duration = Duration::ZERO;

/// A connection to a server that a test plays.
#[derive(Debug)]
pub struct Client {
    pub connection: Connection,
    /// All that was sent, in order.
    pub sent: Vec<Value>,
}

/// Options that offer all that can be offered, on one version alone.
pub fn options(spec: &Spec) -> Options {
    let options = Options::default()
        .client("tenure", "1.0")
        .client_title("Tenure")
        .client_description("A client")
        .client_website_url("https://example.org/")
        .client_icons(raw(&json!([{ "src": "https://example.org/icon.png", "theme": "dark" }])));
    let options = [
        ClientFeature::Sampling,
        ClientFeature::FormElicitation,
        ClientFeature::UrlElicitation,
        ClientFeature::Roots,
    ]
    .into_iter()
    .fold(options, Options::offer);
    if spec.is_legacy() {
        options.versions(spec.version, [] as [&str; 0])
    } else {
        options.eras(Eras::Modern)
    }
}

/// What a server answers the opening request of a version with.
pub fn opening_answer(spec: &Spec) -> Value {
    let server = json!({ "name": "s", "version": "1" });
    if spec.is_legacy() {
        json!({ "protocolVersion": spec.version, "capabilities": {}, "serverInfo": server })
    } else {
        json!({
            "resultType": "complete", "supportedVersions": [spec.version], "capabilities": {},
            "ttlMs": 0, "cacheScope": "private", "_meta": { "io.modelcontextprotocol/serverInfo": server },
        })
    }
}

impl Client {
    /// A connection on which nothing has happened.
    pub fn new(options: Options) -> Self {
        Self { connection: Connection::new(options), sent: Vec::new() }
    }

    /// A connection on which nothing but the opening has happened.
    ///
    /// # Panics
    /// When it can't be opened.
    pub fn open(spec: &Spec) -> Self {
        let mut client = Self::new(options(spec));
        let server = client.open_with(&opening_answer(spec));
        assert_eq!(server.protocol_version, spec.version);
        client
    }

    /// Opens it, with this answer.
    ///
    /// # Panics
    /// When it can't be opened.
    pub fn open_with(&mut self, answer: &Value) -> Server {
        self.connection.start(T0).expect("it starts");
        let id = self.send();
        self.answer(&id, answer);
        match self.connection.poll_event() {
            Some(Event::Ready(server)) => {
                self.send();
                Arc::unwrap_or_clone(server)
            }
            other => panic!("it does not open: {other:?}"),
        }
    }

    /// Takes what there is to send. Returns the id of the last message, if it has one.
    ///
    /// # Panics
    /// When it is no JSON, or has a newline in it.
    pub fn send(&mut self) -> Value {
        while let Some(message) = self.connection.poll_message() {
            assert!(!message.as_bytes().contains(&b'\n'));
            self.sent.push(serde_json::from_slice(message.as_bytes()).expect("what is sent is JSON"));
        }
        self.sent.last().map_or(Value::Null, |last| last["id"].clone())
    }

    /// A message came from the server.
    pub fn hear(&mut self, message: &Value) {
        self.connection.handle_message(Incoming::Message(message.to_string().as_bytes()));
    }

    /// The server answers a request with a result.
    pub fn answer(&mut self, id: &Value, result: &Value) {
        self.hear(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    }

    /// Sends a request. Returns its id.
    ///
    /// # Panics
    /// When it is refused.
    pub fn ask(&mut self, method: &str, params: Option<&RawValue>, options: RequestOptions) -> Value {
        self.connection.request_with(T0, method, params, options).expect("it is taken");
        self.send()
    }

    /// All events that wait.
    pub fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.connection.poll_event()).collect()
    }
}

/// JSON as it goes through the library.
///
/// # Panics
/// Never: a value is JSON.
pub fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).expect("it is JSON")
}
