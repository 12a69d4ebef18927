//! MCP servers that are child processes.

use std::process::Command;

use tenure_mcp::{Client, Options, Stdio};

use crate::{SmolReactor, SmolTimer, spawn};

/// A client of the server that `command` starts, carried by a task of its own.
///
/// Nothing is started before the first lease. The client ends the server when the last clone is dropped;
/// to wait for it, call [`Client::shutdown`].
pub fn stdio(command: Command, options: Options) -> Client {
    let transport = Stdio::new(SmolReactor::new(), command);
    let (client, driver) = tenure_mcp::connect(options, transport, SmolTimer::new());
    drop(spawn(driver));
    client
}
