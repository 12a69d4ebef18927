//! What the caller may choose.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::about::About;
use crate::contradiction::Contradiction;
use crate::era::versions::{Era, Eras, Version};
use crate::features::ClientFeature;
use crate::jsonrpc::json;

/// Settings of a [`Connection`](crate::Connection). Start from [`Options::default`] and change what you need.
///
/// ```
/// use tenure_mcp_proto::Options;
/// let options = Options::default().client("my-agent", "1.2.0").max_message(1 << 20);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    pub(crate) handshake_timeout: Option<Duration>,
    pub(crate) discover_window: Option<Duration>,
    pub(crate) expected_era: Option<Era>,
    pub(crate) exchanges: bool,
    /// Shared by what is cloned, until it is changed: each connection has its own options.
    pub(crate) about: Arc<About>,
}

impl Options {
    /// The most bytes one message may have, without its newline or whatever delimits it, in either direction.
    /// Default 16 MiB.
    ///
    /// Answers to the server and cancel notices have a few KiB at most and are exempt.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.about().limits.max_message = bytes;
        self
    }

    /// The most requests that may be unanswered, or answered with the answer not yet polled. Default 1024.
    #[must_use]
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.about().limits.max_in_flight = requests;
        self
    }

    /// The most bytes of the caller's requests and notifications that may wait to be written; one message is
    /// taken always when none waits. Default 64 MiB.
    #[must_use]
    pub fn max_queued(mut self, bytes: usize) -> Self {
        self.about().limits.max_queued = bytes;
        self
    }

    /// The most answers and cancel notices that may wait to be written. Default 256. The answers among them to
    /// what was handed out also hold no more bytes together than [`max_queued`](Self::max_queued).
    ///
    /// When the lane is full (the server asks and asks but does not read), an answer takes the place of the
    /// oldest cancel notice, which is only advice. With nothing but answers waiting, the newcomer is dropped,
    /// whichever it is. What was dropped is counted in [`Event::Dropped`](crate::Event::Dropped).
    #[must_use]
    pub fn max_replies(mut self, messages: usize) -> Self {
        self.about().limits.max_replies = messages;
        self
    }

    /// The most notifications and protocol errors that may wait to be polled. The notifications among them
    /// also hold no more bytes together than one message may have. Default 1024.
    ///
    /// Past it, newcomers are dropped and counted in [`Event::Dropped`](crate::Event::Dropped), which stands
    /// in the queue where the first of them would have stood. Responses are never dropped.
    #[must_use]
    pub fn max_events(mut self, events: usize) -> Self {
        self.about().limits.max_events = events;
        self
    }

    /// Whether each request is an exchange of its own for what carries it, as with HTTP. Then those that are given up
    /// are [told](crate::Connection::poll_withdrawn), and in the modern era there are no cancel notices: that the
    /// exchange ends says it (MCP 2026-07-28, basic/patterns/cancellation); and a legacy connection is ready when its
    /// carrier says that the server took the end of the handshake
    /// ([`Incoming::Confirmed`](crate::Incoming::Confirmed)). Default false.
    #[must_use]
    pub fn exchanges(mut self, are_there: bool) -> Self {
        self.exchanges = are_there;
        self
    }

    /// The client's name and version, as the server sees them. Default: this crate's.
    #[must_use]
    pub fn client(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        let about = self.about();
        about.name = Cow::Owned(name.into());
        about.version = Cow::Owned(version.into());
        self
    }

    /// The client's name for people. Default none.
    #[must_use]
    pub fn client_title(mut self, title: impl Into<String>) -> Self {
        self.about().title = Some(title.into());
        self
    }

    /// What the client is (MCP 2025-11-25, schema, `Implementation`). Default none.
    #[must_use]
    pub fn client_description(mut self, description: impl Into<String>) -> Self {
        self.about().description = Some(description.into());
        self
    }

    /// Where there is more about the client. Default none.
    #[must_use]
    pub fn client_website_url(mut self, url: impl Into<String>) -> Self {
        self.about().website_url = Some(url.into());
        self
    }

    /// The client's icons, a list (MCP 2025-11-25, schema, `Icon`); sent byte for byte. Default none.
    #[must_use]
    pub fn client_icons(mut self, icons: Box<RawValue>) -> Self {
        self.about().icons = Some(icons);
        self
    }

    /// Offers the server something that it may ask for, and announces it: such requests are handed out as
    /// [`Event::Request`](crate::Event::Request), to be [answered](crate::Connection::answer). What is not
    /// offered is refused with -32601. Default nothing.
    ///
    /// ```
    /// use tenure_mcp_proto::{ClientFeature, Options};
    /// let options = Options::default().offer(ClientFeature::Roots).offer(ClientFeature::FormElicitation);
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn offer(mut self, feature: ClientFeature) -> Self {
        self.about().features.insert(feature);
        self
    }

    /// The most requests of the server that may wait for their answers, input that it wants for calls among them;
    /// what it asks beyond them is refused, and a call that wants too much ends. Default 64.
    #[must_use]
    pub fn max_server_requests(mut self, requests: usize) -> Self {
        self.about().limits.max_server_requests = requests;
        self
    }

    /// How much input a server may want for one request at a time (MCP 2026-07-28, basic/patterns/mrtr); more ends the
    /// request with [`CallError::InputRequired`](crate::CallError::InputRequired). Default 16.
    #[must_use]
    pub fn max_inputs(mut self, inputs: usize) -> Self {
        self.about().limits.max_inputs = inputs;
        self
    }

    /// How often a server may want input for one request before it has its answer (MCP 2026-07-28,
    /// basic/patterns/mrtr); once more ends the request with
    /// [`CallError::InputRequired`](crate::CallError::InputRequired). Default 8.
    #[must_use]
    pub fn max_rounds(mut self, rounds: usize) -> Self {
        self.about().limits.max_rounds = rounds;
        self
    }

    /// The client's capabilities, sent as they are, with those of what is [offered](Self::offer) that are not
    /// among them. Must be a JSON object. Default `{}`.
    ///
    /// They offer nothing by themselves: requests that one of them alone invites the server to send are refused
    /// with -32601.
    #[must_use]
    pub fn capabilities(mut self, capabilities: Box<RawValue>) -> Self {
        self.about().capabilities = Some(capabilities);
        self
    }

    /// The eras to offer, with all of their versions that this crate speaks. Default [`Eras::Legacy`].
    #[must_use]
    pub fn eras(mut self, eras: Eras) -> Self {
        self.about().versions = Cow::Borrowed(eras.versions());
        self
    }

    /// The versions to accept, of either era, in place of those of [`eras`](Self::eras). `latest` is the one to
    /// ask for; after it the others are preferred in their order.
    #[must_use]
    pub fn versions<I>(mut self, latest: impl Into<String>, others: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let mut versions = vec![Cow::Owned(latest.into())];
        versions.extend(others.into_iter().map(|version| Cow::Owned(version.into())));
        self.about().versions = Cow::Owned(versions);
        self
    }

    /// How long the handshake may take, from [`start`](crate::Connection::start). Default none: whoever opens
    /// the transport usually has a deadline for the whole connect.
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.handshake_timeout = timeout;
        self
    }

    /// The settings that leave nothing of what they bound. Tell them to whoever made the options: no connection, or
    /// none of its parts, works with them.
    ///
    /// ```
    /// use tenure_mcp_proto::{Contradiction, Options};
    ///
    /// let options = Options::default().max_in_flight(0);
    /// assert_eq!(options.contradictions(), [Contradiction::NothingInFlight]);
    /// assert_eq!(Options::default().contradictions(), []);
    /// ```
    pub fn contradictions(&self) -> Vec<Contradiction> {
        use Contradiction as Is;
        let found = [
            (self.about.limits.max_message == 0).then_some(Is::NoMessage),
            (self.about.limits.max_in_flight == 0).then_some(Is::NothingInFlight),
            (self.about.limits.max_replies == 0).then_some(Is::NoReplies),
            (self.about.limits.max_events == 0).then_some(Is::NoEvents),
            (self.handshake_timeout == Some(Duration::ZERO)).then_some(Is::NoTimeForTheHandshake),
        ];
        found.into_iter().flatten().collect()
    }

    /// How long the handshake may take, if it has a deadline of its own.
    pub const fn handshake_deadline(&self) -> Option<Duration> {
        self.handshake_timeout
    }

    /// How long the server may be silent when it is asked whether it speaks the modern era, before the legacy
    /// era is tried on the same connection. Default none: as long as the handshake may take.
    ///
    /// An answer that comes later is kept: it opens the connection if `initialize` fails, be it for the
    /// [handshake's deadline](Self::handshake_timeout), and is dropped once that succeeds.
    ///
    /// Without an effect unless versions of both eras are offered.
    #[must_use]
    pub fn discover_window(mut self, window: Option<Duration>) -> Self {
        self.discover_window = window;
        self
    }

    /// How long the server may be silent when it is asked whether it speaks the modern era, if that has a limit.
    pub const fn discover_deadline(&self) -> Option<Duration> {
        self.discover_window
    }

    /// The era that the server is known to speak, as an earlier connection to it
    /// [learned](crate::Connection::learned_era): the opening request of that era comes first, and its silence is no
    /// sign of the other one. Default `None`: nothing is known.
    ///
    /// It is a guess, not a limit: a server that names versions of the other era is opened as one of those. Without an
    /// effect unless a version of this era is offered.
    #[must_use]
    pub fn expected_era(mut self, era: Option<Era>) -> Self {
        self.expected_era = era;
        self
    }

    /// The version of an era that is preferred.
    pub(crate) fn best(&self, era: Era) -> Option<&Version> {
        self.of_era(era).next()
    }

    /// The version of an era that is preferred of those that the server speaks.
    pub(crate) fn common(&self, era: Era, versions: &[String]) -> Option<&Version> {
        self.of_era(era).find(|known| versions.iter().any(|version| *version == **known))
    }

    pub(crate) fn accepts(&self, era: Era, version: &str) -> bool {
        self.of_era(era).any(|known| **known == *version)
    }

    fn of_era(&self, era: Era) -> impl Iterator<Item = &Version> {
        self.about.versions.iter().filter(move |version| Era::of(version) == era)
    }

    /// Returns whether [`capabilities`](Self::capabilities) say that a server may send tools along when it asks the
    /// client's model (MCP 2025-11-25, client/sampling, "Capabilities"). If not, such a request must be refused.
    ///
    /// ```
    /// # use serde_json::value::RawValue;
    /// use tenure_mcp_proto::Options;
    ///
    /// let capabilities = RawValue::from_string(r#"{"sampling":{"tools":{}}}"#.to_owned())?;
    /// assert!(Options::default().capabilities(capabilities).announces_sampling_tools());
    /// assert!(!Options::default().announces_sampling_tools());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn announces_sampling_tools(&self) -> bool {
        let Ok([Some(sampling)]) = json::fields(self.about.capabilities(), ["sampling"]) else {
            return false;
        };
        matches!(json::fields(sampling.get(), ["tools"]), Ok([Some(tools)]) if json::is_object(tools))
    }

    fn about(&mut self) -> &mut About {
        Arc::make_mut(&mut self.about)
    }
}
