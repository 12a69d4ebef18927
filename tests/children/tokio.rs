//! The rows on tokio.

use std::process::Command;

use tenure_mcp::{Client, Options};
use tokio::runtime::{Builder, Runtime};

struct Tokio;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

impl crate::support::Runtime for Tokio {
    fn stdio(command: Command, options: Options) -> Client {
        tenure_tokio::mcp::stdio(command, options)
    }

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        runtime().block_on(body)
    }

    fn drop_after<T, F: Future<Output = T>>(
        command: Command,
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
}

crate::rows::tests!(Tokio);
