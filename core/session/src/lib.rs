//! Being built.
#![no_std]
#[cfg(feature = "std")]
extern crate std;
mod time;
pub use time::Time;
