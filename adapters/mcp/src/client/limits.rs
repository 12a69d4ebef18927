//! How long calls may take.

use std::time::Duration;

use tenure_mcp_proto::RequestOptions;

/// How long a call may take, in all and without a sign of progress.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    /// Somebody has chosen the idle time: the server is asked for the progress that begins it anew.
    is_chosen: bool,
}

impl Limits {
    /// Those of calls for which nobody has chosen any: a minute, which progress begins anew where somebody wants to
    /// know of it, and ten minutes in all.
    pub(crate) const DEFAULT: Self = Self {
        timeout: Some(Duration::from_secs(600)),
        idle_timeout: Some(Duration::from_secs(60)),
        is_chosen: false,
    };

    pub(crate) const fn timeout(self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) const fn idle_timeout(self) -> Option<Duration> {
        self.idle_timeout
    }

    /// So long and no less: an idle time that nobody has chosen is off.
    pub(crate) const fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
        if !self.is_chosen {
            self.idle_timeout = None;
        }
    }

    pub(crate) const fn set_idle_timeout(&mut self, idle_timeout: Option<Duration>) {
        self.idle_timeout = idle_timeout;
        self.is_chosen = true;
    }

    /// Those of a request whose caller wants to know of its progress, or does not.
    pub(crate) fn of_request(self, is_watched: bool) -> RequestOptions {
        // Progress that nobody listens to begins the idle time anew.
        RequestOptions::default()
            .timeout(self.timeout)
            .idle_timeout(self.idle_timeout)
            .progress(is_watched || self.is_chosen && self.idle_timeout.is_some())
    }

    /// That of a request which has no progress.
    pub(crate) fn of_sign_of_life(self) -> Option<Duration> {
        self.timeout.into_iter().chain(self.idle_timeout).min()
    }
}
