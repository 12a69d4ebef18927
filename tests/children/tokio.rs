//! The rows on tokio.

use std::time::Duration;

use tenure_mcp::{Client, Options, ServerCommand, Stdio, Transport};
use tenure_tokio::{TokioReactor, TokioTimer};
use tokio::runtime::{Builder, Runtime};

use crate::support::Apart;

pub(crate) struct Tokio;

const WORKERS: usize = 2;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build().unwrap()
}

impl crate::support::Runtime for Tokio {
    type Reactor = TokioReactor;

    fn reactor() -> TokioReactor {
        TokioReactor::new()
    }

    fn stdio(command: impl Into<ServerCommand>, options: Options) -> Client {
        tenure_tokio::mcp::stdio(command, options)
    }

    fn around<T: Transport>(
        command: impl Into<ServerCommand>,
        options: Options,
        transport: impl FnOnce(Stdio<TokioReactor>) -> T,
    ) -> Client {
        let transport = transport(Stdio::new(TokioReactor::new(), command));
        let (client, driver) = tenure_mcp::connect(options, transport, TokioTimer::new());
        drop(tenure_tokio::spawn(driver));
        client
    }

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        runtime().block_on(body)
    }

    fn apart() -> impl Apart {
        Tokio
    }

    fn drop_after<T, F: Future<Output = T>>(
        command: impl Into<ServerCommand>,
        options: Options,
        until: impl FnOnce(Client) -> F,
    ) -> T {
        let runtime = runtime();
        let client = {
            let _inside = runtime.enter();
            tenure_tokio::mcp::stdio(command, options)
        };
        let seen = runtime.block_on(until(client));
        drop(runtime);
        seen
    }

    fn on_one_thread<T, F: Future<Output = T>>(
        command: impl Into<ServerCommand>,
        options: Options,
        body: impl FnOnce(Client) -> F,
    ) -> T {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { body(tenure_tokio::mcp::stdio(command, options)).await })
    }
}

/// Each row has a runtime of its own.
impl Apart for Tokio {
    fn stdio(&self, command: impl Into<ServerCommand>, options: Options) -> Client {
        tenure_tokio::mcp::stdio(command, options)
    }

    async fn stall(&self, time: Duration) {
        let everybody = std::sync::Arc::new(std::sync::Barrier::new(WORKERS));
        let block = || {
            let everybody = everybody.clone();
            tokio::spawn(async move {
                everybody.wait();
                std::thread::sleep(time);
            })
        };
        let blocked: Vec<_> = (0..WORKERS).map(|_| block()).collect();
        for worker in blocked {
            worker.await.unwrap();
        }
    }
}

crate::rows::tests!(Tokio);
crate::servers::tests!(Tokio);
#[cfg(unix)]
mod guarded {
    crate::guarded::tests!(super::Tokio);
}
