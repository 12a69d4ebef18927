//! The whole client over HTTP, against a server that does what it is told: one source, run on each runtime. The tests
//! stand in rooms: which era, what is sent, what an answer means, and so on.
//!
//! What became of a call is written in short: `ok hi`, `error -32601`, `status 503, unknown`; see `outcome`. Whatever a
//! call is told of its delivery is held against what the server has done.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests, and what they share")]

/// A `#[test]` for each of these, on each runtime.
macro_rules! tests {
    ($($name:ident),* $(,)?) => {
        mod on_tokio {
            $(#[test] fn $name() { crate::support::run::<crate::runtimes::Tokio, _>(super::$name::<crate::runtimes::Tokio>()); })*
        }
        mod on_smol {
            $(#[test] fn $name() { crate::support::run::<crate::runtimes::Smol, _>(super::$name::<crate::runtimes::Smol>()); })*
        }
    };
}

mod arrivals;
mod desk;
mod outcome;
mod rows;
mod runtimes;
mod section_1_which_era;
mod section_2_what_is_sent;
mod section_3_answers;
mod section_3_connections;
mod section_3_http;
mod section_4_streams;
mod section_5_resuming;
mod section_6_expiry;
mod section_6_handlers;
mod section_7_modern;
mod section_8_credentials;
mod section_8_redirects;
mod section_9_bounds;
mod section_9_floods;
mod stage;
mod support;
mod tokens;
mod weather;
