//! The two runtimes, as far as the program needs them.

use std::future::Future;
use std::pin::Pin;
use std::process::Command;
use std::time::Duration;

use tenure_mcp::{Client, Options, Stdio};
use tenure_smol::{SmolReactor, SmolTimer};
use tenure_tokio::{TokioReactor, TokioTimer};

use crate::args::Runtime;
use crate::exit::{Failed, LOST};

/// The end of a driver.
pub(crate) type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Runtime {
    /// Runs `work` to its end.
    pub(crate) fn block_on<T>(self, work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
        match self {
            Self::Smol => smol::block_on(work),
            Self::Tokio => tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .map_err(|error| Failed::new(LOST, format!("can't start the runtime: {error}")))?
                .block_on(work),
        }
    }

    /// A client of the server that `command` starts, and the end of the driver that carries it.
    pub(crate) fn connect(self, command: Command, options: Options) -> (Client, Ended) {
        match self {
            Self::Tokio => {
                let transport = Stdio::new(TokioReactor::new(), command);
                let (client, driver) = tenure_mcp::connect(options, transport, TokioTimer::new());
                let spawned = tenure_tokio::spawn(driver);
                (client, Box::pin(async { spawned.await.unwrap_or(()) }))
            }
            Self::Smol => {
                let transport = Stdio::new(SmolReactor::new(), command);
                let (client, driver) = tenure_mcp::connect(options, transport, SmolTimer::new());
                (client, Box::pin(tenure_smol::spawn(driver)))
            }
        }
    }

    pub(crate) async fn sleep(self, duration: Duration) {
        match self {
            Self::Tokio => tokio::time::sleep(duration).await,
            Self::Smol => {
                smol::Timer::after(duration).await;
            }
        }
    }
}
