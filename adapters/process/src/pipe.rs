//! The parent's ends of a child's pipes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::reactor::Watched;
use crate::sys;

/// The writing end of a child's standard input.
///
/// Dropping or closing it closes the pipe at once, also while a write is waiting for room: nothing is
/// buffered on this side. Writing to a child that no longer reads is [`io::ErrorKind::BrokenPipe`].
///
/// On Windows up to 128 KiB are buffered, and arrive before the end of input; a flush waits until they are in the pipe.
///
/// # Cancel safety
/// A `write` that is dropped has written nothing. A `write_all` that is dropped may have written a part, and nobody
/// knows which.
#[derive(Debug)]
pub struct ChildStdin<W>(Option<sys::Pipe<W>>);

/// The reading end of a child's standard output or standard error.
///
/// It ends when the last process that holds the other end is gone, which may be a grandchild.
///
/// # Cancel safety
/// A `read` that is dropped has read nothing. What reads more than once, such as `read_exact` or `read_to_end`, loses
/// what it has read so far.
#[derive(Debug)]
pub struct ChildOutput<W>(sys::Pipe<W>);

impl<W> ChildStdin<W> {
    pub(crate) fn new(pipe: sys::Pipe<W>) -> Self {
        Self(Some(pipe))
    }
}

impl<W> ChildOutput<W> {
    pub(crate) fn new(pipe: sys::Pipe<W>) -> Self {
        Self(pipe)
    }
}

impl<W: Watched> AsyncWrite for ChildStdin<W> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &self.0 {
            Some(pipe) => pipe.poll_write(cx, bytes),
            None => Poll::Ready(Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the child's standard input was closed by this side",
            ))),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_ref().map_or(Poll::Ready(Ok(())), |pipe| pipe.poll_flush(cx))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0 = None;
        Poll::Ready(Ok(()))
    }
}

impl<W: Watched> AsyncRead for ChildOutput<W> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.0.poll_read(cx, buffer)
    }
}
