//! A host on smol. Tasks share one MCP server; callers give up, it dies, it is closed under a call, and the next call
//! finds a server each time. Ctrl-C ends it in order.
//!
//! ```text
//! cargo run -p tenure-smol --example smol-host
//! ```

// A small server, which this program is if it is started with the argument `serve`.
#[path = "../../tokio/examples/server/mod.rs"]
mod server;

use std::error::Error as StdError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_signal::{Signal, Signals};
use serde_json::json;
use smol::stream::StreamExt as _;
use smol::{Timer, channel, future};
use tenure_smol::{Client, Error, Mode, Options, ServerEvent, mcp};

/// Nothing is started yet: the first call does that.
fn new_client() -> Client {
    let first = AtomicBool::new(true);
    // Each generation, which is one life of the connection, gets a command of its own.
    let command =
        move || server::command(if first.swap(false, Ordering::Relaxed) { "fragile" } else { "sound" });
    let options = Options::new().on_event(|generation, event| match event {
        ServerEvent::Connected { pid, .. } => {
            println!("[{generation}] connected, process {}", pid.unwrap_or_default());
        }
        ServerEvent::Disconnected { cause, .. } => println!("[{generation}] disconnected: {cause}"),
        other => println!("[{generation}] {other:?}"),
    });
    mcp::stdio(command, options)
}

async fn work(client: &Client) -> Result<(), Box<dyn StdError>> {
    println!("--- Three tasks share one server; the first call starts it");
    let (sender, sums) = channel::bounded(3);
    for n in 1..=3 {
        let (client, sender) = (client.clone(), sender.clone());
        smol::spawn(async move {
            let result = client.call_tool("add", json!({ "a": n, "b": n })).await;
            let _nobody_waits = sender.send((n, result)).await;
        })
        .detach();
    }
    for _ in 1..=3 {
        let (n, result) = sums.recv().await?;
        println!("{n} + {n}: {}", result?.text());
    }

    println!("--- A caller gives up: its call is cancelled, and the session lives on");
    let wait = async { Some(client.call_tool("wait", ()).await) };
    let patience = async {
        Timer::after(Duration::from_millis(100)).await;
        None
    };
    println!("wait: {}", future::or(wait, patience).await.map_or("given up", |_| "answered"));

    println!("--- The server dies under a call; the next call starts another");
    match client.call_tool("report", ()).await {
        // Whether it was done nobody knows: once more is up to who knows what a report costs.
        Err(error @ Error::Lost { .. }) => {
            println!("report: {error}; how far it got: {:?}", error.delivery());
        }
        result => println!("report: {}", result?.text()),
    }
    println!("report: {}", client.call_tool("report", ()).await?.text());

    println!("--- It is closed by force under a call, which ends at once; the next call starts another");
    let lease = client.acquire().await?; // for several calls on one connection
    let call = async { lease.call_tool("wait", ()).await };
    let close = async { client.close(Mode::Force).await }; // acts when it is polled: when the call is under way
    let (called, ()) = future::zip(call, close).await;
    match called {
        Err(Error::Closed { for_good: false, .. }) => println!("wait: closed by somebody"),
        result => println!("wait: {}", result?.text()),
    }
    drop(lease);
    println!("report: {}", client.call_tool("report", ()).await?.text());

    println!("--- This call is never answered: press Ctrl-C, or wait for two seconds");
    let lease = client.acquire().await?.with_call_timeout(Some(Duration::from_secs(2)));
    if let Err(error) = lease.call_tool("wait", ()).await {
        println!("wait: {error}");
    }
    Ok(())
}

async fn host() -> Result<(), Box<dyn StdError>> {
    let mut signals = Signals::new([Signal::Int])?;
    let client = new_client();
    let interrupted = async {
        signals.next().await;
        println!("Ctrl-C");
        Ok(())
    };
    // The work is dropped wherever it is; that is safe, and the end is the same.
    let result = future::or(work(&client), interrupted).await;
    client.shutdown(Mode::Graceful).await;
    result
}

fn main() -> Result<(), Box<dyn StdError>> {
    if server::serve_if_asked() { Ok(()) } else { smol::block_on(host()) }
}
