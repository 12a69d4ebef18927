//! The program as people run it: the real binary, real servers, real signals.
#![cfg(unix)]
// Helpers outside of test functions fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod demo;
mod failing;
mod helping;
mod replaying;
mod servers;
mod signals;
mod support;

/// Makes tests of functions that take the runtime's name, one module for each runtime.
macro_rules! on_both_runtimes {
    ($($name:ident),+ $(,)?) => {
        mod tokio { $(#[test] fn $name() { super::$name("tokio"); })+ }
        mod smol { $(#[test] fn $name() { super::$name("smol"); })+ }
    };
}
pub(crate) use on_both_runtimes;
