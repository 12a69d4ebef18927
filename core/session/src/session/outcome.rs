//! What an input did.

use core::fmt;

use super::Lease;
use crate::{DeadlineKind, Exit, Generation, Ticket};

/// What an input did. After [`NoOp`](Self::NoOp) and [`Stale`](Self::Stale) the machine equals (`==`)
/// what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Outcome {
    /// It changed the machine.
    Applied,
    /// It was understood and there was nothing to do.
    NoOp,
    /// It speaks of something that is over: a generation, a lease, a ticket or a probe.
    Stale,
}

impl Outcome {
    pub(crate) const fn applied_if(changed: bool) -> Self {
        if changed { Self::Applied } else { Self::NoOp }
    }
}

/// What `acquire` gave.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Acquired {
    /// The session is live: here is the lease.
    Granted(Lease),
    /// Wait for the grant or rejection of this ticket.
    Waiting(Ticket),
}

/// Why `acquire` was refused at once. Nothing was started and nothing waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Refusal {
    /// The session was shut down for good: open another.
    Shutdown,
    /// As many callers wait as the config allows: try again later.
    QueueFull {
        /// [`Config::max_waiting`](crate::Config::max_waiting).
        limit: u32,
    },
    /// As many discarded runners have not ended as the config allows: try again later.
    TooManyOrphans {
        /// [`Config::max_orphans`](crate::Config::max_orphans).
        limit: u32,
    },
    /// The session isn't live, and `try_acquire` doesn't wait.
    NotLive,
}

/// What is wrong and what to do, and in the short form (`{:#}`) only what is wrong.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shutdown if f.alternate() => f.write_str("shut down"),
            Self::QueueFull { limit } if f.alternate() => write!(f, "{limit} wait already"),
            Self::TooManyOrphans { limit } if f.alternate() => write!(f, "{limit} orphans"),
            Self::NotLive if f.alternate() => f.write_str("not live"),
            Self::Shutdown => f.write_str("the session was shut down: open another"),
            Self::QueueFull { limit } => write!(f, "{limit} callers wait already: try again later"),
            Self::TooManyOrphans { limit } => {
                write!(f, "{limit} discarded connections have not ended yet: try again later")
            }
            Self::NotLive => f.write_str("the session is not live: acquire and wait for it"),
        }
    }
}

impl core::error::Error for Refusal {}

/// Why a waiting caller gets no lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Rejection {
    /// The session was closed while it waited: acquire again for the next generation.
    Closed,
    /// The session was shut down while it waited.
    Shutdown,
    /// The runner ended before it was ready.
    ConnectFailed {
        /// Which attempt.
        generation: Generation,
        /// How its runner went.
        exit: Exit,
    },
    /// The connect deadline passed.
    ConnectTimeout {
        /// Which attempt.
        generation: Generation,
    },
    /// The acquire deadline passed.
    AcquireTimeout,
    /// As many discarded runners have not ended as the config allows.
    TooManyOrphans {
        /// [`Config::max_orphans`](crate::Config::max_orphans).
        limit: u32,
    },
}

/// What is wrong and what to do, and in the short form (`{:#}`) only what is wrong.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed if f.alternate() => f.write_str("closed"),
            Self::Shutdown if f.alternate() => f.write_str("shut down"),
            Self::ConnectFailed { generation, exit } if f.alternate() => write!(f, "{generation:#} {exit}"),
            Self::ConnectTimeout { generation } if f.alternate() => {
                write!(f, "{generation:#} not ready in time")
            }
            Self::AcquireTimeout if f.alternate() => f.write_str("waited too long"),
            Self::Closed => f.write_str("the session was closed while the caller waited: acquire again"),
            Self::Shutdown => f.write_str("the session was shut down while the caller waited"),
            Self::ConnectFailed { exit, .. } => write!(f, "the connect failed: runner {}", exit.kind),
            Self::ConnectTimeout { .. } => write!(f, "the {} deadline passed", DeadlineKind::Connect),
            Self::AcquireTimeout => write!(f, "the {} deadline passed", DeadlineKind::Acquire),
            // In either form.
            Self::TooManyOrphans { limit } => Refusal::TooManyOrphans { limit: *limit }.fmt(f),
        }
    }
}

impl core::error::Error for Rejection {}

/// What `close` and `shutdown` did, and what to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Closing {
    /// Whether it changed the machine.
    pub outcome: Outcome,
    /// The generation whose [`Action::Ended`](crate::Action::Ended) completes it; `None`: done already.
    pub watch: Option<Generation>,
}

impl Closing {
    /// What a close did, for other designs behind the checker.
    pub const fn new(outcome: Outcome, watch: Option<Generation>) -> Self {
        Self { outcome, watch }
    }
}
