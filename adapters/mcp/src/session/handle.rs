//! What a lease gives access to. It owns nothing of the transport.

use std::sync::Arc;

use tenure_mcp_proto::{Server, ServerError};

use crate::session::channel::Channel;

/// One generation's connection, as its callers share it.
pub(crate) struct Handle {
    pub(crate) channel: Arc<Channel>,
    pub(crate) server: Arc<Server>,
    /// The server's process id, if it is a process.
    pub(crate) pid: Option<u32>,
    /// The beginning of the id of its session, if the server gave one.
    pub(crate) session_hint: Option<String>,
    /// Tools may want headers of their calls: over HTTP, in the modern era.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "nobody else asks"))]
    pub(crate) has_tool_headers: bool,
}

impl Handle {
    /// See [`Connection::has_version_in_common`](tenure_mcp_proto::Connection::has_version_in_common).
    pub(crate) fn has_version_in_common(&self, error: &ServerError) -> bool {
        self.channel.lock().connection.has_version_in_common(error)
    }
}
