//! The rows on smol.

use std::sync::Arc;
use std::time::Duration;

use smol::Executor;
use tenure_mcp::{Client, Options, ServerCommand, Stdio, Transport};
use tenure_smol::{SmolReactor, SmolTimer};

use crate::support::Apart;

pub(crate) struct Smol;

impl crate::support::Runtime for Smol {
    type Reactor = SmolReactor;

    fn reactor() -> SmolReactor {
        SmolReactor::new()
    }

    fn stdio(command: impl Into<ServerCommand>, options: Options) -> Client {
        tenure_smol::mcp::stdio(command, options)
    }

    fn around<T: Transport>(
        command: impl Into<ServerCommand>,
        options: Options,
        transport: impl FnOnce(Stdio<SmolReactor>) -> T,
    ) -> Client {
        let transport = transport(Stdio::new(SmolReactor::new(), command));
        let (client, driver) = tenure_mcp::connect(options, transport, SmolTimer::new());
        drop(tenure_smol::spawn(driver));
        client
    }

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        smol::block_on(body)
    }

    fn apart() -> impl Apart {
        let executor = Arc::new(Executor::new());
        let (thread, (owner, gone)) = (executor.clone(), smol::channel::bounded::<()>(1));
        std::thread::spawn(move || smol::block_on(thread.run(gone.recv())));
        OneThread { executor, _owner: owner }
    }

    /// The global executor never goes away; one of our own does.
    fn drop_after<T, F: Future<Output = T>>(
        command: impl Into<ServerCommand>,
        options: Options,
        until: impl FnOnce(Client) -> F,
    ) -> T {
        let executor = Executor::new();
        let transport = Stdio::new(SmolReactor::new(), command);
        let (client, driver) = tenure_mcp::connect(options, transport, SmolTimer::new());
        executor.spawn(driver).detach();
        let seen = smol::block_on(executor.run(until(client)));
        drop(executor);
        seen
    }

    fn on_one_thread<T, F: Future<Output = T>>(
        command: impl Into<ServerCommand>,
        options: Options,
        body: impl FnOnce(Client) -> F,
    ) -> T {
        Self::drop_after(command, options, body)
    }
}

/// The global executor's one thread serves all rows; this one has an executor and a thread of its own.
struct OneThread {
    executor: Arc<Executor<'static>>,
    /// The thread goes when this does.
    _owner: smol::channel::Sender<()>,
}

impl Apart for OneThread {
    fn stdio(&self, command: impl Into<ServerCommand>, options: Options) -> Client {
        let transport = Stdio::new(SmolReactor::new(), command);
        let (client, driver) = tenure_mcp::connect(options, transport, SmolTimer::new());
        self.executor.spawn(driver).detach();
        client
    }

    async fn stall(&self, time: Duration) {
        self.executor.spawn(async move { std::thread::sleep(time) }).await;
    }
}

crate::rows::tests!(Smol);
crate::servers::tests!(Smol);
#[cfg(unix)]
mod guarded {
    crate::guarded::tests!(super::Smol);
}
