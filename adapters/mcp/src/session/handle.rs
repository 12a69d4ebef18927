//! What a lease gives access to. It owns nothing of the transport.

use std::sync::Arc;

use tenure_mcp_proto::Server;

use crate::session::channel::Channel;

/// One generation's connection, as its callers share it.
pub(crate) struct Handle {
    pub(crate) channel: Arc<Channel>,
    pub(crate) server: Arc<Server>,
}
