//! The conformance kit on executors that tenure has no adapter for, one file each.
//!
//! Above `conformance!` in each file stands what a host writes for its executor, and nothing else: README.md counts
//! these lines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

mod async_executor;
mod compio;
mod editor;
mod embassy;
mod futures;
mod glue;
mod local;
