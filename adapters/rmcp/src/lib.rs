//! [rmcp](https://docs.rs/rmcp) speaks MCP; tenure owns the session's life.
//!
//! ```no_run
//! use std::process::Command;
//!
//! use tenure_rmcp::rmcp::model::CallToolRequestParams;
//! use tenure_rmcp::{Mode, Options};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), tenure_rmcp::Error> {
//! let client = tenure_rmcp::stdio(|| Command::new("my-server"), || (), Options::new());
//! // Starts the server, or joins who is starting it. Share clones of the client with any number of tasks.
//! let result = client.call_tool(CallToolRequestParams::new("greet")).await?;
//! println!("{result:?}");
//! // All that rmcp's `Peer` can do, on one connection from the first call to the last:
//! let lease = client.acquire().await?;
//! let resources = lease.run(async |peer| peer.list_all_resources().await).await?;
//! println!("{} resources", resources.len());
//! drop(lease);
//! client.shutdown(Mode::Graceful).await;
//! # Ok(())
//! # }
//! ```
//!
//! rmcp keeps the protocol: its types, its [`Peer`](rmcp::Peer), your `ClientHandler`. What a host writes around it by
//! hand (the `Mutex<Option<RunningService>>`, the check whether it still lives, the reconnect, the shutdown) is
//! replaced by a session that
//!
//! - is opened at the first use, shared by [leases](Lease), and opened again after it was closed or lost;
//! - never hands out a connection that is being torn down, and never has two servers at once, but for those that can't
//!   be killed, which are counted;
//! - ends in order within its deadlines, **also with a server that stopped reading** its input, where rmcp's own close
//!   waits for ever; and leaves no process behind, nor any that the server started;
//! - ends the calls in flight at once when it was closed or lost, saying why, and whether they may have been done
//!   ([`Error`]);
//! - goes on whoever is cancelled: callers own nothing of it.
//!
//! [From rmcp to this crate](guide::to_tenure_rmcp) goes through a host step by step; [from rmcp to
//! tenure-mcp](guide::to_tenure_mcp) leaves rmcp.
//! [The guide to tenure](https://docs.rs/tenure-guide/latest/tenure_guide/index.html) has the rest, and
//! [the page of races](https://docs.rs/tenure/latest/tenure/races/index.html) shows what it is all about.
//!
//! [`stdio`] starts servers as child processes; [`connect`] is for every other transport of rmcp's. The README shows
//! the lines it replaces, and what goes wrong in them.
//!
//! tokio only, since rmcp is. Children are those of `tenure-process`: on unix and on Windows; elsewhere [`stdio`] is a
//! typed "unsupported", and [`connect`] works. With rmcp's feature `local` it doesn't build.
//!
//! # Feature flags
//! | feature | what it adds |
//! |---|---|
//! | `tracing` | a span for each generation of a session, and events, for `tracing`, as `tenure_driver` says; rmcp has its own |
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod client;
mod connect;
mod error;
#[cfg(any(doc, doctest))]
pub mod guide;
mod handle;
mod lease;
mod options;
mod pipe;
mod runner;
mod server;
mod stderr;
mod turn;
mod wire;

pub use rmcp;
pub use tenure::{Config, Contradiction, Generation, KeepAlive, Mode, Probe, Retry, Status};
pub use tenure_driver::{Error as SessionError, Failure, TraceEvent};
pub use tenure_process::{command, command_with_envs};

pub use client::{Client, WeakClient};
pub use connect::{connect, stdio};
pub use error::{Delivery, Error};
pub use lease::Lease;
pub use options::Options;
pub use server::{PipeClosed, ServerEnded};

/// What README.md shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
