//! The conformance kit of tenure: what tests an adapter of yours, whatever you bring.
//!
//! ```
//! use tenure_driver::{Failure, Life, from_fn};
//! use tenure_kit::check_connector;
//!
//! # futures_lite::future::block_on(async {
//! let connector = || {
//!     from_fn(|life: Life<u32>| async move {
//!         life.or_stopped(async { /* open the transport, do the handshake */ }).await?;
//!         life.ready(7).stopped().await;
//!         Ok(())
//!     })
//! };
//! let call = async |handle: &u32| if *handle == 7 { Ok(()) } else { Err(Failure::new("a wrong answer")) };
//! check_connector(connector, call).await.assert();
//! # });
//! ```
//!
//! | you bring | test it with |
//! |---|---|
//! | a [`Connector`](tenure_driver::Connector): a protocol | [`check_connector`], with your call and your peer |
//! | a [`Timer`](tenure_driver::Timer) | [`check_timer`] |
//! | a way to spawn | [`check_spawn`] |
//! | a runtime: both of them, and an executor | [`conformance!`]: all rows, and both checks |
//!
//! It is chapter 9 of [the guide](https://docs.rs/tenure-guide/latest/tenure_guide/chapter_9/index.html).
//!
//! A check gives a [`Report`]; `.assert()` fails the test with each [`Rule`] that isn't kept, when it wasn't, what was
//! seen, what mostly helps and which page to read.
//!
//! # Rows
//! Rows are the situations a session must survive, as tests for any runtime. Implement [`Runtime`] for yours and say
//! so in a module named after it:
//!
//! ```ignore
//! mod mine {
//!     tenure_kit::conformance!(super::Mine);
//! }
//! ```
//!
//! That makes one `#[test]` for each [row](rows), such as `mine::row_01_…`; the number is that of a
//! [scenario](SCENARIOS). A row plays its situation
//! through the public API of the driver, which runs on your runtime, with a [`Scripted`] connector whose
//! gates the row opens and a [`VirtualClock`]: nothing sleeps, so nothing depends on how fast the machine
//! is. Afterwards the recorded trace is replayed through the machine and its checker ([`prove`]), and no
//! future and no handle may be left. A row that hangs fails after half a minute, with its name.
//!
//! Two more tests, `the_timer_keeps_time` and `what_is_spawned_runs`, check the runtime's timer and spawning on the
//! real clock; the rows don't.
//!
//! [`Scene`] and the rest are public to write rows of your own with.
#![allow(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a row that fails, and a check without a clock, panic"
)]

mod board;
mod checks;
mod clock;
mod gate;
mod peer;
mod plan;
mod proof;
pub mod rows;
mod runtime;
mod scenarios;
mod scene;
mod scripted;

pub use checks::connector::{ConnectorCheck, check_connector};
pub use checks::{Fault, Report, Rule, Task, check_spawn, check_timer};
pub use clock::{VirtualClock, VirtualSleep};
pub use gate::Gate;
pub use peer::{Event, Handle, Peer};
pub use plan::{Deaf, Panics, Plan};
pub use proof::prove;
pub use runtime::{Runtime, run};
pub use scenarios::{Place, SCENARIOS, Scenario, assert_played};
pub use scene::{Call, Scene, assert_waits, call, echo, in_flight, now};
pub use scripted::{PANIC, Running, Scripted};

/// What README.md shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
