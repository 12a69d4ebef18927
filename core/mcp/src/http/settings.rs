//! What is chosen of how a server is reached over HTTP.

use std::time::Duration;

use http::HeaderMap;

use crate::http::endpoint::Endpoint;

/// How a server is reached over HTTP, and the bounds of it.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) endpoint: Endpoint,
    pub(crate) headers: HeaderMap,
    pub(crate) max_message: usize,
    pub(crate) max_exchanges: usize,
    pub(crate) old_transport: bool,
    pub(crate) patience: Duration,
    pub(crate) settle: Duration,
    pub(crate) listen_idle: Duration,
    pub(crate) end_timeout: Duration,
}

impl Settings {
    /// Those of a server at this address: no headers of one's own, and the bounds that most servers get along with.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            headers: HeaderMap::new(),
            max_message: 16 * 1024 * 1024,
            max_exchanges: 64,
            old_transport: false,
            patience: Duration::from_secs(15),
            settle: Duration::from_secs(1),
            listen_idle: Duration::from_secs(300),
            end_timeout: Duration::from_secs(1),
        }
    }

    /// Headers for each request. Those that the protocol or HTTP itself needs are never replaced by them; see
    /// [`is_reserved`](super::is_reserved). Their values are not printed.
    #[must_use]
    pub fn headers(mut self, mut headers: HeaderMap) -> Self {
        headers.values_mut().for_each(|value| value.set_sensitive(true));
        self.headers = headers;
        self
    }

    /// A message, or an event of a stream, may have so many bytes.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// So many calls may be under way at once; 64 by default, at least 1.
    #[must_use]
    pub fn max_exchanges(mut self, exchanges: usize) -> Self {
        self.max_exchanges = exchanges.max(1);
        self
    }

    /// A server that is busy when it is asked which era it speaks is asked once more, if it wants no longer than that;
    /// 15 s by default. To be chosen within the time for connecting.
    #[must_use]
    pub fn patience(mut self, time: Duration) -> Self {
        self.patience = time;
        self
    }

    /// Whether a server that doesn't know how to `initialize` at this address is tried by the transport of 2024-11-05
    /// (HTTP+SSE). Off by default.
    #[must_use]
    pub fn old_transport(mut self, is_tried: bool) -> Self {
        self.old_transport = is_tried;
        self
    }
}
