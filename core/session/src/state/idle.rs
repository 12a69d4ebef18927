//! Not connected.

use super::Connecting;
use super::declare::state;
#[cfg(feature = "alloc")]
use super::rename::Renamed;
use crate::deadline::Deadline;
#[cfg(feature = "alloc")]
use crate::script::names::Names;
use crate::{Cause, Config, DeadlineKind, Exit, Generation, Time, Wake};

state! {
    /// Not connected; knows how the last generation ended and whether a backoff is running.
    pub struct Idle as "Idle", IdleData {
        last: Option<Ending>,
        failed: u32,
        backoff: Deadline,
    }
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

impl Ending {
    /// The runner ended without being told to.
    pub(in crate::state) const fn by_itself(generation: Generation, exit: Exit) -> Self {
        Self { generation, cause: Cause::RunnerEnded, exit }
    }
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

    /// Failed attempts in a row: more than zero if the last generation failed and the retry policy has another
    /// attempt left for those who wait.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// Returns whether a backoff forbids to connect.
    pub fn is_gated(&self) -> bool {
        self.backoff.is_armed()
    }

    /// Ends the backoff, if one is running.
    pub fn on_backoff_over(&mut self) {
        self.backoff = Deadline::Off;
    }

    /// The backoff.
    pub fn poll_timeout(&self) -> Wake {
        let Self { last: _, failed: _, backoff } = self;
        backoff.wake(DeadlineKind::Backoff)
    }

    /// Gives deadlines that were armed without a clock their time. Returns whether there were any.
    pub fn stamp(&mut self, now: Time) -> bool {
        let Self { last: _, failed: _, backoff } = self;
        backoff.stamp(now)
    }
}

impl Default for Idle {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "alloc")]
impl Renamed for Ending {
    fn renamed(&self, names: &Names<'_>) -> Self {
        let Self { generation, cause, exit } = self;
        Self { generation: generation.renamed(names), cause: cause.renamed(names), exit: exit.renamed(names) }
    }
}
