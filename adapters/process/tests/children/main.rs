//! Children that behave and children that don't: one source, run on each runtime.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod body;
mod smol;
mod support;
mod tokio;
