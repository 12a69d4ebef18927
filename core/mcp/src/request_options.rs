//! What the caller may choose for one request.

use std::time::Duration;

/// Settings of one request. Start from [`RequestOptions::default`] and change what you need.
///
/// ```
/// use std::time::Duration;
/// use tenure_mcp_proto::RequestOptions;
/// // Half a minute without a sign of progress is too long, and so are ten minutes in all.
/// let options = RequestOptions::default()
///     .progress(true)
///     .idle_timeout(Some(Duration::from_secs(30)))
///     .timeout(Some(Duration::from_secs(600)));
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) progress: bool,
}

impl RequestOptions {
    /// How long the request may take, whatever its progress (MCP 2025-11-25, basic/lifecycle, "Timeouts").
    /// Default none.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long the request may take without any progress. Default none.
    ///
    /// Without [`progress`](Self::progress) it is a [`timeout`](Self::timeout) like the other; the one that ends
    /// first counts.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Asks the server to tell the request's progress (MCP 2025-11-25, basic/utilities/progress): it comes as
    /// [`Event::Progress`](crate::Event::Progress) and begins the idle time anew. Default no.
    ///
    /// A token goes into the params' `_meta`, all else of them byte for byte, unless there is one already; then
    /// that is the token. Progress that doesn't increase is a
    /// [`ProtocolError`](crate::ProtocolError::ProgressNotIncreasing) and begins nothing anew; what comes without
    /// being asked for, or late, is ignored. What comes with a token of the caller's own, where this is not asked
    /// for, is an [`Event::Notification`](crate::Event::Notification). It begins anew where the request goes out
    /// again with input that the server wanted.
    #[must_use]
    pub fn progress(mut self, is_wanted: bool) -> Self {
        self.progress = is_wanted;
        self
    }
}
