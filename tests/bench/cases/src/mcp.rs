//! The MCP client over a pipe in memory: calls, large results, lists, whole connections.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::{Value, json};
use tenure::Mode;
use tenure_mcp::{Client, Failure, Lease, Linger, Options, Transport, Wire};
use tokio_util::compat::{TokioAsyncReadCompatExt as _, TokioAsyncWriteCompatExt as _};

use crate::runtime::{Runtime, SmolUnwatched, Tokio};
use crate::{Case, case, pipe};

/// Opens a pipe in memory for each generation, with a server of its own.
pub struct Memory<R>(PhantomData<fn(R)>);

#[async_trait]
impl<R: Runtime> Transport for Memory<R> {
    async fn open(&self, _: Linger) -> Result<Wire, Failure> {
        let (reader, writer) = tokio::io::split(pipe::open::<R>());
        Ok(Wire::of_bytes(reader.compat(), writer.compat_write()))
    }
}

/// A client as hosts have it, all settings as they are by default.
pub fn client<R: Runtime>() -> Client {
    client_with::<R>(Options::new())
}

fn client_with<R: Runtime>(options: Options) -> Client {
    let (client, driver) = tenure_mcp::connect(options, Memory::<R>(PhantomData), R::timer());
    R::spawn(driver);
    client
}

/// A session that is live, and a lease of it.
pub async fn open<R: Runtime>() -> (Client, Lease) {
    let client = client::<R>();
    let lease = client.acquire().await.expect("a lease");
    (client, lease)
}

/// What the tool is called with.
pub fn arguments() -> Value {
    json!({ "a": 1, "b": 2 })
}

/// Calls on a lease of `client` that is held, with results as they are read by default.
pub async fn calls(client: Client, times: u64) -> Duration {
    let (lease, arguments) = (client.acquire().await.expect("a lease"), arguments());
    let begun = Instant::now();
    for _ in 0..times {
        let result = lease.call_tool("add", &arguments).await.expect("a result");
        assert!(!result.is_error);
    }
    let took = begun.elapsed();
    drop(lease);
    client.shutdown(Mode::Graceful).await;
    took
}

pub async fn call_typed<R: Runtime>(times: u64) -> Duration {
    calls(client::<R>(), times).await
}

/// A lease for each call, and no other: it is given back after each.
pub async fn call_leased<R: Runtime>(times: u64) -> Duration {
    let (client, arguments) = (client::<R>(), arguments());
    let begun = Instant::now();
    for _ in 0..times {
        let result = client.call_tool("add", &arguments).await.expect("a result");
        assert!(!result.is_error);
    }
    let took = begun.elapsed();
    client.shutdown(Mode::Graceful).await;
    took
}

async fn raw<R: Runtime>(params: Value, more_than: usize, times: u64) -> Duration {
    let client = client::<R>();
    let lease = client.acquire().await.expect("a lease");
    let begun = Instant::now();
    for _ in 0..times {
        let result = lease.request("tools/call", &params).await.expect("a result");
        assert!(result.get().len() > more_than);
    }
    let took = begun.elapsed();
    drop(lease);
    client.shutdown(Mode::Graceful).await;
    took
}

pub async fn call_raw<R: Runtime>(times: u64) -> Duration {
    raw::<R>(json!({ "name": "add", "arguments": arguments() }), 10, times).await
}

pub async fn large_raw<R: Runtime>(times: u64) -> Duration {
    raw::<R>(json!({ "name": "text-1000000" }), 900_000, times).await
}

/// The texts of results of about `bytes` bytes.
pub async fn texts<R: Runtime>(bytes: usize, times: u64) -> Duration {
    let (client, name) = (client::<R>(), format!("text-{bytes}"));
    let lease = client.acquire().await.expect("a lease");
    let begun = Instant::now();
    for _ in 0..times {
        let result = lease.call_tool(&name, ()).await.expect("a result");
        assert!(result.text().len() > bytes / 2);
    }
    let took = begun.elapsed();
    drop(lease);
    client.shutdown(Mode::Graceful).await;
    took
}

pub async fn large_typed<R: Runtime>(times: u64) -> Duration {
    texts::<R>(1_000_000, times).await
}

pub async fn list<R: Runtime>(times: u64) -> Duration {
    let client = client::<R>();
    let lease = client.acquire().await.expect("a lease");
    let begun = Instant::now();
    for _ in 0..times {
        assert_eq!(lease.list_tools().await.expect("tools").len(), 1_000);
    }
    let took = begun.elapsed();
    drop(lease);
    client.shutdown(Mode::Graceful).await;
    took
}

/// Generations of one client.
pub async fn connects(client: Client, times: u64) -> Duration {
    let begun = Instant::now();
    for _ in 0..times {
        drop(client.acquire().await.expect("a lease"));
        client.close(Mode::Graceful).await;
    }
    let took = begun.elapsed();
    client.shutdown(Mode::Graceful).await;
    took
}

pub async fn connect<R: Runtime>(times: u64) -> Duration {
    connects(client::<R>(), times).await
}

/// A client for each connection.
pub async fn connect_anew<R: Runtime>(times: u64) -> Duration {
    let begun = Instant::now();
    for _ in 0..times {
        let client = client::<R>();
        drop(client.acquire().await.expect("a lease"));
        client.shutdown(Mode::Graceful).await;
    }
    begun.elapsed()
}

/// So many callers at once on one lease, `times` calls in all if that can be divided.
pub async fn callers<R: Runtime>(callers: u64, times: u64) -> Duration {
    // More than may be in flight by default.
    let most = usize::try_from(callers).unwrap_or(usize::MAX).max(1024);
    let client = client_with::<R>(Options::new().protocol(|protocol| protocol.max_in_flight(most)));
    let lease = Arc::new(client.acquire().await.expect("a lease"));
    let (done, on_done) = smol::channel::unbounded::<()>();
    let begun = Instant::now();
    for _ in 0..callers {
        let (lease, done, arguments) = (lease.clone(), done.clone(), arguments());
        R::spawn(async move {
            for _ in 0..times.div_ceil(callers) {
                lease.call_tool("add", &arguments).await.expect("a result");
            }
            drop(done);
        });
    }
    drop(done);
    let _ = on_done.recv().await;
    let took = begun.elapsed();
    drop(lease);
    client.shutdown(Mode::Graceful).await;
    took
}

const CALLS: (u64, u64) = (100, 600);
const CONNECTS: (u64, u64) = (20, 120);
const LARGE: (u64, u64) = (2, 12);

pub const CASES: &[Case] = &[
    case!("tokio/call-typed", CALLS, Tokio, call_typed),
    case!("tokio/call-raw", CALLS, Tokio, call_raw),
    case!("tokio/call-leased", CALLS, Tokio, call_leased),
    case!("tokio/connect", CONNECTS, Tokio, connect),
    case!("tokio/connect-anew", CONNECTS, Tokio, connect_anew),
    case!("tokio/large-raw", LARGE, Tokio, large_raw),
    case!("tokio/large-typed", LARGE, Tokio, large_typed),
    case!("tokio/list-1000", LARGE, Tokio, list),
    case!("smol/call-typed", CALLS, SmolUnwatched, call_typed),
    case!("smol/call-raw", CALLS, SmolUnwatched, call_raw),
    case!("smol/call-leased", CALLS, SmolUnwatched, call_leased),
    case!("smol/connect", CONNECTS, SmolUnwatched, connect),
    case!("smol/connect-anew", CONNECTS, SmolUnwatched, connect_anew),
    case!("smol/large-raw", LARGE, SmolUnwatched, large_raw),
    case!("smol/large-typed", LARGE, SmolUnwatched, large_typed),
    case!("smol/list-1000", LARGE, SmolUnwatched, list),
];
