//! The client and its exchanges, and what is held against them at each step.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tenure_mcp_proto::http::{Endpoint, ExchangeId, Exchanges, HttpErrorKind, Output, Settings};
use tenure_mcp_proto::{CallError, ClientFeature, Connection, Eras, Event, Options};

use super::books::{Books, Life};
use super::carried::Head;
use super::ledger::Ledger;
use super::message::Kind;
use super::server::{self, EVENTS, JSON, OWN, URL};

/// A message or an event may have so many bytes.
pub(super) const LIMIT: usize = 1500;
pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) struct World {
    pub(super) connection: Connection,
    pub(super) exchanges: Exchanges,
    pub(super) books: Books,
    pub(super) ledger: Ledger,
    pub(super) now: Duration,
    /// The version of the credentials that requests go out with.
    pub(super) credentials: Option<u64>,
    /// Whether it is told at once that nobody can acquire the session any more.
    pub(super) retires: bool,
    pub(super) retired: bool,
}

impl World {
    pub(super) fn new(settings: u8, more: u8) -> Self {
        let eras = match settings & 3 {
            1 => Eras::Modern,
            2 => Eras::Auto,
            _ => Eras::Legacy,
        };
        let mut options = Options::default()
            .client("c", "1")
            .max_message(LIMIT)
            .max_in_flight(8)
            .max_events(4)
            .max_replies(8)
            .eras(eras)
            .exchanges(true);
        if settings & 0x20 != 0 {
            options = options.offer(ClientFeature::Roots);
        }
        if settings & 0x40 != 0 {
            options = options.handshake_timeout(Some(4 * SECOND)).discover_window(Some(SECOND));
        }
        let max_calls = if more & 1 == 0 { 3 } else { 1 };
        let mut own = HeaderMap::new();
        own.insert(HeaderName::from_static(OWN), HeaderValue::from_static("own"));
        own.insert(http::header::ORIGIN, HeaderValue::from_static("https://other.test"));
        let endpoint = Endpoint::parse(URL).expect("it is one");
        let tries_old = settings & 0x10 != 0;
        let of_http = Settings::new(endpoint).headers(own).max_message(LIMIT).max_exchanges(max_calls);
        let mut world = Self {
            connection: Connection::new(options),
            exchanges: Exchanges::new(of_http.old_transport(tries_old)),
            books: Books::new(max_calls, tries_old),
            ledger: Ledger::default(),
            now: Duration::ZERO,
            credentials: (more & 2 != 0).then_some(1),
            retires: more & 4 == 0,
            retired: false,
        };
        world.connection.start(world.now).expect("it begins");
        world.settle(0);
        // Most inputs begin where it gets interesting.
        if settings & 4 == 0 {
            world.open(settings & 8 == 0, more & 8 == 0);
        }
        world
    }

    fn open(&mut self, has_session: bool, listens: bool) {
        while let Some(exchange) = self.books.any(0) {
            let Some(carried) = self.books.get(exchange) else {
                return;
            };
            match carried.kind.clone() {
                Kind::Request { wire, method } => {
                    let mut headers = server::kind(JSON);
                    let is_modern = method == "server/discover";
                    if !is_modern && has_session {
                        server::put(&mut headers, "mcp-session-id", "s-1");
                    }
                    self.head(exchange, 200, &headers);
                    self.body(exchange, server::hello(is_modern, wire).as_bytes(), false);
                }
                Kind::Stream { .. } if listens => return self.head(exchange, 200, &server::kind(EVENTS)),
                Kind::Stream { .. } => self.head(exchange, 405, &HeaderMap::new()),
                _ => self.head(exchange, 202, &HeaderMap::new()),
            }
            self.exchanges.end(self.now, exchange);
            self.books.ended(exchange, None);
            self.settle(0);
        }
    }

    pub(super) fn retired(&mut self) {
        if self.books.life == Life::Retiring && !self.retired {
            self.retired = true;
            self.exchanges.retired(self.now);
        }
    }

    pub(super) fn head(&mut self, exchange: ExchangeId, status: u16, headers: &HeaderMap) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let head = Head {
            status,
            has_location: text("location").is_some(),
            has_retry_after: text("retry-after").is_some(),
        };
        self.books.head(exchange, head, text("mcp-session-id"));
        let status = StatusCode::from_u16(status).expect("it is one");
        self.exchanges.head(self.now, exchange, status, headers);
        self.settle(0);
    }

    pub(super) fn body(&mut self, exchange: ExchangeId, piece: &[u8], is_event: bool) {
        self.books.body(exchange, piece, is_event);
        self.exchanges.body(self.now, exchange, piece);
        self.settle(piece.len());
    }

    pub(super) fn time(&mut self, now: Duration) {
        self.now = self.now.max(now);
        self.exchanges.handle_timeout(self.now);
        let next = self.exchanges.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "{next:?} is left at {:?}", self.now);
        assert_ne!(next, Some(Duration::MAX), "the end of time is a deadline");
        self.connection.handle_timeout(self.now);
        self.settle(0);
    }

    /// Moves everything that can move by itself; it comes to rest, and no queue has held more than it may.
    pub(super) fn settle(&mut self, piece: usize) {
        let most = 64 + piece;
        let mut moved = 1;
        let mut steps = 0;
        while moved > 0 {
            moved = self.move_on(most);
            steps += moved;
            assert!(steps <= 40 * most, "it never comes to rest");
        }
        if self.books.life == Life::Ended {
            assert_eq!(self.exchanges.poll_timeout(), None, "something is due and all is over");
            self.books.nothing_open();
        }
        self.books.is_bounded(|wire| self.ledger.is_waited_for(wire));
    }

    fn move_on(&mut self, most: usize) -> usize {
        let (mut outputs, mut given, mut moved) = (0, 0, 0);
        while let Some(output) = self.exchanges.poll() {
            outputs += 1;
            self.take(output);
        }
        assert!(outputs <= most, "{outputs} outputs were held");
        while self.exchanges.has_incoming() {
            given += 1;
            let incoming = self.exchanges.poll_incoming().expect("it has some");
            self.connection.handle_message_at(self.now, incoming);
        }
        assert!(given <= most, "{given} messages were held");
        while let Some(event) = self.connection.poll_event() {
            moved += 1;
            let failed = matches!(event, Event::HandshakeFailed(_));
            self.is_told_in_time(&event);
            self.ledger.happened(event, &self.books);
            if failed && self.books.life == Life::Running {
                self.books.life = Life::Stopping;
                self.exchanges.stop(self.now);
            }
        }
        while let Some(id) = self.connection.poll_withdrawn() {
            moved += 1;
            self.exchanges.withdraw(self.now, id);
        }
        let message = if self.exchanges.takes_calls() {
            self.connection.poll_message()
        } else if self.exchanges.takes_replies() {
            self.connection.poll_reply()
        } else {
            None
        };
        if let Some(message) = message {
            moved += 1;
            let sent = serde_json::from_slice::<WireId>(message.as_bytes()).ok();
            if let Some(wire) = sent.filter(|sent| sent.method.is_some()).and_then(|sent| sent.id) {
                self.ledger.goes_out(message.request(), wire);
            }
            self.exchanges.send(self.now, message);
        }
        outputs + given + moved
    }

    /// Whoever hears that the session is gone can't acquire it again.
    fn is_told_in_time(&self, event: &Event) {
        if let Event::Response { result: Err(CallError::Http(error)), .. } = event
            && error.kind == HttpErrorKind::Expired
        {
            let is_gone = match self.books.life {
                Life::Running => false,
                Life::Retiring => self.retired,
                Life::Stopping | Life::Ending | Life::Ended => true,
            };
            assert!(is_gone, "told while the session can be acquired: {error:?}");
        }
    }

    fn take(&mut self, output: Output) {
        match output {
            Output::Open { exchange, request, .. } => {
                self.books.opened(self.now, exchange, &request);
                if let Some(version) = self.credentials {
                    self.exchanges.authorized(exchange, version);
                }
            }
            Output::Drop(exchange) => self.books.dropped(exchange),
            Output::AskCredentials { .. } => self.books.asked(),
            Output::Retiring(error) => {
                assert_eq!(self.books.life, Life::Running, "it retires");
                self.books.may_be_lost(&error);
                self.books.life = Life::Retiring;
                if self.retires {
                    self.retired();
                }
            }
            Output::Ended(_) => {
                assert_ne!(self.books.life, Life::Ended, "it is over twice");
                self.books.life = Life::Ended;
            }
            _ => {}
        }
    }

    /// Nobody wants anything any more: what is left ends in time, and the session in order.
    pub(super) fn end(&mut self) {
        if self.books.told() {
            // There are no others.
            self.exchanges.credentials(self.now, Ok(self.credentials.unwrap_or(0)));
            self.settle(0);
        }
        self.retired();
        self.settle(0);
        for id in self.ledger.all() {
            self.connection.cancel(id, None);
        }
        self.settle(0);
        // What is told to the server has a minute each, and the next ones wait behind it.
        for seconds in [1, 2, 5, 60, 120].into_iter().chain([61; 30]) {
            self.time(self.now.saturating_add(SECOND * seconds));
        }
        if self.books.life != Life::Ended {
            self.books.only_listens();
        }
        self.ledger.all_ended();
        let runs = self.books.life == Life::Running;
        if runs {
            self.books.life = Life::Stopping;
        }
        self.exchanges.stop(self.now);
        self.settle(0);
        let is_made = runs && self.books.has_session() && !self.books.is_opening();
        assert!(
            !is_made || self.books.life == Life::Ending,
            "a session is left behind: {:?}",
            self.books.life
        );
        for millis in [250, 1000] {
            self.time(self.now.saturating_add(Duration::from_millis(millis)));
        }
        assert!(self.books.life == Life::Ended || self.books.is_opening(), "it never ends");
        self.exchanges.abort();
        self.settle(0);
        assert_eq!(self.books.life, Life::Ended, "it was aborted");
        self.ledger.end(&mut self.connection, &self.books);
    }
}

/// The id under which a request goes out.
#[derive(serde::Deserialize)]
struct WireId {
    id: Option<u64>,
    method: Option<String>,
}
