//! How far a session's life is.

use std::time::Duration;

use crate::http::error::HttpError;
use crate::jsonrpc::id::RequestId;

/// How far the session's life is.
#[derive(Debug)]
pub(super) enum Life {
    Running,
    /// The server knows the session no more. Requests that it refused are told so when nobody can acquire the session
    /// any more; then what was sent may be answered until that time.
    Retiring {
        error: HttpError,
        held: Vec<(RequestId, HttpError)>,
        until: Option<Duration>,
    },
    /// Told to stop: what is left to say is said until that time, and an opening is waited for longer; then the server
    /// is told that the session ends.
    Stopping {
        until: Option<Duration>,
    },
    /// The server is told that the session ends.
    Ending,
    Ended,
}

impl Life {
    pub(super) const fn takes_messages(&self) -> bool {
        matches!(self, Self::Running)
    }

    pub(super) const fn due(&self) -> Option<Duration> {
        match self {
            Self::Retiring { until, .. } | Self::Stopping { until } => *until,
            Self::Running | Self::Ending | Self::Ended => None,
        }
    }
}
