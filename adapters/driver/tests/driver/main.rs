//! The driver by hand: each poll is the test's own, and each wake-up is counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

mod bounds;
mod cancel;
mod drops;
mod ended;
mod ends;
mod errors;
mod generic;
mod histories;
mod leaving;
mod never_resting;
mod notes;
mod polls;
mod retiring;
mod rig;
mod runner;
mod states;
mod trace;
mod wakers;
mod words;
