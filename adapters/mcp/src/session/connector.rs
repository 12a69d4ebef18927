//! Starts the runner of each generation.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tenure_driver::{Connector, Failure, Life};

use crate::session::channel::Channel;
use crate::session::dialogue::Dialogue;
use crate::session::events::OnEvent;
use crate::session::handle::Handle;
use crate::session::runner::Runner;
use crate::session::timer::SessionTimer;
use crate::wire::{Linger, Transport};

/// What the generations of one session have in common.
pub(crate) struct McpConnector<T> {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) timer: T,
    pub(crate) protocol: tenure_mcp_proto::Options,
    pub(crate) on_event: Option<OnEvent>,
}

impl<T: SessionTimer> Connector for McpConnector<T> {
    type Handle = Handle;
    type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

    fn start(&mut self, life: Life<Handle>) -> Self::Run {
        let clock = self.timer.clone();
        let channel = Channel::new(self.protocol.clone(), move || clock.now().into());
        let transport = self.transport.clone();
        let (timer, on_event) = (self.timer.clone(), self.on_event.clone());
        Box::pin(async move {
            let linger = Linger::new(life.generation(), life.linger());
            let wire = life.or_stopped(transport.open(linger)).await??;
            let dialogue = Dialogue::new(channel, wire.carrier, timer.clone());
            Runner::new(dialogue, wire.peer, timer, on_event, &life).run(life).await
        })
    }
}
