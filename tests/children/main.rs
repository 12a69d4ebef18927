//! What a session must survive, with real child processes through the public MCP client: one source, run
//! on each runtime. The numbers are those of the kit's scenarios.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod rows;
mod smol;
mod support;
mod tokio;
