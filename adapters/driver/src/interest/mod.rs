//! What is of interest to `tracing`.

#[cfg(not(feature = "tracing"))]
mod off;
#[cfg(feature = "tracing")]
mod on;

#[cfg(not(feature = "tracing"))]
pub(crate) use off::{is_any, is_wanted};
#[cfg(feature = "tracing")]
pub(crate) use on::{is_any, is_wanted, of_action, of_input};
