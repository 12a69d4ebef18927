//! The runner opens its transport and does its handshake.

use crate::backoff::{AfterFailure, after_failure};
use crate::deadline::Deadline;
use crate::{Config, DeadlineKind, Generation, Time, Wake};

/// The runner was started and isn't ready yet.
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Connecting {
    pub(in crate::state) generation: Generation,
    pub(in crate::state) failed: u32,
    pub(in crate::state) connect: Deadline,
}

impl Connecting {
    /// Which life of the connection this is.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Failed attempts in a row before this one.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// What follows if this attempt fails now.
    pub fn after_failure(&self, retryable: bool, config: &Config) -> AfterFailure {
        after_failure(config.retry.as_ref(), retryable, self.failed, config.seed, self.generation)
    }

    /// The connect deadline.
    pub fn poll_timeout(&self) -> Wake {
        self.connect.wake(DeadlineKind::Connect)
    }

    /// Gives deadlines that were armed without a clock their time; whether there were any.
    pub fn stamp(&mut self, now: Time) -> bool {
        self.connect.stamp(now)
    }
}
