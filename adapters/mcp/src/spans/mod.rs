//! What is told to `tracing` of a server and of the calls to it: the feature `tracing`.
//!
//! The driver tells a session's life, and keeps the runner in its generation's span.

#[cfg(not(feature = "tracing"))]
mod off;
#[cfg(feature = "tracing")]
mod on;

#[cfg(not(feature = "tracing"))]
pub(crate) use off::{AskReport, CallReport, Span, contradicts, handshake_failed};
#[cfg(feature = "tracing")]
pub(crate) use on::{AskReport, CallReport, Span, contradicts, handshake_failed};
