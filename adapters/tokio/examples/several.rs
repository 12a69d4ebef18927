//! A host of several servers. Each has a name, a command and options of its own, and is started at its first use. All
//! are called at once; the one that is broken fails alone; all are closed at once, each within its own deadlines.
//!
//! ```text
//! cargo run -p tenure-tokio --example several
//! ```

mod server;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use tenure_tokio::{Client, Error, KeepAlive, Mode, Options, ServerCommand, Status, mcp};
use tokio::task::JoinSet;

/// By name. A client is a handle that is cheap to clone; it starts nothing until it is used.
type Servers = BTreeMap<&'static str, Client>;

fn servers() -> Servers {
    let usual = Options::new;
    BTreeMap::from([
        // Stays for five minutes after its last use.
        ("usual", stdio("sound", usual())),
        // Stays as long as this program runs, once it was used.
        ("precious", stdio("sound", usual().keep_alive(KeepAlive::Always))),
        // Doesn't go by itself when it should, and so isn't waited for long.
        (
            "stubborn",
            stdio("stubborn", usual().session(|config| config.stop_timeout(Duration::from_millis(300)))),
        ),
        ("broken", stdio("broken", usual().connect_timeout(Duration::from_secs(5)))),
        ("unused", stdio("sound", usual())),
    ])
}

fn stdio(kind: &'static str, options: Options) -> Client {
    // What a server writes to standard error is not shown; its last lines stand in the error if it fails.
    mcp::stdio(ServerCommand::new(server::command(kind)).on_stderr(|_, _| ()), options)
}

/// Calls them all at once: whoever is slow or broken holds up nobody else.
async fn call_all(servers: &Servers, names: &[&'static str]) {
    let mut calls = JoinSet::new();
    for &name in names {
        let Some(client) = servers.get(name).cloned() else { continue };
        calls.spawn(async move {
            let called = client.call_tool("add", json!({ "a": 2, "b": 3 })).await;
            (name, called)
        });
    }
    while let Some(called) = calls.join_next().await {
        match called {
            Ok((name, Ok(result))) => println!("{name}: {}", result.text()),
            // Typed: the host knows that this server never ran, and that nothing was done.
            Ok((name, Err(Error::ConnectFailed { failure, .. }))) => {
                println!("{name}: could not be started: {failure}");
            }
            Ok((name, Err(error))) => println!("{name}: {error}"),
            Err(panicked) => eprintln!("{panicked}"),
        }
    }
}

/// Ends them all at once: it takes as long as the slowest may take, not as long as all of them.
async fn close_all(servers: Servers) {
    let start = Instant::now();
    let mut closing = JoinSet::new();
    for (name, client) in servers {
        let used = !matches!(client.state(), Status::Idle { .. });
        let closed = client.shutdown(Mode::Graceful); // acts now; the future only waits
        closing.spawn(async move {
            closed.await;
            (name, used)
        });
    }
    while let Some(closed) = closing.join_next().await {
        match closed {
            Ok((name, true)) => println!("{name}: ended, {} ms", start.elapsed().as_millis()),
            Ok((name, false)) => println!("{name}: was not running"),
            Err(panicked) => eprintln!("{panicked}"),
        }
    }
}

#[tokio::main]
async fn host() {
    let servers = servers();
    println!("--- All are called at once");
    call_all(&servers, &["usual", "precious", "stubborn", "broken"]).await;
    println!("--- What became of them");
    for (name, client) in &servers {
        println!("{name}: {}", client.state());
    }
    println!("--- The others work on");
    call_all(&servers, &["usual", "stubborn"]).await;
    println!("--- All are ended at once");
    close_all(servers).await;
}

fn main() {
    if !server::serve_if_asked() {
        host();
    }
}
