//! What the generations of one session have in common.

use std::sync::Arc;

use tenure_mcp_proto::Options;

use crate::handlers::offer::Offer;
use crate::session::era::LearnedEra;
use crate::session::events::OnEvent;
use crate::session::wishes::Wishes;
use crate::wire::{Teardown, Transport};

pub(crate) struct Common<T, W: ?Sized = dyn Transport> {
    pub(crate) timer: T,
    pub(crate) protocol: Options,
    pub(crate) teardown: Teardown,
    pub(crate) on_event: Option<OnEvent>,
    pub(crate) era: LearnedEra,
    /// What is done for servers.
    pub(crate) offer: Option<Arc<Offer>>,
    /// What servers are asked to tell of.
    pub(crate) wishes: Wishes,
    /// Opens the wires: in the same place as the rest, whatever it is.
    pub(crate) transport: W,
}

#[cfg(test)]
impl<T, W> Common<T, W> {
    /// Of a session for which nothing else was chosen.
    pub(crate) fn plain(timer: T, protocol: Options, transport: W) -> Self {
        Self {
            timer,
            protocol,
            teardown: Teardown::default(),
            on_event: None,
            era: LearnedEra::default(),
            offer: None,
            wishes: Wishes::default(),
            transport,
        }
    }
}
