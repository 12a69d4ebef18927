//! The rows on smol.

use std::process::Command;

use smol::Executor;
use tenure_mcp::{Client, Options, Stdio};
use tenure_smol::{SmolReactor, SmolTimer};

struct Smol;

impl crate::support::Runtime for Smol {
    fn stdio(command: Command, options: Options) -> Client {
        tenure_smol::mcp::stdio(command, options)
    }

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        smol::block_on(body)
    }

    /// The global executor never goes away; one of our own does.
    fn drop_after<T, F: Future<Output = T>>(
        command: Command,
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
}

crate::rows::tests!(Smol);
