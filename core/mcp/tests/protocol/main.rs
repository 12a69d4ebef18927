//! The protocol over lines, and its types: one test program, whose rooms are its folders.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail the test")]

mod bounds;
mod common;
mod input;
mod json;
mod misbehaviour;
mod opening;
mod random;
mod requests;
mod subscribing;
mod types;
