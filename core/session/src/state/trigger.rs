//! What makes a transition happen.

use core::fmt;

use crate::{DeadlineKind, Mode};

/// What makes a transition happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Trigger {
    /// A caller waits, no backoff is running, and the orphans are below their cap.
    Wanted,
    /// A shutdown of an idle session.
    Shutdown,
    /// The runner says that it is ready.
    Ready,
    /// A close, or a shutdown, that begins like this. A graceful one finds nothing to finish where no lease is
    /// held.
    Close(Mode),
    /// A deadline passed. The same holds for max age as for a graceful close.
    Deadline(DeadlineKind),
    /// The last caller that waited gave up, or has waited long enough.
    NobodyWaits,
    /// The last lease was released, and keep-alive says that the session ends with it.
    LastRelease,
    /// The runner retires: it takes nothing new. It finds nothing to finish where no lease is held.
    RunnerRetiring,
    /// The runner says that it is done; its end isn't confirmed.
    RunnerDone,
    /// The runner has ended.
    RunnerEnded,
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
