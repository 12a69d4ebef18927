//! The other end of a session over HTTP: nobody that could end by itself.

use std::sync::Arc;

use async_trait::async_trait;
use tenure_driver::Failure;

use crate::wire::Peer;
use crate::wire::http::bells::{Bells, Ringer};
use crate::wire::http::ending::Ending;

pub(super) struct HttpPeer {
    pub(super) ending: Arc<Ending>,
    pub(super) bells: Arc<Bells>,
}

#[async_trait]
impl Peer for HttpPeer {
    async fn ended(&mut self) -> Option<Failure> {
        None
    }

    /// The carrier goes on being polled meanwhile: it sends what is left, and the request that ends the session.
    async fn unwound(&mut self) -> Result<(), Failure> {
        self.ending.awaited().await;
        Ok(())
    }

    fn hurry(&mut self) {
        self.bells.ring(Ringer::Hurry);
    }
}
