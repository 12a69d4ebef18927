//! The async driver of a [`tenure`] session: everything async that is the same on every runtime.
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
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod alarm;
mod builder;
mod client;
mod connector;
mod driver;
mod error;
mod handle;
mod lease;
mod life;
mod outside;
mod shared;
mod signal;
mod states;
#[doc(hidden)]
pub mod sync;
mod timer;
mod trace;
pub mod wake;

pub use alarm::Alarm;
pub use builder::Builder;
pub use client::{Acquire, Client, Close, WeakClient};
pub use connector::{Connector, FromFn, from_fn};
pub use driver::Driver;
pub use error::{Error, Failure};
pub use lease::{Lease, Revoked};
pub use life::{Life, Linger, Probe, Serving, Stopped};
pub use signal::Signal;
pub use states::States;
pub use timer::Timer;
pub use trace::TraceEvent;
