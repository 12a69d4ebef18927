//! What is known of the stream on which a legacy server tells what concerns no call.

use std::time::Duration;

/// What is known of the stream on which the server tells.
#[derive(Debug, Default)]
pub(super) struct Listening {
    /// It was open once.
    pub(super) was_open: bool,
    /// Tries that were in vain, in a row.
    pub(super) in_vain: u32,
    pub(super) opened_at: Duration,
}
