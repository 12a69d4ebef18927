//! All that is said of a session, in words: for timelines, reports and failed tests, the same everywhere. States,
//! steps, causes, exits and deadlines are here, in `session` what is put in and what comes out.
//!
//! A generation is `g1` here, and a caller goes by its ticket. The plain form (`{}`) says what; the long form
//! (`{:#}`) says why as well, with the short forms (`{:#}` again) of causes, exits, refusals and rejections.

use core::fmt;

use crate::state::{Place, StateName, Trigger};
use crate::{Cause, DeadlineKind, Exit, ExitKind, Mode, Step, Time, Wake};

#[cfg(feature = "alloc")]
mod session;

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "Idle",
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Draining => "Draining",
            Self::Closed => "Closed",
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Some(step) => write!(f, "{}/{step}", self.state),
            None => self.state.fmt(f),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wanted => f.write_str("somebody waits, no backoff, orphans below the cap"),
            Self::Shutdown => f.write_str("shutdown"),
            Self::Ready => f.write_str("runner ready"),
            Self::Close(mode) => write!(f, "close ({mode})"),
            Self::Deadline(kind) => write!(f, "{kind} deadline"),
            Self::NobodyWaits => f.write_str("nobody waits"),
            Self::LastRelease => f.write_str("last release"),
            Self::RunnerRetiring => f.write_str("runner retires"),
            Self::RunnerDone => f.write_str("runner done"),
            Self::RunnerEnded => f.write_str("runner ended"),
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

impl fmt::Display for DeadlineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Finish => "finish",
            Self::Stop => "stop",
            Self::Abort => "abort",
            Self::Discard => "discard",
            Self::KeepAlive => "keep-alive",
            Self::MaxAge => "max age",
            Self::Stable => "stable",
            Self::ProbeInterval => "probe interval",
            Self::ProbeTimeout => "probe",
            Self::Backoff => "backoff",
            Self::Acquire => "acquire",
        })
    }
}

impl fmt::Display for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::Now(kind) => write!(f, "now: {kind}"),
            Self::At(Time::MAX, kind) => write!(f, "at the end of time: {kind}"),
            Self::At(time, kind) => write!(f, "at {:?}: {kind}", core::time::Duration::from(*time)),
        }
    }
}
