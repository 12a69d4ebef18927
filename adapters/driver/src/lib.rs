//! The async driver of a [`tenure`] session: everything async that is the same on every runtime.
//!
//! ```
//! use tenure::{Config, Mode};
//! use tenure_driver::{Builder, Failure, Life, from_fn};
//! use tenure_smol::{SmolTimer, spawn};
//!
//! # smol::block_on(async {
//! // One future for the whole life of a connection. It is made anew for each generation.
//! let connector = from_fn(|life: Life<String>| async move {
//!     life.or_stopped(async { /* open the transport, do the handshake */ }).await?;
//!     let serving = life.ready("what callers work with".to_owned());
//!     serving.stopped().await;
//!     Ok::<(), Failure>(()) // unwound
//! });
//! let (client, driver) = Builder::new(Config::default()).build(connector, SmolTimer::new());
//! spawn(driver).detach();
//!
//! let lease = client.acquire().await?; // connects, or joins who is connecting
//! let length = lease.run(async |handle: &String| handle.len()).await?;
//! assert_eq!(length, 22);
//! drop(lease); // given back
//! client.shutdown(Mode::Graceful).await;
//! # Ok::<(), tenure_driver::Error>(()) }).unwrap();
//! ```
//!
//! It names no runtime and no protocol. You bring a [`Connector`], which starts the runner of each
//! generation, and a [`Timer`]; [`Builder::build`] gives a [`Client`] that tasks share and a [`Driver`],
//! one future that you spawn on any executor.
//!
//! * [`Client::acquire`] gives a [`Lease`]; [`Lease::run`] uses it, and ends with a typed [`Error`] the
//!   moment the lease is revoked, however long the teardown takes.
//! * [`Client::close`] acts at the call and belongs to the machine: whoever asked may be cancelled.
//! * All futures are cancel-safe, and dropping any of the parts hangs nobody.
//!
//! There are no threads, no global state and no spawning here.
//!
//! [The guide](https://docs.rs/tenure-guide/latest/tenure_guide/chapter_8/index.html) brings a protocol of
//! its own, step by step. [The page of races](https://docs.rs/tenure/latest/tenure/races/index.html) shows what goes
//! wrong without all this.
//!
//! The example `local` of this crate is a session on an executor of one thread; `lsp` of `tenure-smol` is a connector
//! in full: a child process, framing, requests and answers, an end in order.
//!
//! # Feature flags
//! | feature | what it adds |
//! |---|---|
//! | `tracing` | spans and events for `tracing`, see below |
//!
//! With `tracing`, which is off by default, each generation has a span, named `generation`, with the number of its
//! `session` in this program and its own; what a runner knows of the other side it records with `Life::span`. It is
//! closed when the generation is over and its runner is gone. The runner is started, polled and dropped inside of it.
//! Events have the target `tenure_driver`:
//!
//! | level | what |
//! |---|---|
//! | info | a session's life: connecting, live, draining with its cause, over with cause and failure, closed for good |
//! | debug | its steps: closes, what runners say, stop, abort, discard, revoke |
//! | trace | leases, callers and probes |
//!
//! **Nothing secret**: they hold states, numbers, causes, and of a failure what its error says of itself. They hold no
//! [note](Failure::note), no message of a panic, and nothing of an error that is said to be
//! [`confidential`](Failure::confidential). `Builder::parent_span` puts the spans of a session into one of yours.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod acquire;
mod alarm;
mod builder;
mod client;
mod connector;
mod driver;
mod ended;
mod error;
mod few;
mod handle;
mod interest;
mod lease;
mod life;
mod outside;
mod overdue;
mod places;
mod shared;
mod signal;
mod spans;
mod states;
#[doc(hidden)]
pub mod sync;
mod timer;
mod trace;
pub mod wake;

pub use acquire::{Acquire, AcquireOwned};
pub use alarm::Alarm;
pub use builder::Builder;
pub use client::{Client, Close, WeakClient};
pub use connector::{Connector, FromFn, from_fn};
pub use driver::Driver;
pub use ended::Ended;
pub use error::{Error, Failure};
pub use lease::{Lease, Revoked};
pub use life::{Life, Linger, Probe, Serving, Stopped};
pub use signal::Signal;
pub use states::States;
pub use timer::Timer;
pub use trace::TraceEvent;

/// What README.md shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
