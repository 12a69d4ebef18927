//! A span for each generation, and events for what the machine did: the feature `tracing`.
//!
//! The span is open as long as its generation is: from its connect until its end was told and the last of its runner's
//! tokens is gone. The runner's future is polled and dropped inside of it.

#[cfg(not(feature = "tracing"))]
mod off;
#[cfg(feature = "tracing")]
mod on;

#[cfg(not(feature = "tracing"))]
pub(crate) use off::{Span, Spanned, Spans, start_in};
#[cfg(feature = "tracing")]
pub(crate) use on::{Span, Spanned, Spans, start_in};
