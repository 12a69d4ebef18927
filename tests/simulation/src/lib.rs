//! The whole client in a simulated world.
//!
//! The driver and the MCP client run on an executor of our own: one thread, virtual time, and each step
//! picks one of the tasks that are ready. Around them are callers who give up at any poll, a pipe that
//! splits, delays, stalls, cuts and corrupts, and servers that misbehave in all the ways that servers do.
//! Whatever is left to chance is drawn from one tape of [`Choices`], so that a seed is a run, a tape is a
//! run too, and a failing run can be shrunk.
//!
//! ```
//! use tenure_simulation::{Choices, Rules, run};
//!
//! let report = run(Choices::of_seed(1), &Rules::default());
//! assert!(report.failure.is_none());
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod acts;
mod asks;
mod books;
mod call;
mod callers;
mod carrier;
mod choices;
mod clock;
mod era;
mod executor;
mod failure;
mod fate;
mod ground;
mod handlers;
mod held;
mod limits;
mod listens;
mod mind;
mod mood;
mod operation;
mod pipe;
mod replies;
mod rounds;
mod server;
mod shrink;
mod steward;
mod tally;
mod tells;
mod timeline;
mod transport;
mod verdict;
mod waiting;
mod web;
mod world;

pub use carrier::Carrier;
pub use choices::Choices;
pub use failure::{Failure, Kind};
pub use shrink::{Budget, Shrunk, shrink};
pub use tally::{Seen, Tally};
pub use timeline::{Entry, Who, timeline};
pub use world::{Report, Rules, run};
