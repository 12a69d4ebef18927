//! The libraries on each runtime, one body for both.
#![allow(dead_code, reason = "each test program uses a part")]

use std::{process::Command, time::Duration};

use futures_lite::future;
use serde_json::{Value, value::RawValue};
use tenure_mcp::{Client, Options};

pub trait Runtime {
    const NAME: &'static str;
    fn stdio(command: Command, options: Options) -> Client;
    fn block_on<T>(body: impl Future<Output = T>) -> T;
}

pub struct Tokio;
pub struct Smol;

impl Runtime for Tokio {
    const NAME: &'static str = "tokio";

    fn stdio(command: Command, options: Options) -> Client {
        tenure_tokio::mcp::stdio(command, options)
    }

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

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        smol::block_on(body)
    }
}

/// Runs a body to its end, which has to come.
pub fn run<R: Runtime, T>(limit: Duration, body: impl Future<Output = T>) -> T {
    R::block_on(future::or(body, async {
        smol::Timer::after(limit).await;
        panic!("the test has not ended in {limit:?}");
    }))
}

pub fn raw(value: Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).expect("it is JSON")
}

/// One `#[test]` for each body on each runtime.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod tokio { $(#[test] fn $name() { super::$name::<super::support::Tokio>(); })* }
        mod smol { $(#[test] fn $name() { super::$name::<super::support::Smol>(); })* }
    };
}
pub(crate) use on_both;
