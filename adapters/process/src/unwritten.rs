//! What a pipe had taken and never gave to the child.

use std::io;

/// Inside of an error of [`ChildStdin`](crate::ChildStdin): how much of what it had taken is not in the pipe and never
/// will be. On Windows alone, and told once.
#[derive(Debug, thiserror::Error)]
#[error("{error}; the last {bytes} bytes that were taken never reached the child")]
pub struct Unwritten {
    bytes: usize,
    error: io::Error,
}

impl Unwritten {
    /// For a pipe of one's own that is written behind whoever writes.
    pub const fn new(bytes: usize, error: io::Error) -> Self {
        Self { bytes, error }
    }

    /// The last so many of the bytes that were taken.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}
