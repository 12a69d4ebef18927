//! The two runtimes, as far as the program needs them.

use std::future::Future;
use std::pin::Pin;
use std::process::Command;
use std::time::Duration;

use futures_lite::FutureExt as _;
use tenure_mcp::{Client, Guardian, HttpTransport, Options, ServerCommand, Stdio, Transport};
use tenure_smol::{SmolNetwork, SmolReactor, SmolTimer};
use tenure_tokio::http::Http;
use tenure_tokio::{TokioNetwork, TokioReactor, TokioTimer};

use crate::args::Runtime;
use crate::exit::{Failed, LOST};
use crate::session::reached::Reached;

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

    /// A client of this server, and the end of the driver that carries it.
    pub(crate) fn connect(self, server: Reached, options: Options) -> (Client, Ended) {
        match (self, server) {
            (Self::Tokio, Reached::Process(command, guardian)) => {
                on_tokio(options, Stdio::new(TokioReactor::new(), under(guardian, command)))
            }
            (Self::Smol, Reached::Process(command, guardian)) => {
                on_smol(options, Stdio::new(SmolReactor::new(), under(guardian, command)))
            }
            (Self::Tokio, Reached::Http(server, http)) => {
                let http = Http::new(TokioNetwork::new(), http);
                on_tokio(options, HttpTransport::new(http, *server, TokioTimer::new()))
            }
            (Self::Smol, Reached::Http(server, http)) => {
                let http = Http::new(SmolNetwork::new(), http);
                on_smol(options, HttpTransport::new(http, *server, SmolTimer::new()))
            }
        }
    }

    /// Runs `work` beside others. What it comes to; `None` if it panicked.
    pub(crate) fn spawn<T: Send + 'static>(
        self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Pin<Box<dyn Future<Output = Option<T>> + Send>> {
        match self {
            Self::Tokio => {
                let spawned = tenure_tokio::spawn(work);
                Box::pin(async { spawned.await.ok() })
            }
            Self::Smol => {
                let spawned = tenure_smol::spawn(std::panic::AssertUnwindSafe(work).catch_unwind());
                Box::pin(async { spawned.await.ok() })
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

fn under(guardian: Option<Guardian>, command: Command) -> ServerCommand {
    let command = ServerCommand::new(command);
    match guardian {
        Some(guardian) => command.guarded(guardian),
        None => command,
    }
}

fn on_tokio(options: Options, transport: impl Transport) -> (Client, Ended) {
    let (client, driver) = tenure_mcp::connect(options, transport, TokioTimer::new());
    let spawned = tenure_tokio::spawn(driver);
    (client, Box::pin(async { spawned.await.unwrap_or(()) }))
}

fn on_smol(options: Options, transport: impl Transport) -> (Client, Ended) {
    let (client, driver) = tenure_mcp::connect(options, transport, SmolTimer::new());
    (client, Box::pin(tenure_smol::spawn(driver)))
}
