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
        /// What the runner noted by then, if it was the connect deadline ([`Life::note`](crate::Life::note)).
        note: Option<Arc<str>>,
    },
}

/// What is known beside the machine, of which an error is made.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// How the last runner went wrong, if it did.
    pub(crate) failure: Option<&'a Failure>,
    /// What the runner of a generation noted while it connected.
    pub(crate) note: Option<(Generation, &'a Arc<str>)>,
    pub(crate) driver_gone: bool,
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

    /// The one place that turns the machine's words into a caller's error.
    pub(crate) fn because(why: Why, known: Known<'_>) -> Self {
        let failure = || known.failure.cloned().unwrap_or_else(Failure::finished);
        let note = |of| known.note.filter(|(generation, _)| *generation == of).map(|(_, note)| note.clone());
        let generation = match why {
            Why::Revoked(generation, _) => Some(generation),
            Why::Refused(_) | Why::Rejected(_) => None,
        };
        if known.driver_gone {
            return Self::Lost { generation, failure: Failure::dropped() };
        }
        let timed_out = |generation, deadline| Self::TimedOut { generation, deadline, note: None };
        match why {
            Why::Refused(Refusal::Shutdown) | Why::Rejected(Rejection::Shutdown) => {
                Self::Closed { generation, for_good: true }
            }
            Why::Refused(reason) => Self::Refused { reason },
            Why::Rejected(Rejection::ConnectFailed { generation, .. }) => {
                Self::ConnectFailed { generation, failure: failure() }
            }
            Why::Rejected(Rejection::ConnectTimeout { generation: of }) => {
                Self::TimedOut { generation: Some(of), deadline: DeadlineKind::Connect, note: note(of) }
            }
            Why::Rejected(Rejection::AcquireTimeout) => timed_out(None, DeadlineKind::Acquire),
            Why::Rejected(Rejection::TooManyOrphans { limit }) => {
                Self::Refused { reason: Refusal::TooManyOrphans { limit } }
            }
            Why::Revoked(_, Cause::Shutdown) => Self::Closed { generation, for_good: true },
            Why::Revoked(_, Cause::Deadline(deadline)) => timed_out(generation, deadline),
            Why::Revoked(_, Cause::RunnerEnded | Cause::RunnerRetiring) => {
                Self::Lost { generation, failure: failure() }
            }
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
            Self::TimedOut { generation, deadline, note } => {
                write!(f, "the {deadline} deadline passed{}", of(generation))?;
                note.as_ref().map_or(Ok(()), |note| write!(f, ": {note}"))
            }
        }
    }
}

/// What an error says of its failure, it says itself: the source is what is behind that.
impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::ConnectFailed { failure, .. } | Self::Lost { failure, .. } => failure.error()?.source(),
            Self::Refused { .. } | Self::Closed { .. } | Self::TimedOut { .. } => None,
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
    note: Option<Arc<str>>,
    /// What the error says is not for logs.
    is_confidential: bool,
}

impl Failure {
    const fn of(exit: Exit, error: Option<Arc<dyn StdError + Send + Sync>>) -> Self {
        Self { exit, error, note: None, is_confidential: false }
    }

    /// The runner failed with `error`; another attempt may go better.
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of(Exit::new(ExitKind::Failed, true), Some(error.into().into()))
    }

    /// The same failure, but no further attempt will go better: a retry policy gives up at once.
    #[must_use]
    pub fn permanent(mut self) -> Self {
        self.exit.retryable = false;
        self
    }

    /// The same failure, with what else is known that helps to explain it, such as the last words of a process.
    /// It is shown behind the error, and is no part of it.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into().into());
        self
    }

    /// The same failure, whose error repeats words that are not for logs, such as those of the other side: what it says
    /// is not given to `tracing` (a feature of this crate). That it failed is.
    #[must_use]
    pub const fn confidential(mut self) -> Self {
        self.is_confidential = true;
        self
    }

    #[cfg_attr(not(feature = "tracing"), allow(dead_code, reason = "nobody else asks"))]
    pub(crate) const fn is_confidential(&self) -> bool {
        self.is_confidential
    }

    /// What else is known that helps to explain it.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// What happened to the runner.
    pub const fn kind(&self) -> ExitKind {
        self.exit.kind
    }

    /// Returns whether another attempt may go better.
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

    /// It is more than an end in order.
    pub(crate) fn is_worth_telling(&self) -> bool {
        self.exit.kind != ExitKind::Finished
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// It ended without an error, though nobody had told it to.
    pub(crate) const fn finished() -> Self {
        Self::of(Exit::FINISHED, None)
    }

    /// It was dropped: discarded, or with its driver.
    pub(crate) const fn dropped() -> Self {
        Self::of(Exit::new(ExitKind::Dropped, true), None)
    }

    pub(crate) fn panicked(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        let error = text.map(|text| Arc::from(Box::from(text)));
        Self::of(Exit::new(ExitKind::Panicked, true), error)
    }
}

/// What a runner said of how it went. Of one generation its first word counts, as in the machine.
pub(crate) struct LastWord {
    pub(crate) generation: Generation,
    pub(crate) failure: Failure,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.error, self.exit.kind) {
            (Some(error), ExitKind::Panicked) => write!(f, "the runner panicked: {error}")?,
            (Some(error), _) => error.fmt(f)?,
            (None, ExitKind::Finished) => f.write_str("the runner ended by itself")?,
            (None, ExitKind::Dropped) => f.write_str("the driver was dropped")?,
            (None, kind) => write!(f, "the runner {kind}")?,
        }
        self.note().map_or(Ok(()), |note| write!(f, "; {note}"))
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}
