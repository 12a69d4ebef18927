//! Sessions of tenure-rmcp with real servers, and what rmcp alone does with the same ones.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]
#![allow(clippy::large_futures, reason = "rmcp's own calls and handshake, on the stacks of tests")]

mod contradictions;
mod ending;
mod errors;
mod example;
mod flood;
mod handlers;
mod handwritten;
mod lost;
mod shared;
mod stuck;
mod support;
mod transports;
