//! The driver by hand: each poll is the test's own, and each wake-up is counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

mod bounds;
mod cancel;
mod ends;
mod errors;
mod histories;
mod leaving;
mod polls;
mod rig;
mod runner;
mod states;
mod trace;
mod wakers;
mod words;
