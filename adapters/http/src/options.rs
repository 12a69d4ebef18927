//! What is chosen of an HTTP client.

use std::path::PathBuf;
use std::time::Duration;

use crate::proxy::Proxies;
use crate::tls::Roots;

/// How servers are reached.
///
/// By default: certificates as the platform has it, proxies as the environment has it, and 10 s to connect.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) roots: Roots,
    pub(crate) proxies: Proxies,
    pub(crate) unix_socket: Option<PathBuf>,
    pub(crate) connect_timeout: Duration,
}

impl Options {
    /// The defaults. The environment is read here, once.
    pub fn new() -> Self {
        Self {
            roots: Roots::platform(),
            proxies: Proxies::from_env(),
            unix_socket: None,
            connect_timeout: Duration::from_secs(10),
        }
    }

    /// Whose certificates are believed.
    #[must_use]
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = roots;
        self
    }

    /// By which proxies servers are reached.
    #[must_use]
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// All servers are reached by this Unix socket, without DNS and proxies. The header `Host` still names the server
    /// of the request's address, and TLS still wants its certificate. Elsewhere than on unix each connect fails
    /// ([`Unsupported`](std::io::ErrorKind::Unsupported)).
    #[must_use]
    pub fn unix_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.unix_socket = Some(path.into());
        self
    }

    /// How long connecting may take: the name, TCP to any of its addresses, the proxy and TLS, all together.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
