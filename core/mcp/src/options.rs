//! What the caller may choose.

use std::time::Duration;

use serde_json::value::RawValue;

use crate::era::versions::SUPPORTED_VERSIONS;
use crate::jsonrpc::json;

/// Settings of a [`Connection`](crate::Connection). Start from [`Options::default`] and change what you need.
///
/// ```
/// use tenure_mcp_proto::Options;
/// let options = Options::default().client("my-agent", "1.2.0").max_message(1 << 20);
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    pub(crate) max_message: usize,
    pub(crate) max_in_flight: usize,
    pub(crate) max_queued: usize,
    pub(crate) max_replies: usize,
    pub(crate) max_events: usize,
    pub(crate) client_name: String,
    pub(crate) client_version: String,
    pub(crate) client_title: Option<String>,
    pub(crate) capabilities: Box<RawValue>,
    pub(crate) versions: Vec<String>,
    pub(crate) handshake_timeout: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_message: 16 * 1024 * 1024,
            max_in_flight: 1024,
            max_queued: 64 * 1024 * 1024,
            max_replies: 256,
            max_events: 4096,
            client_name: env!("CARGO_PKG_NAME").to_owned(),
            client_version: env!("CARGO_PKG_VERSION").to_owned(),
            client_title: None,
            capabilities: json::object("{}"),
            versions: SUPPORTED_VERSIONS.map(str::to_owned).to_vec(),
            handshake_timeout: None,
        }
    }
}

impl Options {
    /// The most bytes one message may have, without its newline or whatever delimits it, in either direction.
    /// Default 16 MiB.
    ///
    /// Answers to the server and cancel notices have a few KiB at most and are exempt.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// The most requests that may be unanswered, or answered with the answer not yet polled. Default 1024.
    #[must_use]
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = requests;
        self
    }

    /// The most bytes of the caller's requests and notifications that may wait to be written; one message is
    /// taken always when none waits. Default 64 MiB.
    #[must_use]
    pub fn max_queued(mut self, bytes: usize) -> Self {
        self.max_queued = bytes;
        self
    }

    /// The most answers and cancel notices that may wait to be written. Default 256.
    ///
    /// When the lane is full (the server asks and asks but does not read), an answer takes the place of the
    /// oldest cancel notice, which is only advice. With nothing but answers waiting, the newcomer is dropped,
    /// whichever it is. What was dropped is counted in [`Event::Dropped`](crate::Event::Dropped).
    #[must_use]
    pub fn max_replies(mut self, messages: usize) -> Self {
        self.max_replies = messages;
        self
    }

    /// The most notifications and protocol errors that may wait to be polled. The notifications among them
    /// also hold no more bytes together than one message may have. Default 4096.
    ///
    /// Past it, newcomers are dropped and counted in [`Event::Dropped`](crate::Event::Dropped), which stands
    /// in the queue where the first of them would have stood. Responses are never dropped.
    #[must_use]
    pub fn max_events(mut self, events: usize) -> Self {
        self.max_events = events;
        self
    }

    /// The client's name and version, as the server sees them. Default: this crate's.
    #[must_use]
    pub fn client(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.client_name = name.into();
        self.client_version = version.into();
        self
    }

    /// The client's name for people. Default none.
    #[must_use]
    pub fn client_title(mut self, title: impl Into<String>) -> Self {
        self.client_title = Some(title.into());
        self
    }

    /// The client's capabilities, sent as they are. Must be a JSON object. Default `{}`.
    ///
    /// Nothing here answers the requests that a capability invites the server to send; they are refused with
    /// -32601.
    #[must_use]
    pub fn capabilities(mut self, capabilities: Box<RawValue>) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The versions to accept. `latest` is the one to ask for. Default [`SUPPORTED_VERSIONS`].
    #[must_use]
    pub fn versions<I>(mut self, latest: impl Into<String>, others: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.versions = vec![latest.into()];
        self.versions.extend(others.into_iter().map(Into::into));
        self
    }

    /// How long the handshake may take, from [`start`](crate::Connection::start). Default none: whoever opens
    /// the transport usually has a deadline for the whole connect.
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.handshake_timeout = timeout;
        self
    }

    pub(crate) fn accepts(&self, version: &str) -> bool {
        self.versions.iter().any(|known| known == version)
    }
}
