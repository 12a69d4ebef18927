//! What the caller wishes to hear of, and how far the server is with it.
//!
//! The legacy era has a request for each resource: [`resources`] knows how far each is, [`per_resource`] asks. The
//! modern era has one request for all: [`listening`] knows which that is, [`listen`] asks. [`own`] chooses between
//! them, and makes the requests, which no caller sees.

pub(crate) mod listen;
pub(crate) mod listening;
pub(crate) mod own;
pub(crate) mod per_resource;
pub(crate) mod resources;

use std::sync::Arc;
use std::time::Duration;

use crate::exchange::wishes::listening::Listening;
use crate::exchange::wishes::resources::Resources;
use crate::seldom::Seldom;
use crate::server::{Offers, Server};
use crate::subscriptions::Subscriptions;
use crate::types::LogLevel;

/// So long a server may take for a request of the connection's own.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) wished: Seldom<Subscriptions>,
    /// What the server said of itself.
    pub(crate) server: Option<Arc<Server>>,
    pub(crate) listening: Seldom<Listening>,
    pub(crate) resources: Seldom<Resources>,
    /// The level of log messages that each request asks for.
    pub(crate) level: Option<LogLevel>,
}

impl Wishes {
    /// What the server has: mostly nothing is wished, and nobody asks.
    pub(crate) fn offers(&self) -> Offers {
        self.server.as_deref().map(Server::offers).unwrap_or_default()
    }
}
