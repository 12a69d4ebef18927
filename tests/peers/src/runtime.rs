//! The libraries on each runtime, behind one trait.

use std::{process::Command, time::Duration};

use futures_lite::future;
use tenure_mcp::{Client, Options};

pub trait Runtime {
    const NAME: &'static str;

    fn stdio(command: Command, options: Options) -> Client;

    /// # Errors
    /// The client's, in words.
    fn http(url: &str, options: Options) -> Result<Client, String>;

    fn block_on<T>(body: impl Future<Output = T>) -> T;
}

#[derive(Debug)]
pub struct Tokio;

#[derive(Debug)]
pub struct Smol;

impl Runtime for Tokio {
    const NAME: &'static str = "tokio";

    fn stdio(command: Command, options: Options) -> Client {
        tenure_tokio::mcp::stdio(command, options)
    }

    fn http(url: &str, options: Options) -> Result<Client, String> {
        tenure_tokio::mcp::http(url, options).map_err(|error| error.to_string())
    }

    /// # Panics
    /// Where a runtime can't be made.
    fn block_on<T>(body: impl Future<Output = T>) -> T {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).enable_all().build().expect("a runtime").block_on(body)
    }
}

impl Runtime for Smol {
    const NAME: &'static str = "smol";

    fn stdio(command: Command, options: Options) -> Client {
        tenure_smol::mcp::stdio(command, options)
    }

    fn http(url: &str, options: Options) -> Result<Client, String> {
        tenure_smol::mcp::http(url, options).map_err(|error| error.to_string())
    }

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        smol::block_on(body)
    }
}

/// Runs a body to its end, which has to come.
///
/// # Panics
/// When it does not come in time.
pub fn run<R: Runtime, T>(limit: Duration, body: impl Future<Output = T>) -> T {
    R::block_on(future::or(body, async {
        smol::Timer::after(limit).await;
        panic!("the test has not ended in {limit:?}");
    }))
}
