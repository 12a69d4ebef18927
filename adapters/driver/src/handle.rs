//! What the leases of one generation share.

use tenure::Generation;

use crate::error::Error;
use crate::sync::{Arc, OnceLock};
use crate::wake::Waiters;

/// What the leases of one generation share. It owns nothing of the transport.
pub(crate) struct LiveHandle<H> {
    pub(crate) generation: Generation,
    pub(crate) handle: H,
    /// Why the leases ended, once they have.
    pub(crate) revoked: OnceLock<Error>,
    /// Who waits for that: the calls in flight.
    pub(crate) guards: Waiters,
}

impl<H> LiveHandle<H> {
    pub(crate) fn new(generation: Generation, handle: H) -> Arc<Self> {
        Arc::new(Self { generation, handle, revoked: OnceLock::new(), guards: Waiters::default() })
    }
}
