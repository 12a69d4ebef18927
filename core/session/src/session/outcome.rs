//! What an input did.

use super::Lease;
use crate::{Exit, Generation, Ticket};

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
