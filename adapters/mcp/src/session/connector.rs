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
use crate::session::handle::Handle;
use crate::session::runner::Runner;
use crate::session::stages::End;
use crate::session::timer::SessionTimer;
use crate::wire::Linger;

pub(crate) struct McpConnector<T> {
    common: Arc<Common<T>>,
}

/// What a wire's server is known to speak.
#[derive(Clone, Copy)]
struct Known {
    expected: Option<Era>,
    /// Whatever it turns out to be is not remembered.
    is_doubtful: bool,
}

impl<T: SessionTimer> McpConnector<T> {
    pub(crate) fn new(common: Common<T>) -> Self {
        Self { common: Arc::new(common) }
    }
}

impl<T: SessionTimer> Connector for McpConnector<T> {
    type Handle = Handle;
    type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

    fn start(&mut self, life: Life<Handle>) -> Self::Run {
        Box::pin(run(self.common.clone(), life))
    }
}

#[expect(clippy::manual_async_fn, reason = "its arguments would be held twice")]
fn run<T: SessionTimer>(
    common: Arc<Common<T>>,
    mut life: Life<Handle>,
) -> impl Future<Output = Result<(), Failure>> {
    async move {
        let mut known = Known { expected: common.era.take(), is_doubtful: false };
        let mut is_second = false;
        loop {
            let end = {
                let mut runner = open(&common, &life, known).await?;
                runner.run(life).await?
            };
            let (again, era, failure) = match end {
                End::InOrder => return Ok(()),
                End::Again(life, era, failure) => (life, era, failure),
            };
            // Once: a server that ends when it is asked in its own era has other reasons.
            if mem::replace(&mut is_second, true) {
                return Err(failure);
            }
            // If it spoke another one before, this may have been an accident: the next generation finds out.
            let is_doubtful = known.expected.is_some_and(|expected| expected != era);
            (life, known) = (again, Known { expected: Some(era), is_doubtful });
        }
    }
}

/// Opens a wire to the server.
async fn open<T: SessionTimer>(
    common: &Arc<Common<T>>,
    life: &Life<Handle>,
    known: Known,
) -> Result<Runner<T>, Failure> {
    let linger = Linger::new(life.generation(), common.teardown, life.linger());
    let mut wire = life.or_stopped(common.transport.open(linger)).await??;
    // What is left of the connect deadline is for the handshake itself.
    if let Some(window) = common.protocol.discover_deadline() {
        wire.carried.as_carrier_mut().patience(window);
    }
    let has_exchanges = wire.carried.as_carrier().has_exchanges();
    let protocol = common.protocol.clone().expected_era(known.expected).exchanges(has_exchanges);
    let channel = Channel::new(protocol, common.clone());
    let dialogue = Dialogue::new(channel, wire.carried, common.timer.clone());
    let mut runner = Runner::new(common.clone(), dialogue, wire.peer, life);
    runner.learns_era = !known.is_doubtful;
    Ok(runner)
}
