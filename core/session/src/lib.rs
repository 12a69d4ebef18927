//! The life of one shared, reconnectable session as a pure state machine.
//!
//! ```
//! # #[cfg(feature = "alloc")] {
//! use tenure::{Acquired, Action, Config, Exit, Mode, Session, SessionId};
//!
//! let mut session = Session::new(SessionId(1), Config::default());
//!
//! // A caller wants the session. It is not connected, so it is to be, and the caller waits.
//! let Ok(Acquired::Waiting(_)) = session.acquire() else { unreachable!() };
//! let Some(Action::Connect { generation }) = session.poll_action() else { unreachable!() };
//! session.runner_ready(generation); // your code has opened the connection
//! let Some(Action::Grant { lease, .. }) = session.poll_action() else { unreachable!() };
//!
//! // Somebody closes it by force.
//! session.close(Mode::Force);
//! assert!(matches!(session.poll_action(), Some(Action::Revoke { .. }))); // fail the calls in flight
//! assert!(matches!(session.poll_action(), Some(Action::Stop { .. }))); // end the connection
//!
//! // Who asks now is not handed the connection that is being ended, however long that takes.
//! let Ok(Acquired::Waiting(_)) = session.acquire() else { unreachable!() };
//! assert!(session.poll_action().is_none());
//!
//! // It has ended: the next generation is connected. The lease of the first counts against nothing.
//! session.runner_ended(generation, Exit::FINISHED);
//! assert!(matches!(session.poll_action(), Some(Action::Ended { .. })));
//! assert!(matches!(session.poll_action(), Some(Action::Connect { generation: next }) if next > generation));
//! assert!(session.release(lease).is_ok());
//! # }
//! ```
//!
//! A client keeps one long-lived session to a server and many tasks share it. This crate decides who
//! may use it, when it is opened, drained, ended and opened again. It does no I/O, reads no clock and
//! names no runtime: inputs go in, [actions](Action) come out, and the same inputs always give the same
//! actions. [`Session`] holds the whole contract on one page, deadlines included.
//!
//! It is for embedding by hand. `tenure-driver` carries it out on any async executor, and the crates above that
//! are named after a runtime or a protocol have clients ready to use.
//!
//! * A dying session is never reused: `Live` is made from `Connecting` and from nothing else, and code
//!   that says otherwise does not compile ([`state`]).
//! * Everything that acts carries its [`Generation`]; what speaks of one that is over changes nothing.
//! * A [`Lease`] is linear: it can't be cloned, and releasing it twice does not compile.
//! * Every state that waits for somebody has a deadline, so everything ends in bounded time.
//!
//! [The page of races](https://docs.rs/tenure/latest/tenure/races/index.html) shows the races that this is about,
//! each in a few lines beside what this machine does instead. To embed it by hand, see
//! [the guide](https://docs.rs/tenure-guide/latest/tenure_guide/topic/without_async/index.html).
//!
//! # Layers
//! [`state`] holds the typed states alone and needs no alloc. [`Session`] adds the queue of waiting
//! callers and the orphans (feature `alloc`, on by default). [`Script`] is a session as data, and [`timeline`] tells
//! what happened to one in lines that people read.
//! The example `blocking` embeds a session in plain threads, in five short files.
//!
//! # Features
//! | feature | what it adds |
//! |---|---|
//! | `alloc` (default) | [`Session`], [`Script`], [`timeline`] |
//! | `std` | conversions between [`Time`] and `std::time::Instant` |
//! | `serde` | `Serialize` and `Deserialize` for all that is data |
//! | `check` | the public checker of the invariants, `check` |
//! | `trace` | the recorder and replayer of traces, `trace` |
//! | `proptest` | strategies for configs, inputs and histories, `strategy` |
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::wildcard_enum_match_arm,
        clippy::arithmetic_side_effects
    )
)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod backoff;
#[cfg(feature = "check")]
pub mod check;
mod config;
mod contradiction;
mod deadline;
mod ending;
mod graph;
mod id;
#[cfg(all(doc, feature = "check"))]
#[doc = include_str!("races.md")]
pub mod races {}
#[cfg(feature = "alloc")]
mod script;
#[cfg(feature = "alloc")]
mod session;
pub mod state;
#[cfg(feature = "proptest")]
pub mod strategy;
mod time;
#[cfg(feature = "alloc")]
pub mod timeline;
#[cfg(feature = "trace")]
pub mod trace;
mod words;

pub use config::{Config, KeepAlive, Probe, Retry};
pub use contradiction::Contradiction;
pub use deadline::{DeadlineKind, Wake};
pub use ending::{Cause, Exit, ExitKind, Mode, Step};
pub use graph::Graph;
pub use id::{Generation, SessionId, Ticket};
#[cfg(feature = "alloc")]
pub use script::{Input, LeaseData, Output, Reply, Script};
#[cfg(feature = "alloc")]
pub use session::{
    Acquired, Action, Closing, ForeignLease, Lease, Outcome, Refusal, Rejection, Session, Status,
};
pub use time::Time;

/// What README.md shows compiles.
#[cfg(all(doctest, feature = "alloc"))]
#[doc = include_str!("../README.md")]
mod readme {}
