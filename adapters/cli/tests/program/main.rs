//! The program as people run it: the real binary, real servers, real signals.
#![cfg(any(unix, windows))]
// Helpers outside of test functions fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod demo;
mod helping;
mod replaying;
mod servers;
mod soaking;
mod support;
mod urls;
mod web;

// What these play is a script for a unix shell, a signal, or a terminal.
#[cfg(unix)]
mod answered;
#[cfg(unix)]
mod asking;
#[cfg(unix)]
mod browsing;
#[cfg(unix)]
mod failing;
#[cfg(unix)]
mod giving;
#[cfg(unix)]
mod guarded;
#[cfg(unix)]
mod info;
#[cfg(unix)]
mod inherited;
#[cfg(unix)]
mod results;
#[cfg(unix)]
mod shared;
#[cfg(unix)]
mod showing;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod stopped;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod urls_held;
#[cfg(unix)]
mod watching;

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
