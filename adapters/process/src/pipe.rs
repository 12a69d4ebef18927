//! The parent's ends of a child's pipes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::reactor::AsyncFd;
use crate::sys;

/// The writing end of a child's standard input.
///
/// Dropping or closing it closes the pipe at once, also while a write is waiting for room: nothing is
/// buffered on this side. Writing to a child that no longer reads is [`io::ErrorKind::BrokenPipe`].
#[derive(Debug)]
pub struct ChildStdin<F>(Option<F>);

/// The reading end of a child's standard output or standard error.
///
/// It ends when the last process that holds the other end is gone, which may be a grandchild.
#[derive(Debug)]
pub struct ChildOutput<F>(F);

impl<F> ChildStdin<F> {
    pub(crate) fn new(fd: F) -> Self {
        Self(Some(fd))
    }
}

impl<F> ChildOutput<F> {
    pub(crate) fn new(fd: F) -> Self {
        Self(fd)
    }
}

impl<F: AsyncFd> AsyncWrite for ChildStdin<F> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &self.0 {
            Some(fd) => fd.poll_write_with(cx, &mut |fd| sys::write(fd, bytes)),
            None => Poll::Ready(Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the child's standard input was closed by this side",
            ))),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0 = None;
        Poll::Ready(Ok(()))
    }
}

impl<F: AsyncFd> AsyncRead for ChildOutput<F> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.0.poll_read_with(cx, &mut |fd| sys::read(fd, &mut *buffer))
    }
}
