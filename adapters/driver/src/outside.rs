//! The bin beside the door: what was brought about under the machine's lock and is carried out after it.
//!
//! Whatever a user's code could notice goes through here: results that wake callers, wake-ups, and values whose
//! drop may run anything. Under the lock such a value is put into the bin and nothing else.

use tenure::LeaseData;

use crate::ended::Ended;
use crate::error::{Error, LastWord};
use crate::few::Few;
use crate::sync::Arc;
use crate::trace::Trace;
use crate::wake::Slot;

/// A lease as the machine grants it, and the live handle, an `L`, that it is a right to.
pub(crate) struct Granted<L> {
    lease: tenure::Lease,
    live: Arc<L>,
}

impl<L> Granted<L> {
    /// The one place where a lease of the machine meets the handle that it is a right to.
    #[inline]
    pub(crate) fn new(lease: tenure::Lease, live: &Arc<L>) -> Self {
        Self { lease, live: live.clone() }
    }

    /// What is told of the lease.
    pub(crate) const fn lent(&self) -> LeaseData {
        LeaseData::of(&self.lease)
    }

    #[inline]
    pub(crate) fn into_parts(self) -> (tenure::Lease, Arc<L>) {
        (self.lease, self.live)
    }
}

/// A caller's place, and what became of the caller.
pub(crate) type Settled<L, P> = (Arc<Slot<P>>, Result<Granted<L>, Error>);

/// What is done once the lock is open, in this order: calls of revoked leases wake, callers get their results,
/// watchers and the driver wake, the rest is dropped.
pub(crate) struct Outside<L, P> {
    pub(crate) revoked: Option<Arc<L>>,
    /// Callers that waited, with what became of it.
    pub(crate) settled: Few<Settled<L, P>>,
    /// The state changed, or a generation ended.
    pub(crate) changed: bool,
    pub(crate) wake_driver: bool,
    pub(crate) dropped: Few<Dropped<L>>,
}

/// A value of a user's, or one that may hold one.
#[expect(dead_code, reason = "held for their drop")]
pub(crate) enum Dropped<L> {
    LastWord(LastWord),
    Error(Error),
    Live(Arc<L>),
    /// They hold failures.
    Trace(Box<Trace>),
    Ends(Vec<Ended>),
}

impl<L, P> Outside<L, P> {
    pub(crate) const fn new() -> Self {
        Self { revoked: None, settled: Few::new(), changed: false, wake_driver: false, dropped: Few::new() }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        let Self { revoked, settled, changed, wake_driver, dropped } = self;
        !changed && !wake_driver && revoked.is_none() && settled.is_empty() && dropped.is_empty()
    }

    pub(crate) fn drop_last_word(&mut self, word: Option<LastWord>) {
        self.dropped.extend(word.map(Dropped::LastWord));
    }

    /// What was to be told, and nobody hears any more.
    pub(crate) fn drop_told(&mut self, trace: Option<Box<Trace>>, ends: Option<Vec<Ended>>) {
        self.dropped.extend(trace.map(Dropped::Trace));
        self.dropped.extend(ends.map(Dropped::Ends));
    }

    pub(crate) fn drop_error(&mut self, error: Option<Error>) {
        self.dropped.extend(error.map(Dropped::Error));
    }

    pub(crate) fn drop_live(&mut self, live: Option<Arc<L>>) {
        self.dropped.extend(live.map(Dropped::Live));
    }
}
