//! What looks as if the server knew the session no more.

use crate::http::error::HttpError;
use crate::jsonrpc::id::RequestId;

/// Something looks as if the server knew the session no more.
#[derive(Debug)]
pub(super) struct Suspicion {
    /// The status that looked so.
    pub(super) status: u16,
    /// The requests that wait for what comes of it.
    pub(super) held: Vec<Held>,
}

/// A request that was refused, or answered with an error, perhaps because the session is gone.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) request: RequestId,
    pub(super) error: HttpError,
    /// The error for when the session is lost.
    pub(super) if_lost: HttpError,
    /// The error as an answer, for when the session lives.
    pub(super) answer: Option<String>,
}
