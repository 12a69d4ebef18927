//! The program as people run it: the real binary, real servers, real signals.
#![cfg(any(unix, windows))]
// Helpers outside of test functions fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answered;
mod answers;
mod browsing;
mod demo;
mod failing;
mod giving;
mod helping;
mod info;
mod replaying;
mod results;
mod secure;
mod servers;
mod showing;
mod soaking;
mod support;
mod urls;
mod wanting;
mod watching;
mod web;

// What these play is a signal, a terminal, a pipe that doesn't block, or a guardian; `console` has what Windows tells
// programs in place of signals.
#[cfg(unix)]
mod asking;
#[cfg(unix)]
mod guarded;
#[cfg(unix)]
mod inherited;
#[cfg(unix)]
mod shared;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod stopped;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod urls_held;

#[cfg(windows)]
mod console;

/// Makes tests of functions that take the runtime's name, one module for each runtime.
macro_rules! on_both_runtimes {
    ($($(#[$attribute:meta])* $name:ident),+ $(,)?) => {
        mod tokio { $($(#[$attribute])* #[test] fn $name() { super::$name("tokio"); })+ }
        mod smol { $($(#[$attribute])* #[test] fn $name() { super::$name("smol"); })+ }
    };
}
pub(crate) use on_both_runtimes;
