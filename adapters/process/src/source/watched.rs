//! A source where it has no descriptor that a runtime could register.

use std::io;
use std::task::{Context, Poll};

use super::Source;
use crate::reactor::Watched;

/// For the reactors of such systems, which are never asked: none of these systems makes a source.
impl Watched for Source {
    fn source(&self) -> &Source {
        self
    }

    fn poll_read(&self, _: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.try_read(buffer))
    }

    fn poll_write(&self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.try_write(bytes))
    }

    fn poll_ended(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.try_ended())
    }
}
