//! Deadlines: armed without a clock, stamped by the next `handle_timeout`.

use core::time::Duration;

use crate::Time;

/// Which deadline it is: the reason for a wake-up, and the name in an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum DeadlineKind {
    /// The runner must be ready ([`Config::connect_timeout`](crate::Config::connect_timeout)).
    Connect,
    /// Leases must be released ([`Config::finish_timeout`](crate::Config::finish_timeout)).
    Finish,
    /// The runner must have unwound ([`Config::stop_timeout`](crate::Config::stop_timeout)).
    Stop,
    /// The hurried runner must have ended ([`Config::abort_timeout`](crate::Config::abort_timeout)).
    Abort,
    /// The end of the discarded runner must be confirmed ([`Config::discard_timeout`](crate::Config::discard_timeout)).
    Discard,
    /// Nobody held a lease for the time of [`KeepAlive::For`](crate::KeepAlive::For).
    KeepAlive,
    /// The connection is as old as it may be ([`Config::max_age`](crate::Config::max_age)).
    MaxAge,
    /// The connection counts as a success from here ([`Retry::stable_after`](crate::Retry::stable_after)).
    Stable,
    /// The next probe is to be sent ([`Probe::interval`](crate::Probe::interval)).
    ProbeInterval,
    /// The probe must be answered ([`Probe::timeout`](crate::Probe::timeout)).
    ProbeTimeout,
    /// The next attempt may begin ([`Config::retry`](crate::Config::retry)).
    Backoff,
    /// The caller at the front has waited long enough ([`Config::acquire_timeout`](crate::Config::acquire_timeout)).
    Acquire,
}

/// When `handle_timeout` is wanted next, and for which deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Wake {
    /// Not until the next input.
    Never,
    /// At once: this deadline was armed and waits for its stamp.
    Now(DeadlineKind),
    /// At this time, for this deadline.
    At(Time, DeadlineKind),
}

impl Wake {
    /// Returns whether this wake-up comes before `other`.
    #[inline]
    pub fn is_before(self, other: Self) -> bool {
        match (self, other) {
            (Self::Now(_), Self::Never | Self::At(..)) | (Self::At(..), Self::Never) => true,
            (Self::At(mine, _), Self::At(theirs, _)) => mine < theirs,
            (Self::Never, _) | (Self::Now(_) | Self::At(..), Self::Now(_)) => false,
        }
    }

    /// The earlier of the two; of equal ones, this.
    #[must_use]
    pub fn or_earlier(self, other: Self) -> Self {
        if other.is_before(self) { other } else { self }
    }

    /// Which deadline it is.
    pub const fn kind(self) -> Option<DeadlineKind> {
        match self {
            Self::Never => None,
            Self::Now(kind) | Self::At(_, kind) => Some(kind),
        }
    }
}

/// One deadline of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Deadline {
    #[default]
    Off,
    /// Armed by an input that knew no time; counts from the next stamp.
    Unstamped(Duration),
    At(Time),
}

impl Deadline {
    /// Armed if there is a duration to arm it with.
    pub(crate) fn armed_for(duration: Option<Duration>) -> Self {
        duration.map_or(Self::Off, Self::Unstamped)
    }

    /// Gives it its time. Returns whether it waited for that.
    pub(crate) fn stamp(&mut self, now: Time) -> bool {
        let Self::Unstamped(duration) = *self else {
            return false;
        };
        *self = Self::At(now.saturating_add(duration));
        true
    }

    pub(crate) fn wake(self, kind: DeadlineKind) -> Wake {
        match self {
            Self::Off => Wake::Never,
            Self::Unstamped(_) => Wake::Now(kind),
            Self::At(time) => Wake::At(time, kind),
        }
    }

    /// The earlier of this deadline and `wake`; of equal ones, `wake`. Most deadlines are off.
    #[inline]
    pub(crate) fn or_earlier(self, wake: Wake, kind: DeadlineKind) -> Wake {
        match self {
            Self::Off => wake,
            Self::Unstamped(_) | Self::At(_) => wake.or_earlier(self.wake(kind)),
        }
    }

    pub(crate) fn is_armed(self) -> bool {
        self != Self::Off
    }
}
