//! One generation of an MCP session: its runner, and the calls in flight.
//!
//! [`runner`] is the machine of one generation, from the open wire to its end. It owns a [`dialogue`], which
//! moves messages between the wire and the protocol, knows its [`progress`], and answers the session's probes with
//! [`probes`]. Which [`era`] the server speaks is remembered for the next generation, which
//! is asked for what the client [`wishes`] to hear of, too.
//! [`channel`] is what the runner shares with the callers, who reach it through a [`handle`]; [`news`] is the progress
//! of one call. What waits to be sent is [sent](sending) by whoever has the [`outlet`]; the runner wakes for the
//! [`deadlines`] of calls, and how they end without an answer is in [`ends`].

pub(crate) mod channel;
#[cfg(test)]
mod checked;
#[cfg(all(test, feature = "http"))]
mod checked_http;
pub(crate) mod common;
pub(crate) mod connector;
pub(crate) mod deadlines;
pub(crate) mod dialogue;
pub(crate) mod ends;
pub(crate) mod era;
pub(crate) mod events;
pub(crate) mod handle;
pub(crate) mod hearing;
pub(crate) mod in_flight;
pub(crate) mod listener;
pub(crate) mod news;
pub(crate) mod outlet;
pub(crate) mod probes;
pub(crate) mod progress;
pub(crate) mod runner;
pub(crate) mod sending;
pub(crate) mod stages;
pub(crate) mod timer;
pub(crate) mod wishes;
