//! What needs no queue: the typed states, their table as diagrams, and settings. It runs without `alloc` too.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod contradictions;
mod graph;
#[path = "../machine/snapshot.rs"]
mod snapshot;
mod typed;
