//! What makes a transition happen.

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
