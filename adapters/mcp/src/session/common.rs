//! What the generations of one session have in common.

use std::sync::Arc;
use std::time::Duration;

use tenure_mcp_proto::Options;

use crate::handlers::offer::Offer;
use crate::session::channel::Clock;
use crate::session::era::LearnedEra;
use crate::session::events::OnEvent;
use crate::session::timer::SessionTimer;
use crate::session::wishes::Wishes;
use crate::wire::{Teardown, Transport};

pub(crate) struct Common<T> {
    pub(crate) timer: T,
    pub(crate) protocol: Options,
    pub(crate) teardown: Teardown,
    pub(crate) on_event: Option<OnEvent>,
    pub(crate) era: LearnedEra,
    /// What is done for servers.
    pub(crate) offer: Option<Arc<Offer>>,
    /// What servers are asked to tell of.
    pub(crate) wishes: Wishes,
    /// Opens the wires.
    pub(crate) transport: Box<dyn Transport>,
}

/// The clock of each generation.
impl<T: SessionTimer> Clock for Common<T> {
    fn now(&self) -> Duration {
        self.timer.now().into()
    }
}

#[cfg(test)]
impl<T> Common<T> {
    /// Of a session for which nothing else was chosen.
    pub(crate) fn plain(timer: T, protocol: Options, transport: impl Transport) -> Self {
        Self {
            timer,
            protocol,
            teardown: Teardown::default(),
            on_event: None,
            era: LearnedEra::default(),
            offer: None,
            wishes: Wishes::default(),
            transport: Box::new(transport),
        }
    }
}
