//! The checker finds what is wrong. Histories are told by hand here, first as they may be, then with one
//! thing in them that no session may do.
#![cfg(feature = "check")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod bounds;
mod generations;
mod leases;
mod resume;
mod revokes;
mod system;
mod tale;
mod tickets;
#[cfg(feature = "trace")]
mod trace;
mod views;
