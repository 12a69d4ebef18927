//! When the runner wakes for a deadline of a call.
//!
//! Callers who [send](super::sending) by themselves wake it for a deadline before the one that it sleeps for, and for
//! no other. It keeps a sleep that is too short: that costs one look at its end, and one made anew for each call costs
//! more.

use std::time::Duration;

use super::channel::{Channel, Inner};

/// The runner's side.
impl Channel {
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.lock().connection.poll_timeout()
    }

    /// When the runner is to wake: at the next deadline, or before it if it was to wake before it anyway. From here on
    /// an earlier deadline wakes it.
    pub(crate) fn arm(&self) -> Option<Duration> {
        let mut inner = self.lock();
        let next = inner.connection.poll_timeout();
        inner.armed = match (inner.armed, next) {
            (Some(armed), Some(next)) => Some(armed.min(next)),
            (armed, next) => armed.or(next),
        };
        inner.armed
    }

    /// The runner sleeps for nothing, until it [arms](Self::arm) again.
    pub(crate) fn disarm(&self) {
        self.lock().armed = None;
    }

    /// The time has come for which the runner was [to wake](Self::arm). Returns whether a deadline was due.
    pub(crate) fn handle_timeout(&self, now: Duration) -> bool {
        let mut inner = self.lock();
        inner.armed = None;
        let is_due = inner.connection.poll_timeout().is_some_and(|deadline| deadline <= now);
        if is_due {
            inner.connection.handle_timeout(now);
        }
        is_due
    }
}

impl Inner {
    /// The runner sleeps too long for the next deadline.
    pub(super) fn is_due_sooner(&self) -> bool {
        let next = self.connection.poll_timeout();
        next.is_some_and(|next| self.armed.is_none_or(|armed| next < armed))
    }
}
