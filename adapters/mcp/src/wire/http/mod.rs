//! Servers that are reached over HTTP.
//!
//! What is sent, and what an answer means, is decided by the machine of the protocol's crate ([`Exchanges`]); bytes are
//! moved by a [`client`] of HTTP. Between the two stands the [`carrier`]: it holds what is under way, each an
//! [`exchange`] that is woken by a bell of its own ([`bells`]), asks who gives [`credentials`], and keeps the machine's
//! deadlines. The [`peer`] tells the runner that all is over ([`ending`]). [`transport`] opens both.
//!
//! [`Exchanges`]: tenure_mcp_proto::http::Exchanges

pub(crate) use carrier::failure_of;

mod bells;
mod carrier;
pub(crate) mod client;
pub(crate) mod credentials;
mod ending;
mod exchange;
mod hook;
mod peer;
pub(crate) mod transport;
