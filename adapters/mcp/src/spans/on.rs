//! With the feature `tracing`.
//!
//! Nothing secret: of what is said to a server and by it only the methods, who it says that it is, and the codes of its
//! errors are told. No arguments, results or messages; nothing of its environment, its command or its standard error.

use std::sync::Arc;
use std::time::Duration;

use tenure::Generation;
use tenure_driver::Life;
use tenure_mcp_proto::{CallError, HandshakeError, ProtocolError, Server};
use tracing::level_filters::LevelFilter;
use tracing::{Level, debug, info, warn};

use crate::contradiction::Contradiction;
use crate::error::Error;
use crate::session::channel::Channel;
use crate::session::events::ServerEvent;
use crate::session::handle::Handle;

/// No more characters of a method that a server made up.
const MOST: usize = 100;

/// The span of one generation. The runner is in it already.
pub(crate) struct Span(tracing::Span);

impl Span {
    pub(crate) fn of(life: &Life<Handle>) -> Self {
        Self(life.span())
    }

    pub(crate) fn tell(&self, event: &ServerEvent) {
        match event {
            ServerEvent::Connected { server, pid } => self.record(server, *pid),
            ServerEvent::Notification { method, .. } => {
                let method = beginning(method);
                debug!(target: "tenure_mcp", method, "notification");
            }
            ServerEvent::ProtocolError(error) => {
                let (fault, code) = fault(error);
                warn!(target: "tenure_mcp", fault, code, "the server breaks the protocol");
            }
            ServerEvent::Dropped(dropped) => {
                warn!(target: "tenure_mcp", count = dropped.total(), "messages were too many and dropped");
            }
            ServerEvent::Subscribed { refused, .. } => {
                let is_whole = refused.is_empty();
                debug!(target: "tenure_mcp", is_whole, "subscribed");
            }
            ServerEvent::SubscriptionEnded { again, .. } => {
                warn!(target: "tenure_mcp", again, "the server ended the subscription");
            }
            ServerEvent::Gap => {
                debug!(target: "tenure_mcp", "what the server told may be missing");
            }
            ServerEvent::LogLevelRefused(_) => {
                warn!(target: "tenure_mcp", "the server refused the log level");
            }
            ServerEvent::WishNotSent(error) => {
                warn!(target: "tenure_mcp", %error, "a wish could not be sent");
            }
            ServerEvent::Unhandled { method, why } => {
                let (method, why) = (beginning(method), why.name());
                warn!(target: "tenure_mcp", method, why, "what the server asks for is not handled");
            }
            // The driver tells of an end, and of settings it is told before there is any generation.
            ServerEvent::Disconnected { .. } | ServerEvent::Contradiction(_) => {}
        }
    }

    fn record(&self, server: &Server, pid: Option<u32>) {
        let [name, version, protocol] =
            [&server.name, &server.version, &server.protocol_version].map(|text| beginning(text));
        self.0.record("server.name", name);
        self.0.record("server.version", version);
        self.0.record("server.protocol", protocol);
        if let Some(pid) = pid {
            self.0.record("server.pid", pid);
        }
        info!(
            target: "tenure_mcp",
            { server.name = name, server.version = version, server.protocol = protocol, server.pid = pid },
            "connected"
        );
    }
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(MOST).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Two settings of a session contradict each other.
pub(crate) fn contradicts(contradiction: &Contradiction) {
    warn!(target: "tenure_mcp", %contradiction, "settings contradict each other");
}

/// What it broke, without its words.
fn fault(error: &ProtocolError) -> (&'static str, Option<i64>) {
    match error {
        ProtocolError::Malformed { .. } => ("not a JSON-RPC message", None),
        ProtocolError::InvalidUtf8 { .. } => ("invalid UTF-8", None),
        ProtocolError::Oversized { .. } => ("an oversized message", None),
        ProtocolError::Unfinished { .. } => ("an unfinished message", None),
        ProtocolError::UnknownResponse { .. } => ("a response with an unknown id", None),
        ProtocolError::RepeatedResponse { .. } => ("a further response to a request", None),
        ProtocolError::UnaddressedError { code, .. } => ("an error without an id", *code),
        ProtocolError::InvalidId { .. } => ("an invalid id", None),
        ProtocolError::Batch => ("a batch", None),
        _ => ("another fault", None),
    }
}

/// Tells why a handshake failed, without the server's words.
pub(crate) fn handshake_failed(error: &HandshakeError) {
    let (reason, code) = match error {
        HandshakeError::UnsupportedVersion { .. } => ("unsupported version", None),
        HandshakeError::Rejected { error, .. } => ("rejected", error.code),
        HandshakeError::Malformed { .. } => ("malformed answer", None),
        HandshakeError::Failed(CallError::Protocol { .. }) => ("unreadable answer", None),
        // The others say it themselves.
        _ => return,
    };
    info!(target: "tenure_mcp", reason, code, "the handshake failed");
}

/// Tells of a call when it is over, and of one that is dropped before.
pub(crate) struct CallReport<'a> {
    method: &'a str,
    generation: Generation,
    begun: Option<Begun>,
    is_over: bool,
}

/// When it was made, by the session's own clock, and of whom.
struct Begun {
    at: Duration,
    channel: Arc<Channel>,
    server: Arc<Server>,
}

impl<'a> CallReport<'a> {
    pub(crate) const fn new(method: &'a str, generation: Generation) -> Self {
        Self { method, generation, begun: None, is_over: false }
    }

    pub(crate) fn begin(&mut self, handle: &Handle) {
        if LevelFilter::current() >= Level::DEBUG {
            let (channel, server) = (handle.channel.clone(), handle.server.clone());
            self.begun = Some(Begun { at: channel.now(), channel, server });
        }
    }

    pub(crate) fn end<T>(mut self, result: &Result<T, Error>) {
        let (outcome, code) = match result {
            Ok(_) => ("answered", None),
            Err(Error::Server(error)) => ("server error", error.code),
            Err(error) => (outcome(error), None),
        };
        self.tell(outcome, code);
    }

    fn tell(&mut self, outcome: &str, code: Option<i64>) {
        self.is_over = true;
        let elapsed = self.begun.as_ref().map(|begun| begun.channel.now().saturating_sub(begun.at));
        let elapsed = elapsed.map(tracing::field::debug);
        let server = self.begun.as_ref().map(|begun| beginning(&begun.server.name));
        debug!(
            target: "tenure_mcp",
            method = self.method,
            generation = self.generation.number(),
            server.name = server,
            elapsed,
            outcome,
            code,
            "call"
        );
    }
}

impl Drop for CallReport<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.tell("cancelled", None);
        }
    }
}

/// Tells of what the server asked for when it is over, and when it is given up before.
pub(crate) struct AskReport {
    method: String,
    begun: Duration,
    channel: Arc<Channel>,
    is_over: bool,
}

impl AskReport {
    pub(crate) fn new(method: &str, channel: &Arc<Channel>) -> Self {
        let (method, begun) = (beginning(method).to_owned(), channel.now());
        Self { method, begun, channel: channel.clone(), is_over: false }
    }

    pub(crate) fn end(mut self, outcome: &str, code: Option<i64>) {
        self.tell(outcome, code);
    }

    fn tell(&mut self, outcome: &str, code: Option<i64>) {
        self.is_over = true;
        let (method, elapsed) = (self.method.as_str(), self.channel.now().saturating_sub(self.begun));
        debug!(target: "tenure_mcp", method, ?elapsed, outcome, code, "asked");
    }
}

impl Drop for AskReport {
    fn drop(&mut self) {
        if !self.is_over {
            self.tell("given up", None);
        }
    }
}

const fn outcome(error: &Error) -> &'static str {
    match error {
        Error::Refused { .. } => "refused",
        Error::Closed { .. } => "closed",
        Error::ConnectFailed { .. } => "connect failed",
        Error::Lost { .. } => "lost",
        Error::TimedOut { .. } => "timed out",
        #[cfg(feature = "http")]
        Error::Http { .. } => "no answer over HTTP",
        Error::Server(_) => "server error",
        Error::TooLarge { .. } => "answer too large",
        Error::Protocol { .. } => "protocol error",
        Error::Unreadable { .. } => "unreadable",
        Error::InputRequired { .. } => "input required",
        Error::NotSent(_) => "not sent",
        Error::InvalidParams(_) => "invalid params",
        #[cfg(feature = "jsonschema")]
        Error::InvalidArguments(_) => "invalid arguments",
        #[cfg(feature = "jsonschema")]
        Error::UnexpectedResult { .. } => "unexpected result",
    }
}
