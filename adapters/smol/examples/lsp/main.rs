//! A session of a protocol of one's own: a language server over its standard input and output.
//!
//! ```text
//! cargo run -p tenure-smol --example lsp
//! ```
//!
//! Read `runner` first: one future for the whole life of a generation is all that a protocol brings. It uses `peer`
//! (requests and answers) and `framing` (messages and bytes). None of the three names a runtime's timer, task or
//! reactor; `main` says that it is smol. `server` is the other side.

mod framing;
mod peer;
mod runner;
mod server;

use std::error::Error;
use std::time::Duration;

use serde_json::{Value, json};
use smol::future::zip;
use tenure_driver::{Builder, Client, Lease, Life, from_fn};
use tenure_smol::{Config, KeepAlive, Mode, SmolReactor, SmolTimer};

use peer::{CallError, Peer};

fn new_client() -> Client<Peer> {
    // Each generation here has another kind of server.
    let connector = from_fn(|life: Life<Peer>| {
        let kind = match life.generation().number() {
            1 => "sound",
            2 => "stubborn",
            _ => "fragile",
        };
        runner::run(life, SmolReactor::new(), server::command(kind))
    });
    let config = Config::default().keep_alive(KeepAlive::Always).stop_timeout(Duration::from_millis(500));
    let (client, driver) = Builder::new(config).build(connector, SmolTimer::new());
    tenure_smol::spawn(driver).detach();
    client
}

/// The protocol's own method, on a lease: it ends as soon as the lease is revoked.
async fn hover(lease: &Lease<Peer>, uri: &str) -> Result<Value, Box<dyn Error + Send + Sync>> {
    let params = json!({ "uri": uri });
    match lease.run(async |peer| peer.request("textDocument/hover", params).await).await? {
        // The peer doesn't know why; the lease is told so in a moment.
        Err(CallError::Gone) => Err(lease.revoked().await.into()),
        answer => Ok(answer?),
    }
}

async fn host() -> Result<(), Box<dyn Error + Send + Sync>> {
    let client = new_client();
    println!("--- Two requests at once, then an end in order: shutdown, exit, and the server is reaped");
    let lease = client.acquire().await?;
    let (main, lib) = zip(hover(&lease, "main.rs"), hover(&lease, "lib.rs")).await;
    println!("main.rs: {}, lib.rs: {}", main?, lib?);
    drop(lease);
    client.close(Mode::Graceful).await;

    println!("--- A call is in flight when somebody closes by force, and the server won't go");
    let lease = client.acquire().await?;
    let never = lease.run(async |peer| peer.request("never/answered", json!(null)).await);
    let close = async { client.close(Mode::Force).await }; // acts when it is polled: when the call is under way
    let (call, ()) = zip(never, close).await;
    println!("the call: {}", call.err().ok_or("it was answered")?);
    drop(lease);

    println!("--- The server dies under a call");
    let lease = client.acquire().await?;
    println!("main.rs: {}", hover(&lease, "main.rs").await.err().ok_or("it was answered")?);
    drop(lease);
    client.shutdown(Mode::Graceful).await;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    if server::serve_if_asked()? { Ok(()) } else { smol::block_on(host()) }
}
