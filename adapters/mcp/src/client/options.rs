//! What an MCP client is told at its start.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tenure::{Config, Generation, KeepAlive};
use tenure_driver::TraceEvent;

use crate::session::events::{OnEvent, ServerEvent};

/// How an MCP client works: the session's limits, the protocol's, and who listens.
///
/// [`connect`](crate::connect) takes it, and so does `mcp::stdio` of `tenure-tokio` and `tenure-smol`. It holds
/// for all of the session's generations. What may differ from call to call is a lease's
/// ([`Lease::with_call_timeout`](crate::Lease::with_call_timeout)).
///
/// # Examples
/// A server that ends with the last lease, calls that may take ten seconds, and somebody who listens:
///
/// ```
/// use std::time::Duration;
/// use tenure::{Config, KeepAlive};
/// use tenure_mcp::{Options, ServerEvent};
///
/// let options = Options::new()
///     .session(Config::default().keep_alive(KeepAlive::Never))
///     .call_timeout(Some(Duration::from_secs(10)))
///     .on_event(|generation, event| match event {
///         ServerEvent::Connected(server) => eprintln!("{generation}: {} {}", server.name, server.version),
///         other => eprintln!("{generation}: {other:?}"),
///     });
/// # let _ = options;
/// ```
#[must_use]
pub struct Options {
    pub(crate) session: Config,
    pub(crate) protocol: tenure_mcp_proto::Options,
    pub(crate) call_timeout: Option<Duration>,
    pub(crate) on_event: Option<OnEvent>,
    pub(crate) trace: Option<TraceSink>,
}

pub(crate) type TraceSink = Box<dyn FnMut(&TraceEvent) + Send>;

impl Options {
    /// A session that stays for five minutes after its last use, and calls that may take a minute.
    pub fn new() -> Self {
        Self {
            session: Config::default().keep_alive(KeepAlive::For(Duration::from_secs(300))),
            protocol: tenure_mcp_proto::Options::default(),
            call_timeout: Some(Duration::from_secs(60)),
            on_event: None,
            trace: None,
        }
    }

    /// The session's deadlines, policies and bounds. Default: those of [`Config`], with a keep-alive of
    /// five minutes.
    pub fn session(mut self, session: Config) -> Self {
        self.session = session;
        self
    }

    /// The protocol's bounds, and how the client introduces itself.
    pub fn protocol(mut self, protocol: tenure_mcp_proto::Options) -> Self {
        self.protocol = protocol;
        self
    }

    /// How long one request may take; `None`: as long as the session lives. Default 60 s.
    pub fn call_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.call_timeout = timeout;
        self
    }

    /// Who is told what the server says without being asked. It is called from the driver's task, so it
    /// must not block; hand on what takes time.
    pub fn on_event(mut self, on_event: impl Fn(Generation, &ServerEvent) + Send + Sync + 'static) -> Self {
        self.on_event = Some(Arc::new(on_event));
        self
    }

    /// Who is given every input of the session's machine and what came of it, in order.
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
            .field("call_timeout", &self.call_timeout)
            .finish_non_exhaustive()
    }
}
