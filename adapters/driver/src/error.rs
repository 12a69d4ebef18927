//! What callers are told when they get no lease, or when theirs is over.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use tenure::{Cause, DeadlineKind, Exit, ExitKind, Generation, Refusal, Rejection};

/// Why a caller gets nothing, in the machine's words.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why {
    /// It could not even wait.
    Refused(Refusal),
    /// It waited.
    Rejected(Rejection),
    /// It had a lease of this generation.
    Revoked(Generation, Cause),
}

/// Why there is no lease, or no longer one. Each says what happened to the caller.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// Nothing was started and nothing waits; the reason says what to do.
    Refused {
        /// Why.
        reason: Refusal,
    },
    /// Somebody closed the session. Acquire again for the next generation, unless it was for good.
    Closed {
        /// The generation of the lease; `None` if the caller held none.
        generation: Option<Generation>,
        /// Whether the session was shut down.
        for_good: bool,
    },
    /// The connection could not be made.
    ConnectFailed {
        /// Which attempt.
        generation: Generation,
        /// Why.
        failure: Failure,
    },
    /// The connection was lost. Acquire again to reconnect; what was in flight may or may not have been
    /// done, and is never sent again by itself.
    Lost {
        /// The generation of the lease; `None` if the driver was dropped and the caller held none.
        generation: Option<Generation>,
        /// Why.
        failure: Failure,
    },
    /// A deadline of the session passed.
    TimedOut {
        /// Which generation; `None` for the acquire deadline, which is of no generation.
        generation: Option<Generation>,
        /// Which deadline.
        deadline: DeadlineKind,
    },
}

impl Error {
    /// The generation it is about, if there was one.
    pub const fn generation(&self) -> Option<Generation> {
        match self {
            Self::Refused { .. } => None,
            Self::ConnectFailed { generation, .. } => Some(*generation),
            Self::Closed { generation, .. }
            | Self::Lost { generation, .. }
            | Self::TimedOut { generation, .. } => *generation,
        }
    }

    /// The one place that turns the machine's words into a caller's error. `failure` is how the last runner went
    /// wrong, if it did.
    pub(crate) fn because(why: Why, failure: Option<&Failure>, driver_gone: bool) -> Self {
        let failure = || failure.cloned().unwrap_or_else(Failure::finished);
        let generation = match why {
            Why::Revoked(generation, _) => Some(generation),
            Why::Refused(_) | Why::Rejected(_) => None,
        };
        if driver_gone {
            return Self::Lost { generation, failure: Failure::dropped() };
        }
        let timed_out = |generation, deadline| Self::TimedOut { generation, deadline };
        match why {
            Why::Refused(Refusal::Shutdown) | Why::Rejected(Rejection::Shutdown) => {
                Self::Closed { generation, for_good: true }
            }
            Why::Refused(reason) => Self::Refused { reason },
            Why::Rejected(Rejection::ConnectFailed { generation, .. }) => {
                Self::ConnectFailed { generation, failure: failure() }
            }
            Why::Rejected(Rejection::ConnectTimeout { generation }) => {
                timed_out(Some(generation), DeadlineKind::Connect)
            }
            Why::Rejected(Rejection::AcquireTimeout) => timed_out(None, DeadlineKind::Acquire),
            Why::Rejected(Rejection::TooManyOrphans { limit }) => {
                Self::Refused { reason: Refusal::TooManyOrphans { limit } }
            }
            Why::Revoked(_, Cause::Shutdown) => Self::Closed { generation, for_good: true },
            Why::Revoked(_, Cause::Deadline(deadline)) => timed_out(generation, deadline),
            Why::Revoked(_, Cause::RunnerEnded) => Self::Lost { generation, failure: failure() },
            // Closed, and whatever the machine may learn to say.
            Why::Rejected(_) | Why::Revoked(..) => Self::Closed { generation, for_good: false },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |generation: &Option<Generation>| {
            generation.map_or_else(String::new, |generation| format!(" ({generation})"))
        };
        match self {
            Self::Refused { reason } => write!(f, "refused: {reason}"),
            Self::Closed { generation, for_good: true } => {
                write!(f, "the session was shut down{}", of(generation))
            }
            Self::Closed { generation, for_good: false } => {
                write!(f, "the session was closed{}", of(generation))
            }
            Self::ConnectFailed { generation, failure } => {
                write!(f, "could not connect ({generation}): {failure}")
            }
            Self::Lost { generation, failure } => {
                write!(f, "the session was lost{}: {failure}", of(generation))
            }
            Self::TimedOut { generation, deadline } => {
                write!(f, "the {deadline} deadline passed{}", of(generation))
            }
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::ConnectFailed { failure, .. } | Self::Lost { failure, .. } => failure.error(),
            Self::Refused { reason } => Some(reason),
            Self::Closed { .. } | Self::TimedOut { .. } => None,
        }
    }
}

/// How a runner went wrong. Any error turns into one; cloning shares it.
///
/// It is no `std::error::Error` itself, so that `?` in a runner takes every error.
#[derive(Clone, Debug)]
pub struct Failure {
    exit: Exit,
    error: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Failure {
    /// The runner failed with `error`; another attempt may go better.
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { exit: Exit::new(ExitKind::Failed, true), error: Some(error.into().into()) }
    }

    /// The same failure, but no further attempt will go better: a retry policy gives up at once.
    #[must_use]
    pub fn permanent(mut self) -> Self {
        self.exit.retryable = false;
        self
    }

    /// What happened to the runner.
    pub const fn kind(&self) -> ExitKind {
        self.exit.kind
    }

    /// Whether another attempt may go better.
    pub const fn is_retryable(&self) -> bool {
        self.exit.retryable
    }

    /// The error that the runner ended with; of a panic, its message.
    pub fn error(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.as_deref().map(|error| error as &(dyn StdError + 'static))
    }

    /// The error as an `E`, if it is one.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.error.as_ref()?.downcast_ref()
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// It ended without an error, though nobody had told it to.
    pub(crate) const fn finished() -> Self {
        Self { exit: Exit::FINISHED, error: None }
    }

    /// It was dropped: discarded, or with its driver.
    pub(crate) const fn dropped() -> Self {
        Self { exit: Exit::new(ExitKind::Dropped, true), error: None }
    }

    pub(crate) fn panicked(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Self { exit: Exit::new(ExitKind::Panicked, true), error: text.map(|text| Arc::from(Box::from(text))) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.error, self.exit.kind) {
            (Some(error), ExitKind::Panicked) => write!(f, "the runner panicked: {error}"),
            (Some(error), _) => error.fmt(f),
            (None, ExitKind::Finished) => f.write_str("the runner ended by itself"),
            (None, ExitKind::Dropped) => f.write_str("the driver was dropped"),
            (None, kind) => write!(f, "the runner {kind}"),
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}
