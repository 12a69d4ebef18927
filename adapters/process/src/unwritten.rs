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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_much_was_lost_and_why() {
        let unwritten = Unwritten::new(7, io::ErrorKind::BrokenPipe.into());
        assert_eq!(unwritten.bytes(), 7);
        assert_eq!(
            unwritten.to_string(),
            "broken pipe; the last 7 bytes that were taken never reached the child"
        );
    }
}
