//! What the runners of one session have in common.

use crate::handlers::offer::Offer;
use crate::session::era::LearnedEra;
use crate::session::events::OnEvent;
use crate::session::wishes::Wishes;

#[derive(Clone)]
pub(crate) struct Common<T> {
    pub(crate) timer: T,
    pub(crate) on_event: Option<OnEvent>,
    pub(crate) era: LearnedEra,
    /// What is done for servers.
    pub(crate) offer: Option<Offer>,
    /// What servers are asked to tell of.
    pub(crate) wishes: Wishes,
}
