//! An async client of the Model Context Protocol on the tenure driver, independent of any runtime.
//!
//! [`Client`] is shared by tasks: it starts the server at the first use, gives [`Lease`]s, ends it in
//! order, and starts it again after it was lost. [`connect`] takes any [`Transport`] and any timer; the
//! crates `tenure-tokio` and `tenure-smol` have `mcp::stdio`, which does it all for a child process.
//!
//! * A call ends with a typed [`Error`] the moment its session is closed or lost, and is never sent
//!   again by itself.
//! * JSON passes through as it is: results keep their raw text beside the typed view.
//! * The reader never waits for the writer: a server that stops reading can still be heard, and closed.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod client;
mod error;
mod session;
mod wire;

pub use client::connect::{McpDriver, connect};
pub use client::lease::Lease;
pub use client::options::Options;
pub use client::watch::{Close, States};
pub use client::{Client, WeakClient};
pub use error::{Deadline, Error};
pub use session::events::ServerEvent;
pub use session::timer::SessionTimer;
pub use wire::stdio::{ServerEnded, Stdio};
pub use wire::{Carrier, Linger, Peer, Received, Transport, Wire};

pub use tenure_driver::Failure;
pub use tenure_mcp_proto as proto;
pub use tenure_mcp_proto::Server;
