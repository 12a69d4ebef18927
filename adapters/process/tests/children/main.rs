//! Children that behave and children that don't: one source for each system, run on each runtime.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

#[cfg(unix)]
mod body;
#[cfg(windows)]
#[path = "windows/mod.rs"]
mod body;
mod smol;
mod support;
mod tokio;
