//! Connected: the only state in which leases are granted.

use core::num::NonZeroU64;
use core::time::Duration;

use super::declare::state;
#[cfg(feature = "alloc")]
use super::rename::Renamed;
use crate::deadline::Deadline;
#[cfg(feature = "alloc")]
use crate::script::names::Names;
use crate::{Config, DeadlineKind, Generation, Time, Wake};

state! {
    /// Connected. Made from [`Connecting`](super::Connecting) and from nothing else.
    // In this order, so that what each lease looks at and writes stands in front.
    #[repr(C)]
    pub struct Live as "Live", LiveData {
        generation: Generation,
        usage: Usage,
        /// Failed attempts in a row; zero once this life counts as a success.
        failed: u32,
        max_age: Deadline,
        stable: Deadline,
        probe: ProbeState,
    }
}

/// Whether leases are held, or how long none need be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Usage {
    /// No lease is held; the keep-alive deadline, if it is armed.
    Unused(Deadline),
    /// So many leases are held.
    Held(NonZeroU64),
}

/// Where the probes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum ProbeState {
    /// There are none.
    Off,
    /// The next one is sent at this deadline; so many were sent before.
    Due { sent: u64, interval: Deadline },
    /// The last one, which has this number, must be answered by this deadline.
    Asked { number: u64, timeout: Deadline },
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
    #[inline]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Leases held.
    #[inline]
    pub const fn held(&self) -> u64 {
        match self.usage {
            Usage::Unused(_) => 0,
            Usage::Held(held) => held.get(),
        }
    }

    /// Failed attempts in a row, zero once this life counts as a success.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// One lease more.
    #[inline]
    pub fn acquire(&mut self) {
        match &mut self.usage {
            Usage::Held(held) => *held = held.saturating_add(1),
            unused @ Usage::Unused(_) => *unused = Usage::Held(NonZeroU64::MIN),
        }
    }

    /// One lease less. Returns how many are left.
    #[inline]
    pub fn release(&mut self) -> u64 {
        let Usage::Held(held) = &mut self.usage else {
            return 0;
        };
        let left = held.get().saturating_sub(1);
        match NonZeroU64::new(left) {
            Some(more) => *held = more,
            None => self.usage = Usage::Unused(Deadline::Off),
        }
        left
    }

    /// Arms the keep-alive deadline unless it is armed or a lease is held. Returns whether it was armed now.
    pub fn on_unused(&mut self, keep_alive: Duration) -> bool {
        let arms = self.usage == Usage::Unused(Deadline::Off);
        if arms {
            self.usage = Usage::Unused(Deadline::Unstamped(keep_alive));
        }
        arms
    }

    /// This life has lasted long enough to count as a success.
    pub fn on_stable(&mut self) {
        self.stable = Deadline::Off;
        self.failed = 0;
    }

    /// The next probe is due. Returns its number, from 1.
    pub fn on_probe_due(&mut self, config: &Config) -> u64 {
        let number = self.probe.sent().saturating_add(1);
        self.probe = match config.probe {
            Some(probe) => ProbeState::Asked { number, timeout: Deadline::Unstamped(probe.timeout) },
            None => ProbeState::Off,
        };
        number
    }

    /// The peer answered probe `number`.
    pub fn on_probe_answered(&mut self, number: u64, config: &Config) -> Probed {
        match self.probe {
            ProbeState::Asked { number: asked, .. } if asked == number => {
                self.probe = ProbeState::due(number, config);
                Probed::Answered
            }
            ProbeState::Off | ProbeState::Due { .. } | ProbeState::Asked { .. } => Probed::Stale,
        }
    }

    /// Returns whether an end now would come before this life counts as a success.
    pub(in crate::state) fn is_early(&self) -> bool {
        self.stable.is_armed()
    }

    /// The earliest of keep-alive, max age, stable and probe.
    pub fn poll_timeout(&self) -> Wake {
        let Self { generation: _, usage, failed: _, max_age, stable, probe } = self;
        let wake = match usage {
            Usage::Unused(deadline) => deadline.wake(DeadlineKind::KeepAlive),
            Usage::Held(_) => Wake::Never,
        };
        let wake = max_age.or_earlier(wake, DeadlineKind::MaxAge);
        let wake = stable.or_earlier(wake, DeadlineKind::Stable);
        match probe {
            ProbeState::Off => wake,
            ProbeState::Due { sent: _, interval } => interval.or_earlier(wake, DeadlineKind::ProbeInterval),
            ProbeState::Asked { number: _, timeout } => timeout.or_earlier(wake, DeadlineKind::ProbeTimeout),
        }
    }

    /// Gives deadlines that were armed without a clock their time. Returns whether there were any.
    pub fn stamp(&mut self, now: Time) -> bool {
        let Self { generation: _, usage, failed: _, max_age, stable, probe } = self;
        let mut any = match usage {
            Usage::Unused(deadline) => deadline.stamp(now),
            Usage::Held(_) => false,
        };
        any |= max_age.stamp(now);
        any |= stable.stamp(now);
        any |= match probe {
            ProbeState::Off => false,
            ProbeState::Due { sent: _, interval: deadline }
            | ProbeState::Asked { number: _, timeout: deadline } => deadline.stamp(now),
        };
        any
    }
}

impl ProbeState {
    /// The next probe is due after the interval, if there are probes; so many were sent.
    pub(in crate::state) fn due(sent: u64, config: &Config) -> Self {
        match config.probe {
            Some(probe) => Self::Due { sent, interval: Deadline::Unstamped(probe.interval) },
            None => Self::Off,
        }
    }

    const fn sent(self) -> u64 {
        match self {
            Self::Off => 0,
            Self::Due { sent, .. } => sent,
            Self::Asked { number, .. } => number,
        }
    }
}

#[cfg(feature = "alloc")]
impl Renamed for Usage {
    fn renamed(&self, names: &Names<'_>) -> Self {
        match self {
            Self::Unused(deadline) => Self::Unused(deadline.renamed(names)),
            Self::Held(held) => Self::Held(held.renamed(names)),
        }
    }
}

#[cfg(feature = "alloc")]
impl Renamed for ProbeState {
    fn renamed(&self, names: &Names<'_>) -> Self {
        match self {
            Self::Off => Self::Off,
            Self::Due { sent, interval } => {
                Self::Due { sent: names.probe(*sent), interval: interval.renamed(names) }
            }
            Self::Asked { number, timeout } => {
                Self::Asked { number: names.probe(*number), timeout: timeout.renamed(names) }
            }
        }
    }
}
