//! Why a generation drained and how its runner went.

use core::fmt;

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

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Graceful => "graceful",
            Self::Force => "force",
            Self::Abort => "abort",
        })
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

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finish => "finish",
            Self::Stop => "stop",
            Self::Abort => "abort",
            Self::Discard => "discard",
        })
    }
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

/// A part of a sentence, and in the short form (`{:#}`) a word or two.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RunnerEnded if f.alternate() => f.write_str("by itself"),
            Self::RunnerRetiring if f.alternate() => f.write_str("retired"),
            Self::NobodyWaiting if f.alternate() => f.write_str("nobody waits"),
            Self::Deadline(kind) if f.alternate() => kind.fmt(f),
            Self::Closed => f.write_str("closed"),
            Self::Shutdown => f.write_str("shut down"),
            Self::RunnerEnded => f.write_str("the runner ended by itself"),
            Self::RunnerRetiring => f.write_str("the runner retired"),
            Self::NobodyWaiting => f.write_str("nobody waited any more"),
            Self::Deadline(kind) => write!(f, "the {kind} deadline passed"),
        }
    }
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

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let for_good = if self.retryable { "" } else { " for good" };
        write!(f, "{}{for_good}", self.kind)
    }
}

impl fmt::Display for ExitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Dropped => "dropped",
            Self::Unconfirmed => "end not confirmed",
        })
    }
}
