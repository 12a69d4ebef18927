//! Random histories: what they are made of, and what holds in each of them.
#![cfg(feature = "proptest")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod invariants;
#[cfg(feature = "serde")]
mod restore;
mod strategy;
