//! How much of a pipe is in memory.

/// How much is read ahead, or written behind: of this, twice at most.
pub(super) const CHUNK: usize = 64 * 1024;
