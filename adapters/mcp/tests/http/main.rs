//! The client over HTTP, against a server played by hand: in memory, with a clock that is set. No socket, no runtime,
//! no thread, no waiting.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

#[path = "../memory/call.rs"]
mod call;
#[path = "../memory/clock.rs"]
mod clock;
mod credentials;
mod expiry;
mod openings;
mod overdue;
mod replicas;
mod sessions;
mod stage;
mod stalls;
mod streams;
mod tools;
mod versions;
mod web;
