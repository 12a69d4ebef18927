//! `tenure-mcp-proto` against the specification's JSON schemas and examples, which are in the folder `data`.
//!
//! - [`Spec`]: the schema of one version, and its examples;
//! - [`Client`]: a connection that was opened on one version, by a script;
//! - [`judge`]: what is wrong with a message that a client sent;
//! - [`samples`]: values that a definition of a schema allows, at its edges;
//! - [`view`]: what is read of a server's message.

pub mod client;
pub mod judge;
pub mod samples;
pub mod spec;
pub mod view;

pub use client::Client;
pub use spec::{Example, Spec};
