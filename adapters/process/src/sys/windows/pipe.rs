//! This program's ends of a child's pipes. A call that waits for the child is made by a thread of the pipe's own.

use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::directly::Directly;
use super::input::Input;
use super::output::Output;

#[derive(Debug)]
pub(crate) struct Pipe<W> {
    end: End,
    _watched: PhantomData<fn() -> W>,
}

#[derive(Debug)]
enum End {
    Writing(Input),
    Reading(Output),
}

impl<W> Pipe<W> {
    pub(super) fn writing(pipe: impl Write + Send + 'static) -> io::Result<Self> {
        Ok(Self { end: End::Writing(Input::start(pipe)?), _watched: PhantomData })
    }

    pub(super) fn reading(pipe: impl Read + Send + 'static, directly: Arc<Directly>) -> io::Result<Self> {
        Ok(Self { end: End::Reading(Output::start(pipe, directly)?), _watched: PhantomData })
    }

    pub(crate) fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        match &self.end {
            End::Reading(output) => output.poll_read(cx, buffer),
            End::Writing(_) => Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
        }
    }

    pub(crate) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &self.end {
            End::Writing(input) => input.poll_write(cx, bytes),
            End::Reading(_) => Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
        }
    }

    /// Ready when all that was written is in the pipe.
    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.end {
            End::Writing(input) => input.poll_flush(cx),
            End::Reading(_) => Poll::Ready(Ok(())),
        }
    }
}
