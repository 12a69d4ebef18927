//! The conformance kit on the runtimes that have an adapter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

#[cfg(any(unix, windows))]
mod connectors;
#[cfg(target_os = "linux")]
mod dropped;
mod scenarios;
mod smol;
mod spawned;
mod tokio;
