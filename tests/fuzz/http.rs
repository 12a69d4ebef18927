//! A session over HTTP without a socket: what is to be opened out, heads and bodies in.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use serde_json::value::RawValue;
use tenure_mcp_proto::http::{Endpoint, ExchangeId, Exchanges, Output, Settings};
use tenure_mcp_proto::{CallError, Connection, Eras, Event, Incoming, Options};

/// The only time there is, unless a target lets it pass.
pub(crate) const NOW: Duration = Duration::from_secs(1000);

/// What a connection hears, kept.
#[derive(Debug)]
pub(crate) enum Heard {
    Message(Vec<u8>),
    Answer,
    Oversized,
    Fault(String),
    Failed(CallError),
}

pub(crate) struct Session {
    connection: Connection,
    pub(crate) exchanges: Exchanges,
}

impl Session {
    /// One that is open, with nothing under way.
    pub(crate) fn open(eras: Eras) -> Self {
        let connection = Connection::new(Options::default().client("c", "1").eras(eras).exchanges(true));
        let endpoint = Endpoint::parse("http://localhost/mcp").expect("a URL");
        let mut session = Self { connection, exchanges: Exchanges::new(Settings::new(endpoint)) };
        session.connection.start(NOW).expect("it begins");
        let opening = session.sent();
        let result = match eras {
            Eras::Legacy => {
                r#""protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}"#
            }
            _ => {
                r#""resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}}"#
            }
        };
        let result = format!("{{{result}}}");
        session.answer(opening, 1, &result);
        session.tell_all();
        if eras == Eras::Legacy {
            let confirmed = session.sent();
            session.respond(confirmed, 202, None, b"");
            let (stream, _) = session.opened().expect("the stream of the server");
            session.respond(stream, 405, None, b"");
            session.tell_all();
        }
        assert!(matches!(session.connection.poll_event(), Some(Event::Ready(_))), "the opening");
        session
    }

    /// A request, if it may be sent.
    pub(crate) fn request(
        &mut self,
        method: &str,
        params: Option<&RawValue>,
    ) -> Option<(ExchangeId, Request<bytes::Bytes>)> {
        self.connection.request(NOW, method, params, None).expect("it is ready");
        let message = self.connection.poll_message().expect("the request");
        self.exchanges.send(NOW, message);
        self.opened()
    }

    /// What is to be opened next.
    pub(crate) fn opened(&mut self) -> Option<(ExchangeId, Request<bytes::Bytes>)> {
        while let Some(output) = self.exchanges.poll() {
            if let Output::Open { exchange, request, .. } = output {
                return Some((exchange, request));
            }
        }
        None
    }

    pub(crate) fn head(&mut self, exchange: ExchangeId, status: u16, kind: Option<&'static str>) {
        let mut headers = HeaderMap::new();
        headers.extend(kind.map(|kind| (header::CONTENT_TYPE, HeaderValue::from_static(kind))));
        let status = StatusCode::from_u16(status).expect("a status");
        self.exchanges.head(NOW, exchange, status, &headers);
    }

    /// The answer of a request that has this id, in JSON.
    pub(crate) fn answer(&mut self, exchange: ExchangeId, id: u64, result: &str) {
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#);
        self.respond(exchange, 200, Some("application/json"), body.as_bytes());
    }

    /// What the connection is to hear.
    pub(crate) fn heard(&mut self) -> Vec<Heard> {
        let mut all = Vec::new();
        while let Some(incoming) = self.exchanges.poll_incoming() {
            all.push(match incoming {
                Incoming::Message(bytes) => Heard::Message(bytes.to_owned()),
                Incoming::During { message, .. } => Heard::Message(message.to_owned()),
                Incoming::Answer { .. } | Incoming::Result { .. } => Heard::Answer,
                Incoming::Oversized(_) => Heard::Oversized,
                Incoming::Fault { what } => Heard::Fault(what),
                Incoming::Failed { error, .. } => Heard::Failed(error),
                other => panic!("{other:?}"),
            });
        }
        all
    }

    fn respond(&mut self, exchange: ExchangeId, status: u16, kind: Option<&'static str>, body: &[u8]) {
        self.head(exchange, status, kind);
        self.exchanges.body(NOW, exchange, body);
        self.exchanges.end(NOW, exchange);
    }

    /// The exchange of the next message of the connection.
    fn sent(&mut self) -> ExchangeId {
        let message = self.connection.poll_message().expect("a message");
        self.exchanges.send(NOW, message);
        self.opened().expect("it is sent").0
    }

    fn tell_all(&mut self) {
        while let Some(incoming) = self.exchanges.poll_incoming() {
            self.connection.handle_message_at(NOW, incoming);
        }
    }
}
