//! Connected: the only state in which leases are granted.

use core::time::Duration;

use crate::backoff::{AfterFailure, after_failure};
use crate::deadline::Deadline;
use crate::{Config, DeadlineKind, Generation, Time, Wake};

/// Connected. Made from [`Connecting`](super::Connecting) and from nothing else.
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Live {
    pub(in crate::state) generation: Generation,
    pub(in crate::state) held: u64,
    /// Failed attempts in a row; zero once this life counts as a success.
    pub(in crate::state) failed: u32,
    pub(in crate::state) keep_alive: Deadline,
    pub(in crate::state) max_age: Deadline,
    pub(in crate::state) stable: Deadline,
    pub(in crate::state) probe: Deadline,
    pub(in crate::state) probe_asked: bool,
    pub(in crate::state) probes: u64,
}

/// What an answer to a probe was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probed {
    /// It answers the probe that is waited for.
    Answered,
    /// No such probe is waited for: answered before, or never sent.
    Stale,
}

impl Live {
    /// Which life of the connection this is.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Leases held.
    pub const fn held(&self) -> u64 {
        self.held
    }

    /// Failed attempts in a row, zero once this life counts as a success.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// One lease more.
    pub fn acquire(&mut self) {
        self.held = self.held.saturating_add(1);
        self.keep_alive = Deadline::Off;
    }

    /// One lease less; how many are left.
    pub fn release(&mut self) -> u64 {
        self.held = self.held.saturating_sub(1);
        self.held
    }

    /// Arms the keep-alive deadline unless it is armed or a lease is held; whether it did.
    pub fn on_unused(&mut self, keep_alive: Duration) -> bool {
        if self.held > 0 || self.keep_alive.is_armed() {
            return false;
        }
        self.keep_alive = Deadline::Pending(keep_alive);
        true
    }

    /// This life has lasted long enough to count as a success.
    pub fn on_stable(&mut self) {
        self.stable = Deadline::Off;
        self.failed = 0;
    }

    /// The next probe is due: its number, from 1.
    pub fn on_probe_due(&mut self, config: &Config) -> u64 {
        self.probes = self.probes.saturating_add(1);
        self.probe_asked = true;
        self.probe = Deadline::after(config.probe.map(|probe| probe.timeout));
        self.probes
    }

    /// The peer answered probe `number`.
    pub fn on_probe_answered(&mut self, number: u64, config: &Config) -> Probed {
        if !self.probe_asked || number != self.probes {
            return Probed::Stale;
        }
        self.probe_asked = false;
        self.probe = Deadline::after(config.probe.map(|probe| probe.interval));
        Probed::Answered
    }

    /// What follows if the runner ends by itself now; `None` if this life counts as a success.
    ///
    /// An early end is a failed attempt however it went: a peer that says ready and leaves in good
    /// order would be started again in a hot loop just the same.
    pub fn after_early_end(&self, config: &Config) -> Option<AfterFailure> {
        self.stable
            .is_armed()
            .then(|| after_failure(config.retry.as_ref(), true, self.failed, config.seed, self.generation))
    }

    /// The earliest of keep-alive, max age, stable and probe.
    pub fn poll_timeout(&self) -> Wake {
        let probe = if self.probe_asked { DeadlineKind::ProbeTimeout } else { DeadlineKind::ProbeInterval };
        self.keep_alive
            .wake(DeadlineKind::KeepAlive)
            .or_earlier(self.max_age.wake(DeadlineKind::MaxAge))
            .or_earlier(self.stable.wake(DeadlineKind::Stable))
            .or_earlier(self.probe.wake(probe))
    }

    /// Gives deadlines that were armed without a clock their time; whether there were any.
    pub fn stamp(&mut self, now: Time) -> bool {
        let mut any = self.keep_alive.stamp(now);
        any |= self.max_age.stamp(now);
        any |= self.stable.stamp(now);
        any |= self.probe.stamp(now);
        any
    }
}
