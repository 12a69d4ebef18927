//! Starts the runner of each generation.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;

use tenure_driver::{Connector, Failure, Life};
use tenure_mcp_proto::Era;

use crate::session::channel::Channel;
use crate::session::common::Common;
use crate::session::dialogue::Dialogue;
use crate::session::era::LearnedEra;
use crate::session::handle::Handle;
use crate::session::runner::Runner;
use crate::session::stages::End;
use crate::session::timer::SessionTimer;
use crate::wire::{Linger, Teardown, Transport};

/// What the generations of one session have in common.
#[derive(Clone)]
pub(crate) struct McpConnector<T> {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) protocol: Arc<tenure_mcp_proto::Options>,
    pub(crate) teardown: Teardown,
    pub(crate) common: Common<T>,
}

impl<T: SessionTimer> Connector for McpConnector<T> {
    type Handle = Handle;
    type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

    fn start(&mut self, life: Life<Handle>) -> Self::Run {
        let mut connector = self.clone();
        // A block, which holds what it uses once: a function would hold its arguments twice.
        Box::pin(async move { connector.run(life).await })
    }
}

impl<T: SessionTimer> McpConnector<T> {
    async fn run(&mut self, mut life: Life<Handle>) -> Result<(), Failure> {
        let mut expected = self.common.era.take();
        let mut is_second = false;
        loop {
            let (again, era, failure) = match self.run_once(life, expected).await? {
                End::InOrder => return Ok(()),
                End::Again(life, era, failure) => (life, era, failure),
            };
            // Once: a server that ends when it is asked in its own era has other reasons.
            if mem::replace(&mut is_second, true) {
                return Err(failure);
            }
            if expected.is_some_and(|expected| expected != era) {
                // It spoke that before, and this may have been an accident: the next generation finds out.
                self.common.era = LearnedEra::default();
            }
            (life, expected) = (again, Some(era));
        }
    }

    /// Opens a wire to the server, and runs until that ends.
    async fn run_once(&self, life: Life<Handle>, expected: Option<Era>) -> Result<End, Failure> {
        let (timer, clock) = (self.common.timer.clone(), self.common.timer.clone());
        let linger = Linger::new(life.generation(), self.teardown, life.linger());
        let mut wire = life.or_stopped(self.transport.open(linger)).await??;
        // What is left of the connect deadline is for the handshake itself.
        if let Some(window) = self.protocol.discover_deadline() {
            wire.carried.as_carrier_mut().patience(window);
        }
        let protocol = (*self.protocol)
            .clone()
            .expected_era(expected)
            .exchanges(wire.carried.as_carrier().has_exchanges());
        let channel = Channel::new(protocol, move || clock.now().into());
        let dialogue = Dialogue::new(channel, wire.carried, timer);
        let mut runner = Runner::new(self.common.clone(), dialogue, wire.peer, &life);
        runner.run(life).await
    }
}
