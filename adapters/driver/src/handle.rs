//! What the leases of one generation share.

use tenure::Generation;

use crate::error::Error;
use crate::sync::{Arc, OnceLock};
use crate::wake::Waiters;

/// What the leases of one generation share, of a session that is an `S`. It owns nothing of the transport.
pub(crate) struct LiveHandle<H, S> {
    pub(crate) generation: Generation,
    pub(crate) handle: H,
    /// Why the leases ended, once they have.
    pub(crate) revoked: OnceLock<Error>,
    /// Who waits for that: the calls in flight.
    pub(crate) guards: Waiters,
    /// The way back of its leases, so that each of them holds one thing. The session lets go of this handle when it
    /// revokes them, at the driver's end at the latest: so neither keeps the other.
    pub(crate) shared: Arc<S>,
}

impl<H, S> LiveHandle<H, S> {
    pub(crate) fn new(generation: Generation, handle: H, shared: Arc<S>) -> Arc<Self> {
        Arc::new(Self { generation, handle, revoked: OnceLock::new(), guards: Waiters::default(), shared })
    }
}
