//! One generation of an MCP session: its runner, and the calls in flight.
//!
//! [`runner`] is the machine of one generation, from the open wire to its end. It owns a [`dialogue`], which
//! moves messages between the wire and the protocol, and answers the session's probes with [`probes`].
//! [`channel`] is what the runner shares with the callers, who reach it through a [`handle`].

pub(crate) mod channel;
pub(crate) mod connector;
pub(crate) mod dialogue;
pub(crate) mod events;
pub(crate) mod handle;
pub(crate) mod probes;
pub(crate) mod runner;
pub(crate) mod timer;
