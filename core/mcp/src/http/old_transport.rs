//! What is known of a server of 2024-11-05, where one is tried.

use bytes::Bytes;

use crate::http::endpoint::Endpoint;
use crate::http::task::TaskId;

/// What is known of a server of that time.
#[derive(Debug, Default)]
pub(super) enum OldTransport {
    #[default]
    None,
    /// `initialize`, which waits for the address.
    Asking(Bytes, TaskId),
    /// Where messages go.
    Known(Endpoint),
}
