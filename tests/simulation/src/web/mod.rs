//! Servers that are reached over HTTP: the whole client stands on a client of HTTP that is none, and on a far side that
//! says what it really did.
//!
//! `nature` which faults there are · `transport` one visit for each generation · `client` the way there and back, with
//! all that breaks on it · `site` the far side: sessions, and what was done · `visit` what one client has there ·
//! `feed` streams of events, which outlive those who read them · `verdict` what must hold beside all else.

mod client;
mod feed;
mod nature;
mod site;
mod transport;
mod verdict;
mod visit;

pub(crate) use nature::Web;
pub(crate) use site::Site;
pub(crate) use transport::WebTransport;
pub(crate) use verdict::judge;
