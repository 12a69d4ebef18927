//! What an MCP client is told at its start.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tenure::{Config, Generation, KeepAlive, Probe, Retry};
use tenure_driver::TraceEvent;
use tenure_mcp_proto::types::LogLevel;
use tenure_mcp_proto::{Eras, Subscriptions};

use crate::client::limits::Limits;
use crate::contradiction::{Contradiction, contradictions};
use crate::handlers::handler::Handlers;
use crate::session::events::{OnEvent, ServerEvent};

/// How an MCP client works: the session's limits, the protocol's, and who listens.
///
/// [`connect`](crate::connect) takes it, and so does `mcp::stdio` of `tenure-tokio` and `tenure-smol`. It holds
/// for all of the session's generations. What may differ from call to call is a lease's
/// ([`Lease::with_call_timeout`](crate::Lease::with_call_timeout)), or the call's own
/// ([`Request::timeout`](crate::Request::timeout)).
///
/// # Examples
/// A server that ends with the last lease, calls that may take ten seconds, and somebody who listens:
///
/// ```
/// use std::time::Duration;
/// use tenure::KeepAlive;
/// use tenure_mcp::{Options, ServerEvent};
///
/// let options = Options::new()
///     .keep_alive(KeepAlive::Never)
///     .call_timeout(Some(Duration::from_secs(10)))
///     .on_event(|generation, event| match event {
///         ServerEvent::Connected { server, .. } => eprintln!("{generation}: {} {}", server.name, server.version),
///         other => eprintln!("{generation}: {other:?}"),
///     });
/// # let _ = options;
/// ```
#[must_use]
pub struct Options {
    pub(crate) session: Config,
    pub(crate) protocol: tenure_mcp_proto::Options,
    pub(crate) limits: Limits,
    pub(crate) on_event: Option<OnEvent>,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) handlers: Option<Arc<dyn Handlers>>,
    pub(crate) trace: Option<TraceSink>,
    #[cfg(feature = "tracing")]
    pub(crate) parent: Option<tracing::Span>,
}

pub(crate) type TraceSink = Box<dyn FnMut(&TraceEvent) + Send>;

/// What is chosen by default, once for all clients.
static PROTOCOL: LazyLock<tenure_mcp_proto::Options> =
    LazyLock::new(|| tenure_mcp_proto::Options::default().eras(Eras::Auto));

impl Options {
    /// A session that stays for five minutes after its last use, and calls that may take a minute, or ten with
    /// progress.
    pub fn new() -> Self {
        Self {
            session: Config::default().keep_alive(KeepAlive::For(Duration::from_secs(300))),
            protocol: PROTOCOL.clone(),
            limits: Limits::DEFAULT,
            on_event: None,
            subscriptions: Subscriptions::default(),
            log_level: None,
            handlers: None,
            trace: None,
            #[cfg(feature = "tracing")]
            parent: None,
        }
    }

    /// Changes settings of the session: `change` is given those that there are. Default: those of [`Config`], with a
    /// keep-alive of five minutes.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tenure_mcp::Options;
    ///
    /// let options = Options::new()
    ///     .session(|config| config.stop_timeout(Duration::from_secs(1)).max_age(Some(Duration::from_secs(3600))));
    /// # let _ = options;
    /// ```
    pub fn session(mut self, change: impl FnOnce(Config) -> Config) -> Self {
        self.session = change(self.session);
        self
    }

    /// Changes the protocol's bounds, and how the client introduces itself: `change` is given those that there are.
    pub fn protocol(
        mut self,
        change: impl FnOnce(tenure_mcp_proto::Options) -> tenure_mcp_proto::Options,
    ) -> Self {
        self.protocol = change(self.protocol);
        self
    }

    /// Which eras of the protocol are offered. Default: the one that the server speaks, [`Eras::Auto`].
    ///
    /// With both, the server is asked for the modern era first, and for the legacy one on the same connection if it
    /// answers otherwise, or not within half of the [connect timeout](Self::connect_timeout)
    /// ([`discover_window`](tenure_mcp_proto::Options::discover_window) sets another). A server that ends at that
    /// question is started again, once, within the same timeout (MCP 2026-07-28, basic/transports/stdio, "Backward
    /// Compatibility"). What it speaks is remembered for the next generations, as long as they become ready with it and
    /// are not answered as by a server of the other era; a session that is retires.
    ///
    /// An answer that comes after that half is dropped once `initialize` succeeds, and opens the session if that fails.
    /// One that stays unanswered fails with its
    /// [own deadline](tenure_mcp_proto::Options::handshake_timeout), if it has any before the connect timeout, which
    /// else ends it all.
    ///
    /// ```
    /// use tenure_mcp::{Eras, Options};
    ///
    /// // A server that is known to speak `initialize` alone: one round trip less at the first start.
    /// let options = Options::new().eras(Eras::Legacy);
    /// # let _ = options;
    /// ```
    pub fn eras(self, eras: Eras) -> Self {
        self.protocol(|protocol| protocol.eras(eras))
    }

    /// How long a server may take to start and to be ready. Default 60 s.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.session(|config| config.connect_timeout(timeout))
    }

    /// How long a caller may wait for a connection, the same for all; `None`: as long as it takes. Default `None`.
    pub fn acquire_timeout(self, timeout: Option<Duration>) -> Self {
        self.session(|config| config.acquire_timeout(timeout))
    }

    /// What happens to a server that nobody uses. Default: it is stopped after five minutes.
    pub fn keep_alive(self, keep_alive: KeepAlive) -> Self {
        self.session(|config| config.keep_alive(keep_alive))
    }

    /// Whether the server is asked for a sign of life, and how often. Default: no.
    pub fn probe(self, probe: Option<Probe>) -> Self {
        self.session(|config| config.probe(probe))
    }

    /// Whether a failed connect is tried again. Default: no.
    pub fn retry(self, retry: Option<Retry>) -> Self {
        self.session(|config| config.retry(retry))
    }

    /// How long one request may take in all, whatever its progress; `None`: as long as the session lives. Default: ten
    /// minutes, of which one may pass without progress. Another one takes all of its time, unless an
    /// [idle time](Self::call_idle_timeout) is chosen, too.
    pub fn call_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.limits.set_timeout(timeout);
        self
    }

    /// How long one request may take without any progress; `None`: as long as it may take in all. Each report of the
    /// server's begins that time anew; see [`Request::idle_timeout`](crate::Request::idle_timeout). With one that is
    /// chosen here, each request asks for progress. Default: 60 s, and none with a [`call_timeout`](Self::call_timeout)
    /// that is chosen; progress is asked for by those calls alone that [listen](crate::Request::progress) to it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tenure_mcp::Options;
    ///
    /// // Half a minute without a sign of progress is too long, and so are ten minutes in all.
    /// let options = Options::new()
    ///     .call_idle_timeout(Some(Duration::from_secs(30)))
    ///     .call_timeout(Some(Duration::from_secs(600)));
    /// # let _ = options;
    /// ```
    pub fn call_idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.limits.set_idle_timeout(timeout);
        self
    }

    /// Who is told what the server says without being asked, and what becomes of the connection. One listener: a later
    /// call replaces the earlier one.
    ///
    /// It is called from the driver's task, so it must neither block nor panic; hand on what takes time, or use
    /// [`listen`](crate::listen), which makes a stream of it. There is one event for each thing that is told of, so a
    /// flood of garbage from the server is a flood of events.
    ///
    /// Servers of the modern era tell only of what is wished: see [`subscribe`](Self::subscribe).
    ///
    /// ```
    /// use tenure_mcp::proto::types::Notification;
    /// use tenure_mcp::{Options, ServerEvent, Subscriptions};
    ///
    /// let wished = Subscriptions::default().tools(true);
    /// let options = Options::new().subscribe(wished).on_event(|generation, event| match event {
    ///     ServerEvent::Notification { method, params } => match Notification::read(method, params.as_deref()) {
    ///         Notification::ToolsChanged => eprintln!("{generation}: other tools"), // wake up who lists them again
    ///         Notification::Log { level, data, .. } => eprintln!("{generation}: {level}: {data}"),
    ///         _ => {}
    ///     },
    ///     _ => {}
    /// });
    /// # let _ = options;
    /// ```
    pub fn on_event(mut self, on_event: impl Fn(Generation, &ServerEvent) + Send + Sync + 'static) -> Self {
        self.on_event = Some(Arc::new(on_event));
        self
    }

    /// What servers are to tell of, from the first one on; [`Client::subscribe`](crate::Client::subscribe) changes it.
    /// Default: nothing but what those of the legacy era tell without being asked.
    ///
    /// ```
    /// use tenure_mcp::{Options, Subscriptions};
    ///
    /// let options = Options::new().subscribe(Subscriptions::default().tools(true).prompts(true));
    /// # let _ = options;
    /// ```
    pub fn subscribe(mut self, wished: Subscriptions) -> Self {
        self.subscriptions = wished;
        self
    }

    /// Which log messages are wanted of servers: see [`Client::set_log_level`](crate::Client::set_log_level). Default
    /// `None`: those that a server of the legacy era chooses, and none of a modern one.
    pub fn log_level(mut self, level: Option<LogLevel>) -> Self {
        self.log_level = level;
        self
    }

    /// What is done for servers that ask for something: sampling, elicitation, roots. What they
    /// [offer](Handlers::offers) is announced. Default: nothing, and all that a server asks for is refused. One for the
    /// session: a later call replaces the earlier one.
    ///
    /// [`Handlers`] has an example.
    pub fn handlers(mut self, handlers: impl Handlers) -> Self {
        self.handlers = Some(Arc::new(handlers));
        self
    }

    /// Puts the spans of the session's generations into this one, such as one with the name that the host gives the
    /// server; see [`Builder::parent_span`](tenure_driver::Builder::parent_span).
    #[cfg(feature = "tracing")]
    pub fn parent_span(mut self, span: tracing::Span) -> Self {
        self.parent = Some(span);
        self
    }

    /// The settings that contradict each other, or that are zero where that makes everything fail. They are taken as
    /// they are; who [listens](Self::on_event) is told of each when the driver is first polled.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tenure_mcp::{Contradiction, Options};
    ///
    /// let options = Options::new().call_timeout(Some(Duration::ZERO));
    /// assert_eq!(options.contradictions(), [Contradiction::NoTimeToAnswer]);
    /// assert_eq!(Options::new().contradictions(), []);
    /// ```
    pub fn contradictions(&self) -> Vec<Contradiction> {
        contradictions(&self.session, &self.protocol, self.limits)
    }

    /// Who is given every input of the session's machine and what came of it, in order. One listener: a later call
    /// replaces the earlier one. It is called from the driver's task and must neither block nor panic.
    ///
    /// [`TraceEvent::lines`] tells it to people:
    ///
    /// ```
    /// use tenure_mcp::Options;
    ///
    /// let options = Options::new().trace(|event| {
    ///     for line in event.lines() {
    ///         eprintln!("{line}"); // `0.004s  g1  Live, 1 held     runner g1 is ready          handshake complete`
    ///     }
    /// });
    /// # let _ = options;
    /// ```
    pub fn trace(mut self, sink: impl FnMut(&TraceEvent) + Send + 'static) -> Self {
        self.trace = Some(Box::new(sink));
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("session", &self.session)
            .field("protocol", &self.protocol)
            .field("call_timeout", &self.limits.timeout())
            .field("call_idle_timeout", &self.limits.idle_timeout())
            .finish_non_exhaustive()
    }
}
