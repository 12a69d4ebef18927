//! A connection over exchanges, and a server that is played by the test: no socket, no clock.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use serde_json::value::RawValue;
use tenure_mcp_proto::http::{
    Endpoint, ExchangeId, Exchanges, Failure, HttpError, Output, Reuse, Settings, Stage,
};
use tenure_mcp_proto::{CallError, ClientFeature, Connection, Delivery, Eras, Event, Options, RequestId};

pub(crate) const URL: &str = "https://example.test/mcp";
pub(crate) const JSON: &str = "application/json";
pub(crate) const EVENTS: &str = "text/event-stream";

/// A request that was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) exchange: ExchangeId,
    pub(crate) request: Request<Bytes>,
    pub(crate) reuse: Reuse,
}

impl Sent {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.request.body().to_vec()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).map(|value| value.to_str().unwrap())
    }

    /// The id of the message, as JSON.
    pub(crate) fn id(&self) -> String {
        let value: serde_json::Value = serde_json::from_slice(self.request.body()).unwrap();
        value.get("id").map(ToString::to_string).unwrap_or_default()
    }

    pub(crate) fn is(&self, method: &str) -> bool {
        self.text().contains(&format!("\"method\":\"{method}\""))
    }
}

pub(crate) struct World {
    pub(crate) connection: Connection,
    pub(crate) exchanges: Exchanges,
    pub(crate) now: Duration,
    pub(crate) sent: VecDeque<Sent>,
    pub(crate) dropped: Vec<ExchangeId>,
    pub(crate) asked: VecDeque<Option<u64>>,
    pub(crate) retiring: Option<HttpError>,
    /// That it is over: for that reason, or in order.
    pub(crate) over: Option<Result<(), HttpError>>,
    pub(crate) events: VecDeque<Event>,
    /// Whether the session's end is told to who acquires as soon as it retires.
    pub(crate) retires: bool,
}

pub(crate) fn settings() -> Settings {
    Settings::new(Endpoint::parse(URL).unwrap())
}

impl World {
    pub(crate) fn new(options: Options, settings: Settings) -> Self {
        let mut world = Self {
            connection: Connection::new(options.exchanges(true)),
            exchanges: Exchanges::new(settings),
            now: Duration::ZERO,
            sent: VecDeque::new(),
            dropped: Vec::new(),
            asked: VecDeque::new(),
            retiring: None,
            over: None,
            events: VecDeque::new(),
            retires: true,
        };
        world.connection.start(world.now).unwrap();
        world.settle();
        world
    }

    pub(crate) fn of(eras: Eras) -> Self {
        Self::new(Options::default().eras(eras), settings())
    }

    /// Ready, with a session.
    pub(crate) fn legacy() -> Self {
        Self::legacy_with(Options::default().eras(Eras::Legacy), settings())
    }

    pub(crate) fn legacy_with(options: Options, settings: Settings) -> Self {
        let mut world = Self::new(options, settings);
        world.initialize(Some("s-1"));
        let listen = world.next();
        assert_eq!(listen.request.method(), Method::GET);
        world.status(&listen, 405);
        world
    }

    /// Answers `initialize`, and takes `notifications/initialized`.
    pub(crate) fn initialize(&mut self, session: Option<&str>) {
        let sent = self.next();
        assert!(sent.is("initialize"), "{}", sent.text());
        let headers: Vec<_> = session.map(|id| ("mcp-session-id", id)).into_iter().collect();
        let result = r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"logging":{},"resources":{"subscribe":true}},"serverInfo":{"name":"s","version":"1"}}"#;
        self.answer_with(&sent, &headers, result);
        let confirm = self.next();
        assert!(confirm.is("notifications/initialized"));
        self.quiet();
        self.status(&confirm, 202);
        assert!(matches!(self.event(), Event::Ready(_)));
    }

    pub(crate) fn modern() -> Self {
        let mut world = Self::of(Eras::Modern);
        world.discover();
        world
    }

    pub(crate) fn discover(&mut self) {
        let sent = self.next();
        assert!(sent.is("server/discover"), "{}", sent.text());
        let result = r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"resources":{}}}"#;
        self.answer_with(&sent, &[], result);
        assert!(matches!(self.event(), Event::Ready(_)));
    }

    /// Moves everything that can move by itself.
    pub(crate) fn settle(&mut self) {
        loop {
            let mut moved = false;
            while let Some(output) = self.exchanges.poll() {
                moved = true;
                self.take(output);
            }
            while self.exchanges.has_incoming() {
                let incoming = self.exchanges.poll_incoming().unwrap();
                self.connection.handle_message_at(self.now, incoming);
                moved = true;
            }
            while let Some(event) = self.connection.poll_event() {
                self.events.push_back(event);
                moved = true;
            }
            while let Some(id) = self.connection.poll_withdrawn() {
                self.exchanges.withdraw(self.now, id);
                moved = true;
            }
            let message = if self.exchanges.takes_calls() {
                self.connection.poll_message()
            } else {
                self.connection.poll_reply()
            };
            if let Some(message) = message {
                self.exchanges.send(self.now, message);
                moved = true;
            }
            if !moved {
                return;
            }
        }
    }

    fn take(&mut self, output: Output) {
        match output {
            Output::Open { exchange, request, reuse } => {
                self.exchanges.authorized(exchange, 1);
                self.sent.push_back(Sent { exchange, request, reuse });
            }
            Output::Drop(exchange) => self.dropped.push(exchange),
            Output::AskCredentials { refused, .. } => self.asked.push_back(refused),
            Output::Retiring(error) => {
                assert!(self.retiring.is_none(), "it retires once");
                self.retiring = Some(error);
                if self.retires {
                    self.exchanges.retired(self.now);
                }
            }
            Output::Ended(error) => {
                assert!(self.over.is_none(), "it is over once");
                self.over = Some(error.map_or(Ok(()), Err));
            }
            _ => {}
        }
    }

    /// The next request that was sent.
    pub(crate) fn next(&mut self) -> Sent {
        self.settle();
        self.sent.pop_front().expect("nothing was sent")
    }

    pub(crate) fn nothing_sent(&mut self) {
        self.settle();
        assert!(self.sent.is_empty(), "{:?}", self.sent);
    }

    pub(crate) fn event(&mut self) -> Event {
        self.settle();
        self.events.pop_front().expect("nothing happened")
    }

    pub(crate) fn quiet(&mut self) {
        self.settle();
        assert!(self.events.is_empty(), "{:?}", self.events);
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.exchanges.handle_timeout(self.now);
        self.connection.handle_timeout(self.now);
        self.settle();
    }

    pub(crate) fn call(&mut self, method: &str, params: &str) -> RequestId {
        let params = RawValue::from_string(params.to_owned()).unwrap();
        let id = self.connection.request(self.now, method, Some(&params), None).unwrap();
        self.settle();
        id
    }

    /// A call of a tool, and the request that carries it.
    pub(crate) fn tool(&mut self) -> (RequestId, Sent) {
        let id = self.call("tools/call", r#"{"name":"t"}"#);
        (id, self.next())
    }

    /// A call whose stream says this, and ends before the answer.
    pub(crate) fn broken(&mut self, said: &str) -> (RequestId, Sent) {
        let (id, sent) = self.tool();
        self.stream(&sent);
        self.body(&sent, said);
        self.end(&sent);
        (id, sent)
    }

    /// A call whose stream broke behind an event, and the request that takes it up again.
    pub(crate) fn resumed(&mut self) -> (RequestId, Sent) {
        let (id, _) = self.broken("id: 1\nretry: 1\ndata:\n\n");
        self.pass(Duration::from_millis(1));
        let again = self.next();
        assert_eq!(again.request.method(), Method::GET);
        (id, again)
    }

    pub(crate) fn list(&mut self) -> (RequestId, Sent) {
        let id = self.call("tools/list", "{}");
        (id, self.next())
    }

    /// How a request ended, which is what happened last.
    pub(crate) fn ended(&mut self, wanted: RequestId) -> Result<String, CallError> {
        self.settle();
        let at =
            self.events.iter().position(|event| matches!(event, Event::Response { id, .. } if *id == wanted));
        match at.and_then(|at| self.events.remove(at)) {
            Some(Event::Response { result, .. }) => result.map(|raw| raw.get().to_owned()),
            _ => panic!("{wanted} has not ended: {:?}", self.events),
        }
    }

    pub(crate) fn is_open(&mut self, wanted: RequestId) -> bool {
        self.settle();
        !self.events.iter().any(|event| matches!(event, Event::Response { id, .. } if *id == wanted))
    }

    /// Why a request has no answer, by HTTP.
    pub(crate) fn failed(&mut self, id: RequestId) -> HttpError {
        match self.ended(id) {
            Err(CallError::Http(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn delivery(&mut self, id: RequestId) -> Delivery {
        self.failed(id).delivery
    }

    pub(crate) fn head(&mut self, sent: &Sent, status: u16, headers: &[(&str, &str)]) {
        let map = map(headers);
        self.exchanges.head(self.now, sent.exchange, StatusCode::from_u16(status).unwrap(), &map);
        self.settle();
    }

    pub(crate) fn body(&mut self, sent: &Sent, piece: &(impl AsRef<[u8]> + ?Sized)) {
        self.exchanges.body(self.now, sent.exchange, piece.as_ref());
        self.settle();
    }

    pub(crate) fn end(&mut self, sent: &Sent) {
        self.exchanges.end(self.now, sent.exchange);
        self.settle();
    }

    /// A whole answer.
    pub(crate) fn reply(&mut self, sent: &Sent, status: u16, headers: &[(&str, &str)], body: &str) {
        self.head(sent, status, headers);
        self.body(sent, body);
        self.end(sent);
    }

    pub(crate) fn status(&mut self, sent: &Sent, status: u16) {
        self.reply(sent, status, &[], "");
    }

    pub(crate) fn json(&mut self, sent: &Sent, status: u16, body: &str) {
        self.reply(sent, status, &[("content-type", JSON)], body);
    }

    pub(crate) fn answer_with(&mut self, sent: &Sent, headers: &[(&str, &str)], result: &str) {
        let mut headers = headers.to_vec();
        headers.push(("content-type", JSON));
        let body = format!(r#"{{"jsonrpc":"2.0","id":{},"result":{result}}}"#, sent.id());
        self.reply(sent, 200, &headers, &body);
    }

    pub(crate) fn answer(&mut self, sent: &Sent, result: &str) {
        self.answer_with(sent, &[], result);
    }

    /// A stream begins.
    pub(crate) fn stream(&mut self, sent: &Sent) {
        self.head(sent, 200, &[("content-type", EVENTS)]);
    }

    pub(crate) fn break_at(&mut self, sent: &Sent, stage: Stage, was_reused: bool) {
        let failure = Failure { stage, was_reused, is_permanent: false, reason: "broken".to_owned() };
        self.exchanges.failed(self.now, sent.exchange, failure);
        self.settle();
    }
}

pub(crate) fn map(headers: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(http::HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    map
}

pub(crate) fn result(id: &str, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

pub(crate) fn error(id: &str, code: i64) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"m"}}}}"#)
}

pub(crate) fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}

pub(crate) fn offering_roots() -> Options {
    Options::default().eras(Eras::Legacy).offer(ClientFeature::Roots)
}
