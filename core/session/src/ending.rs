//! Why a generation drained and how its runner went.

use crate::DeadlineKind;

/// How a close begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Mode {
    /// At [`Step::Finish`]: leases that are held may go on until the finish deadline.
    Graceful,
    /// At [`Step::Stop`]: leases are revoked now, the runner unwinds in order.
    Force,
    /// At [`Step::Abort`]: leases are revoked now, the runner is told to hurry.
    Abort,
}

impl Mode {
    /// The step of draining at which it begins.
    pub const fn step(self) -> Step {
        match self {
            Self::Graceful => Step::Finish,
            Self::Force => Step::Stop,
            Self::Abort => Step::Abort,
        }
    }
}

/// How far draining has gone; it only ever moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Step {
    /// No new lease; leases held may go on.
    Finish,
    /// Leases are revoked; the runner unwinds in order.
    Stop,
    /// The runner is told to hurry.
    Abort,
    /// The runner is given up; its end is waited for a short time.
    Discard,
}

/// Why a generation drained or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Cause {
    /// Somebody closed the session.
    Closed,
    /// Somebody shut the session down for good.
    Shutdown,
    /// The runner ended by itself: before ready the connect failed, after it the session was lost.
    RunnerEnded,
    /// The runner of a live session retired: it served the leases held to their end and took nothing new.
    RunnerRetiring,
    /// Nobody waited for the connect any more.
    NobodyWaiting,
    /// A deadline passed: connect, keep-alive, max age or probe.
    Deadline(DeadlineKind),
}

/// How a runner went, as far as the machine needs to know. The error value itself stays outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Exit {
    /// What happened.
    pub kind: ExitKind,
    /// Whether another attempt may go better.
    pub retryable: bool,
}

/// What happened to a runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ExitKind {
    /// It ended without an error.
    Finished,
    /// It ended with an error.
    Failed,
    /// It panicked.
    Panicked,
    /// It was dropped before it had ended.
    Dropped,
    /// Its end wasn't confirmed by the discard deadline.
    Unconfirmed,
}

impl Exit {
    /// It ended as `kind` says; `retryable` if another attempt may go better.
    pub const fn new(kind: ExitKind, retryable: bool) -> Self {
        Self { kind, retryable }
    }

    /// It ended without an error.
    pub const FINISHED: Self = Self::new(ExitKind::Finished, true);
    /// Its end wasn't confirmed by the discard deadline.
    pub const UNCONFIRMED: Self = Self::new(ExitKind::Unconfirmed, true);
}
