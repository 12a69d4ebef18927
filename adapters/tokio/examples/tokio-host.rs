//! A host on tokio. Tasks share one MCP server; the server dies under a call and is started again; whatever happens, it
//! is ended in order: also by Ctrl-C.
//!
//! ```text
//! cargo run -p tenure-tokio --example tokio-host
//! ```

mod server;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tenure_tokio::{
    Client, Deadline, Delivery, Error, Generation, Mode, Options, Retry, ServerCommand, ServerEvent, mcp,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Nothing is started yet: the first call does that.
fn new_client() -> Client {
    // A closure makes the command of each generation; a `Command` in its place would be used for all of them.
    let first = AtomicBool::new(true);
    let command = ServerCommand::from_fn(move || {
        server::command(if first.swap(false, Ordering::Relaxed) { "fragile" } else { "sound" })
    });
    let command = command.on_stderr(|generation, line| println!("[{generation}] it says: {line}"));
    let options = Options::new()
        .connect_timeout(Duration::from_secs(10))
        .call_timeout(Some(Duration::from_secs(2)))
        .retry(Some(Retry::default()))
        .on_event(on_event);
    mcp::stdio(command, options)
}

/// A generation is one life of the connection. All that happens to it is told here, whoever uses it then.
fn on_event(generation: Generation, event: &ServerEvent) {
    match event {
        ServerEvent::Connected { server, pid, .. } => {
            println!(
                "[{generation}] connected: {} {}, process {}",
                server.name,
                server.version,
                pid.unwrap_or(0)
            );
        }
        ServerEvent::Disconnected { failure: Some(failure), .. } => {
            println!("[{generation}] disconnected: {failure}");
        }
        ServerEvent::Disconnected { cause, .. } => println!("[{generation}] disconnected in order: {cause}"),
        other => println!("[{generation}] {other:?}"),
    }
}

/// Calls a tool; once more if that may help. `repeatable`: doing it twice does no harm.
async fn call(client: &Client, tool: &str, arguments: Value, repeatable: bool) -> Result<String> {
    let result = match client.call_tool(tool, &arguments).await {
        // What was not done can always be tried again; what may have been done only if twice is no harm.
        Err(error) if error.is_retryable() && (repeatable || error.delivery() != Delivery::Unknown) => {
            println!("{tool}: {error}");
            println!("{tool}: once more");
            client.call_tool(tool, &arguments).await?
        }
        result => result?,
    };
    // What the tool says for people; its whole JSON is `result.raw`.
    Ok(result.text())
}

async fn work(client: &Client) -> Result<()> {
    println!("--- Three tasks share one server; the first call starts it");
    let add =
        |client: Client, n: i64| async move { call(&client, "add", json!({ "a": n, "b": n }), true).await };
    let tasks: Vec<_> = (1..=3).map(|n| tokio::spawn(add(client.clone(), n))).collect();
    for (task, n) in tasks.into_iter().zip(1..) {
        println!("{n} + {n}: {}", task.await??);
    }

    println!("--- The server dies under a call; the next attempt starts another");
    println!("report: {}", call(client, "report", json!({}), true).await?);

    println!("--- Errors are told apart");
    let lease = client.acquire().await?; // For several calls on one connection.
    if let Err(error) = lease.call_tool("divide", ()).await {
        explain("divide", &error);
    }
    println!("--- This call is never answered: press Ctrl-C, or see its deadline pass");
    if let Err(error) = lease.call_tool("wait", ()).await {
        explain("wait", &error);
    }
    Ok(())
}

fn explain(what: &str, error: &Error) {
    let advice = match error {
        Error::Server(_) => "the server has answered, and will answer the same again",
        Error::TimedOut { deadline: Deadline::Call, .. } => "it may be done yet; the session lives on",
        error if error.delivery() != Delivery::Unknown => "it was not done",
        error if error.is_retryable() => "it may have been done; the next call gets another server",
        _ => "give up",
    };
    println!("{what}: {error} ({advice})");
}

#[tokio::main]
async fn host() -> Result<()> {
    let client = new_client();
    let result = tokio::select! {
        result = work(&client) => result,
        // The work is dropped wherever it is; that is safe, and the end is the same.
        _ = tokio::signal::ctrl_c() => {
            println!("Ctrl-C");
            Ok(())
        }
    };
    // Takes no longer than finish, stop, abort and discard allow; a second Ctrl-C skips the polite ones.
    tokio::select! {
        () = client.shutdown(Mode::Graceful) => {}
        _ = tokio::signal::ctrl_c() => client.shutdown(Mode::Abort).await,
    }
    result
}

fn main() -> ExitCode {
    if server::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    match host() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
