//! Pipes on unix.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use super::source::Source;
use crate::reactor::{Reactor, Watched};

/// Whether a pipe is read without asking the runtime first, which may not have told of all that is there: the child has
/// ended, say, and nobody is told later. Shared by the pipes of one child.
#[derive(Clone, Debug, Default)]
pub(super) struct Directly(Arc<AtomicBool>);

impl Directly {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// This program's end of a pipe, which a reactor watches.
#[derive(Debug)]
pub(crate) struct Pipe<W> {
    watched: W,
    directly: Directly,
}

impl<W: Watched> Pipe<W> {
    pub(super) fn new<R: Reactor<Watched = W>>(
        reactor: &R,
        fd: OwnedFd,
        directly: Directly,
    ) -> io::Result<Self> {
        let watched = reactor.watch(crate::source::Source::new(Source::pipe(fd)?))?;
        Ok(Self { watched, directly })
    }

    pub(crate) fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        if self.directly.is_set() {
            match self.watched.source().try_read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
        self.watched.poll_read(cx, buffer)
    }

    pub(crate) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.watched.poll_write(cx, bytes)
    }

    /// What is written is in the pipe.
    #[allow(clippy::unused_self, reason = "the same on each system")]
    pub(crate) fn poll_flush(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
