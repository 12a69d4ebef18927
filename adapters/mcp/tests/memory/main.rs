//! The client against a server played by hand, over pipes in memory and a clock that is set: no runtime, no
//! thread, no waiting.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod calls;
mod ends;
mod stage;
mod states;
mod words;
