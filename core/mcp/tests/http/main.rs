//! MCP over HTTP, played against a script: each row of the rules, by section.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail the test")]

mod answers;
mod authorization;
mod bounds;
mod eras;
mod expiry;
mod listening;
mod modern;
mod odd;
mod old;
mod resuming;
mod sending;
mod several;
mod stopping;
mod stopping_between;
mod strays;
mod world;
