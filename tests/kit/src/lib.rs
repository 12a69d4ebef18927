//! The conformance kit of tenure: the situations a session must survive, as tests for any runtime.
//!
//! Implement [`Runtime`] for yours and say so in a module named after it:
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
//! future and no handle may be left. A row that hangs fails after half a minute of the runtime's own
//! timer, with its name.
//!
//! [`Scene`] and the rest are public to write rows of your own with.
#![allow(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a row that fails panics"
)]

mod board;
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

pub use clock::{VirtualClock, VirtualSleep};
pub use gate::Gate;
pub use peer::{Event, Handle, Peer};
pub use plan::{Deaf, Panics, Plan};
pub use proof::prove;
pub use runtime::{Runtime, run};
pub use scenarios::{Place, SCENARIOS, Scenario, assert_played};
pub use scene::{Call, Scene, assert_waits, call, echo, in_flight, now};
pub use scripted::{PANIC, Running, Scripted};
