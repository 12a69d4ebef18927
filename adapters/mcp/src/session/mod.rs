//! One generation of an MCP session: who runs it, and the calls in flight.

pub(crate) mod channel;
pub(crate) mod handle;
pub(crate) mod pump;
pub(crate) mod runner;
