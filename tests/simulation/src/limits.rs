//! How long things may take, and how many there may be.

use std::time::Duration;

use tenure::{Config, Mode};

/// The bounds that follow from a config.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From a graceful close to the end of its generation.
    pub(crate) draining: Duration,
    finish: Duration,
    stop: Duration,
    /// From an acquire to its lease or rejection.
    pub(crate) acquire: Duration,
    /// How many generations may be there beside the one that is opened.
    pub(crate) others: u64,
    /// How often a server may want input for a call.
    pub(crate) rounds: usize,
    /// None of the protocol's queues is short.
    pub(crate) roomy: bool,
}

impl Limits {
    pub(crate) fn of(config: &Config, rounds: usize, roomy: bool) -> Self {
        let unwinding = config.stop_timeout + config.abort_timeout + config.discard_timeout;
        let draining = config.finish_timeout + unwinding;
        let (attempts, backoff) = config.retry.map_or((1, Duration::ZERO), |r| (r.attempts.get(), r.max));
        let acquire = draining + backoff + (config.connect_timeout + unwinding + backoff) * attempts;
        let others = u64::from(config.max_orphans.get()).saturating_sub(1);
        let acquire = config.acquire_timeout.map_or(acquire, |limit| limit.min(acquire));
        Self {
            draining,
            finish: config.finish_timeout,
            stop: config.stop_timeout,
            acquire,
            others,
            rounds,
            roomy,
        }
    }

    /// From a close in this mode to the end of its generation: it begins at the mode's step, or further on.
    pub(crate) fn close(&self, mode: Mode) -> Duration {
        match mode {
            Mode::Graceful => self.draining,
            Mode::Force => self.draining.saturating_sub(self.finish),
            Mode::Abort => self.draining.saturating_sub(self.finish).saturating_sub(self.stop),
        }
    }
}
