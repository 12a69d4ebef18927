//! A host that ends from one moment to the next, and of whose server nothing is left: it has a guardian. This program
//! is all three of them.
//!
//! ```text
//! cargo run -p tenure-tokio --example guarded
//! ```

mod server;

use std::time::Duration;

use tenure_tokio::{Error, Guardian, Options, ServerCommand, mcp};

#[tokio::main]
async fn host() -> Result<(), Error> {
    // This program plays the guardian, too. `Guardian::new("/usr/bin/tenure")` would have another one play it.
    let guardian = Guardian::this_program().stop_timeout(Duration::from_millis(200));
    // A command that the guardian makes, and that is set up as any other.
    let plain = server::command("stubborn");
    let mut command = guardian.command(plain.get_program());
    command.args(plain.get_args());
    let client = mcp::stdio(ServerCommand::new(command).guarded(guardian), Options::new());

    let lease = client.acquire().await?;
    if let Some(pid) = lease.server_pid().await? {
        println!("the server is process {pid}");
    }
    println!("--- This program ends: nothing is closed, nothing is dropped, as if it were killed");
    std::process::exit(0);
}

fn main() -> Result<(), Error> {
    // First of all. It returns in a program that wasn't started as a guardian.
    tenure_process::guardian::run();
    if server::serve_if_asked() {
        return Ok(());
    }
    host()
}
