//! The conformance kit on the runtimes that have an adapter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

#[cfg(target_os = "linux")]
mod dropped;
mod smol;
mod tokio;
