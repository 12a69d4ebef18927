//! A server of the modern era that speaks another version than it did: each request says which one it is of, so that
//! this can change while the connection lives (MCP 2026-07-28, basic/versioning).

use crate::connection::Connection;
use crate::era::offer;
use crate::era::versions::Version;
use crate::exchange::{Exchange, Stage};
use crate::jsonrpc::error::ServerError;

impl Connection {
    /// Returns whether a request that ended with this error may be asked again: the server doesn't speak its version
    /// (-32022), and names one of the modern era that both have, be it the same. Requests are of that one from then on.
    /// Do so once: a server that refuses what it names will do so again.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tenure_mcp_proto::{Connection, Options};
    /// # use tenure_mcp_proto::{CallError, Event};
    /// # let mut connection = Connection::new(Options::default());
    /// while let Some(event) = connection.poll_event() {
    ///     if let Event::Response { result: Err(CallError::Server(error)), .. } = &event
    ///         && connection.has_version_in_common(error)
    ///     {
    ///         // Make the request again.
    ///     }
    /// }
    /// ```
    pub fn has_version_in_common(&self, error: &ServerError) -> bool {
        self.exchange.common_version(error).is_some()
    }
}

impl Exchange {
    /// A request ended with this error. If the server names versions, further ones are of the best that both have.
    pub(crate) fn agree_on_version(&mut self, error: &ServerError) {
        let Some(agreed) = self.common_version(error) else {
            return;
        };
        if let Stage::Ready { version } = &mut self.stage
            && *version != agreed
        {
            self.marks = self.rules.marks(&self.options, &agreed).into();
            *version = agreed;
        }
    }

    fn common_version(&self, error: &ServerError) -> Option<Version> {
        let is_live = matches!(self.stage, Stage::Ready { .. }) && self.rules.may_change_version();
        if !is_live || error.code != Some(offer::UNSUPPORTED_VERSION) {
            return None;
        }
        self.options.common(self.rules.era(), &offer::supported(error)).cloned()
    }
}
