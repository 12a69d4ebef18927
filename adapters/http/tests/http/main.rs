//! The client against small servers on this machine, on tokio and on smol.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests, and what they share"
)]

mod bodies;
mod connecting;
#[cfg(target_os = "linux")]
mod environment;
mod failing;
mod proxies;
mod reuse;
mod rig;
mod secure;
mod server;
mod sharing;
mod support;
#[cfg(unix)]
mod unix_sockets;
mod whole_client;
