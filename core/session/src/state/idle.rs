//! Not connected.

use super::Connecting;
use crate::deadline::Deadline;
use crate::{Cause, Config, DeadlineKind, Exit, Generation, Time, Wake};

/// Not connected; knows how the last generation ended and whether a backoff is running.
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Idle {
    pub(in crate::state) last: Option<Ending>,
    pub(in crate::state) failed: u32,
    pub(in crate::state) backoff: Deadline,
}

/// How a generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Ending {
    /// Which one.
    pub generation: Generation,
    /// Why it drained.
    pub cause: Cause,
    /// How its runner went.
    pub exit: Exit,
}

impl Idle {
    /// The state every session starts in.
    pub const fn new() -> Self {
        Self { last: None, failed: 0, backoff: Deadline::Off }
    }

    /// Begins the next generation.
    ///
    /// # Errors
    /// Hands the state back while a backoff is running ([`is_gated`](Self::is_gated)).
    #[allow(clippy::result_large_err, reason = "the refused state is handed back whole")]
    pub fn connect(self, config: &Config) -> Result<Connecting, Self> {
        if self.is_gated() { Err(self) } else { Ok(self.begin(config)) }
    }

    /// How the last generation ended; `None` before the first.
    pub const fn last(&self) -> Option<Ending> {
        self.last
    }

    /// The last generation; `None` before the first.
    pub fn generation(&self) -> Option<Generation> {
        self.last.map(|ending| ending.generation)
    }

    /// Failed attempts in a row.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// Whether a backoff forbids to connect.
    pub fn is_gated(&self) -> bool {
        self.backoff.is_armed()
    }

    /// Ends the backoff, if one is running.
    pub fn on_backoff_over(&mut self) {
        self.backoff = Deadline::Off;
    }

    /// The backoff.
    pub fn poll_timeout(&self) -> Wake {
        self.backoff.wake(DeadlineKind::Backoff)
    }

    /// Gives deadlines that were armed without a clock their time; whether there were any.
    pub fn stamp(&mut self, now: Time) -> bool {
        self.backoff.stamp(now)
    }
}

impl Default for Idle {
    fn default() -> Self {
        Self::new()
    }
}
