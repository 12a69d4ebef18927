//! A host of one MCP server, with rmcp under tenure.
//!
//! ```text
//! cd adapters/rmcp
//! cargo run --example host                                                        # with a small server of its own
//! cargo run --example host -- npx -y @modelcontextprotocol/server-everything      # with any other
//! ```
//!
//! Several tasks share the server. A handler of rmcp's hears when its tools change. Errors are told apart, a lost
//! session is opened again, and at the end nothing is left running.

// A small server, which this program is if it is started with the argument `serve`.
#[path = "../../tokio/examples/server/mod.rs"]
mod server;

use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tenure_rmcp::rmcp::model::{CallToolRequestParams, ClientConfig, Implementation};
use tenure_rmcp::rmcp::service::NotificationContext;
use tenure_rmcp::rmcp::{ClientHandler, RoleClient};
use tenure_rmcp::{Client, Error, Mode, Options, Retry, SessionError};

/// What the server may ask of this host, and what it tells it. There is one for each life of the connection.
struct Handler;

impl ClientHandler for Handler {
    fn get_info(&self) -> ClientConfig {
        let mut info = ClientConfig::default();
        info.client_info = Implementation::new("example-host", "1.0.0");
        info
    }

    async fn on_tool_list_changed(&self, context: NotificationContext<RoleClient>) {
        match context.peer.list_all_tools().await {
            Ok(tools) => println!("the tools changed: there are {} now", tools.len()),
            Err(error) => println!("the tools changed: {error}"),
        }
    }
}

/// Nothing is started yet: the first call does that.
fn new_client(program: Option<String>, args: Vec<String>) -> Client {
    let first = AtomicBool::new(true);
    // Each generation, which is one life of the connection, gets a command of its own.
    let command = move || {
        let Some(program) = &program else {
            // Its first server dies when it is asked for a report; the next one doesn't.
            return server::command(if first.swap(false, Ordering::Relaxed) { "fragile" } else { "sound" });
        };
        let mut command = Command::new(program);
        command.args(&args);
        command
    };
    let options = Options::new()
        .connect_timeout(Duration::from_secs(30))
        .retry(Some(Retry::default()))
        .on_stderr(|generation, line| println!("[{generation}] it says: {line}"));
    tenure_rmcp::stdio(command, || Handler, options)
}

/// A call whose caller knows that it may be made twice.
async fn call_again_if_lost(client: &Client, tool: &'static str) -> Result<String, Error> {
    let mut attempts = 1;
    loop {
        let params = CallToolRequestParams::new(tool);
        match client.call_tool(params).await {
            Ok(result) => {
                let texts = result.content.iter().filter_map(|block| block.as_text());
                return Ok(texts.map(|block| block.text.as_str()).collect());
            }
            Err(Error::Revoked(SessionError::Lost { failure, .. })) if attempts < 3 => {
                println!("{tool}: lost: {failure}");
                println!("{tool}: once more, with another server");
                attempts += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// What the host does: all tasks at once, one server.
async fn work(client: &Client) -> Result<usize, Error> {
    // Starts the server. Lists and calls on one lease are on one connection.
    let lease = client.acquire().await?;
    if let Some(server) = lease.server().await? {
        println!("connected, protocol {}", server.protocol_version);
    }
    let tools = lease.list_all_tools().await?;
    drop(lease);
    for tool in &tools {
        println!("- {}", tool.name);
    }
    let tasks: Vec<_> = ["report", "divide"]
        .into_iter()
        .map(|tool| {
            let client = client.clone();
            tokio::spawn(async move { (tool, call_again_if_lost(&client, tool).await) })
        })
        .collect();
    for task in tasks {
        match task.await {
            Ok((tool, Ok(text))) => println!("{tool}: {text}"),
            // The session lives on: it was this call alone.
            Ok((tool, Err(Error::Call(error)))) => println!("{tool} failed: {error}"),
            Ok((_, Err(error))) => return Err(error),
            Err(panicked) => eprintln!("{panicked}"),
        }
    }
    Ok(tools.len())
}

/// A host's life, from its arguments to its exit.
pub(crate) async fn host(mut args: impl Iterator<Item = String>) -> Result<usize, Error> {
    let client = new_client(args.next(), args.collect());
    let worked = tokio::select! {
        worked = work(&client) => worked,
        // Whatever is under way: its callers are dropped, and the end below is the same.
        _ = tokio::signal::ctrl_c() => Ok(0),
    };
    // No later than finish, stop, abort and discard allow.
    client.shutdown(Mode::Graceful).await;
    worked
}

fn main() -> ExitCode {
    if server::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run() -> Result<usize, Error> {
    host(std::env::args().skip(1)).await
}
