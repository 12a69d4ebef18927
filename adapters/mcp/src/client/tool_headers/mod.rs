//! Tools that want some of their arguments as headers, too (MCP 2026-07-28, basic/transports/streamable-http, "Custom
//! Headers from Tool Parameters").

#[cfg(not(feature = "http"))]
mod off;
#[cfg(feature = "http")]
mod on;

#[cfg(not(feature = "http"))]
pub(crate) use off::{Known, are_wanted, ask_again, known};
#[cfg(feature = "http")]
pub(crate) use on::{Known, are_wanted, ask_again, known};
