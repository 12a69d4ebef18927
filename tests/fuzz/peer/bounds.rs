//! How much the client may hold.

pub(super) const IN_FLIGHT: usize = 4;
pub(super) const QUEUED: usize = 700;
pub(super) const REPLIES: usize = 3;
pub(super) const EVENTS: usize = 4;
pub(super) const ASKED: usize = 3;
pub(super) const ROUNDS: usize = 3;
