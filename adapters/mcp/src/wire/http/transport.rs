//! Opens sessions over HTTP.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use tenure_driver::Failure;
use tenure_mcp_proto::http::{Endpoint, InvalidUrl, Settings};

use crate::session::timer::{SessionTimer, passed};
use crate::wire::http::bells::Bells;
use crate::wire::http::carrier::HttpCarrier;
use crate::wire::http::client::HttpClient;
use crate::wire::http::credentials::{Credentials, InvalidHeader, Secret, named};
use crate::wire::http::ending::Ending;
use crate::wire::http::hook::{BoxFuture, Hook};
use crate::wire::http::peer::HttpPeer;
use crate::wire::{Linger, Transport, Wire};

/// A server that is reached over HTTP (MCP 2025-11-25, basic/transports, "Streamable HTTP"): where, with which headers,
/// and within which bounds.
///
/// ```
/// use tenure_mcp::{Bearer, HttpServer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = HttpServer::new("https://mcp.example.com/mcp")?
///     .header("x-api-key", "a secret")?
///     .credentials(Bearer::new("a token"));
/// assert!(!format!("{server:?}").contains("secret"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HttpServer {
    endpoint: Endpoint,
    headers: HeaderMap,
    credentials: Option<Arc<dyn Credentials>>,
    allows_plain: bool,
    max_exchanges: Option<usize>,
    old_transport: bool,
}

/// Credentials would be sent where everybody on the way can read them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("credentials for {origin} would cross the network unencrypted: use https, or allow it")]
pub struct PlainCredentials {
    /// Where they would go.
    pub origin: String,
}

impl HttpServer {
    /// The server at this URL, `http` or `https`.
    ///
    /// # Errors
    /// It is none that a server could be at.
    pub fn new(url: &str) -> Result<Self, InvalidUrl> {
        Ok(Self::at(Endpoint::parse(url)?))
    }

    /// The server at this address.
    pub fn at(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            headers: HeaderMap::new(),
            credentials: None,
            allows_plain: false,
            max_exchanges: None,
            old_transport: false,
        }
    }

    /// Where it is.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// One header more for each request. It counts as a secret: it is never shown. Those that the protocol or HTTP
    /// itself needs are never replaced by it.
    ///
    /// # Errors
    /// The name is none, or the value can't stand in a header.
    pub fn header(mut self, name: &str, value: impl Into<Secret>) -> Result<Self, InvalidHeader> {
        let (name, value) = named(name, &value.into())?;
        self.headers.append(name, value);
        Ok(self)
    }

    /// Who gives the headers by which the server knows this client: [`Bearer`](crate::Bearer), say. One: a later call
    /// replaces the earlier one.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Credentials) -> Self {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// Whether [headers](Self::header) and [credentials](Self::credentials) may be sent unencrypted (`http`) to another
    /// machine than this one. Default: they may not, and the session fails to open, with [`PlainCredentials`].
    #[must_use]
    pub const fn allow_plain_credentials(mut self, are_allowed: bool) -> Self {
        self.allows_plain = are_allowed;
        self
    }

    /// So many calls may be under way at once; more wait. Default 64, at least 1.
    #[must_use]
    pub const fn max_exchanges(mut self, exchanges: usize) -> Self {
        self.max_exchanges = Some(exchanges);
        self
    }

    /// Whether a server that knows nothing of `initialize` at this address is tried by the transport of 2024-11-05
    /// (HTTP+SSE). Default: it is not.
    #[must_use]
    pub const fn old_transport(mut self, is_tried: bool) -> Self {
        self.old_transport = is_tried;
        self
    }

    /// Says whether its credentials may go where it is, as each session asks before it opens.
    ///
    /// # Errors
    /// They would cross the network unencrypted, and that isn't [allowed](Self::allow_plain_credentials).
    pub fn check(&self) -> Result<(), PlainCredentials> {
        let has_credentials = self.credentials.is_some() || !self.headers.is_empty();
        let is_safe = self.endpoint.is_secure() || self.endpoint.is_loopback() || self.allows_plain;
        if has_credentials && !is_safe {
            return Err(PlainCredentials { origin: self.endpoint.origin() });
        }
        Ok(())
    }

    fn settings(&self) -> Settings {
        let settings = Settings::new(self.endpoint.clone())
            .headers(self.headers.clone())
            .old_transport(self.old_transport);
        match self.max_exchanges {
            Some(exchanges) => settings.max_exchanges(exchanges),
            None => settings,
        }
    }
}

/// Without what is secret.
impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.keys().collect();
        f.debug_struct("HttpServer")
            .field("endpoint", &self.endpoint)
            .field("headers", &headers)
            .field("has_credentials", &self.credentials.is_some())
            .finish_non_exhaustive()
    }
}

impl TryFrom<&str> for HttpServer {
    type Error = InvalidUrl;

    fn try_from(url: &str) -> Result<Self, InvalidUrl> {
        Self::new(url)
    }
}

impl TryFrom<String> for HttpServer {
    type Error = InvalidUrl;

    fn try_from(url: String) -> Result<Self, InvalidUrl> {
        Self::new(&url)
    }
}

/// Reaches a server over HTTP, by any [`HttpClient`] and with any timer. The crates `tenure-tokio` and `tenure-smol`
/// have `mcp::http`, which does it all.
pub struct HttpTransport<T> {
    client: Arc<dyn HttpClient>,
    server: HttpServer,
    timer: T,
}

impl<T: SessionTimer> HttpTransport<T> {
    /// The server is reached by this client; the timer is that of the session.
    pub fn new(client: impl HttpClient, server: HttpServer, timer: T) -> Self {
        Self { client: Arc::new(client), server, timer }
    }
}

impl<T> fmt::Debug for HttpTransport<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("server", &self.server).finish_non_exhaustive()
    }
}

#[async_trait]
impl<T: SessionTimer> Transport for HttpTransport<T> {
    async fn open(&self, _: Linger) -> Result<Wire, Failure> {
        self.server.check().map_err(|error| Failure::new(error).permanent())?;
        let timer = self.timer.clone();
        let sleep = move |time: Duration| -> BoxFuture<()> {
            Box::pin(passed(timer.clone(), timer.now().saturating_add(time)))
        };
        let hook = Hook::new(self.server.credentials.clone(), Arc::new(sleep));
        let (bells, ending) = (Arc::new(Bells::default()), Arc::new(Ending::default()));
        let peer = HttpPeer { ending: ending.clone(), bells: bells.clone() };
        let (client, settings) = (self.client.clone(), self.server.settings());
        let carrier = HttpCarrier::new(client, settings, hook, self.timer.clone(), (bells, ending));
        Ok(Wire::new(carrier, peer))
    }
}
