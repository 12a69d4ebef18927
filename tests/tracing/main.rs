//! What `tracing` is told of a session, heard by a subscriber that keeps all of it.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

mod by_hand;
mod life;
mod recorder;
/// Its server is a script for a unix shell.
#[cfg(unix)]
mod secrets;
/// The server is one for unix.
#[cfg(unix)]
mod secrets_http;
#[cfg_attr(windows, allow(dead_code, reason = "what is for servers over HTTP"))]
mod servers;
mod spans;
