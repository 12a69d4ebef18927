//! What a server writes to its standard error, while it lives.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_lite::AsyncRead;
use tenure::Generation;

use crate::wire::stderr::line::{Line, StderrLine};
use crate::wire::stderr::tail::StderrTail;

/// Who is given each line.
pub(in crate::wire) type Hook = Arc<dyn Fn(Generation, &StderrLine<'_>) + Send + Sync>;

/// Reads at most this much at a time.
const CHUNK: usize = 8 * 1024;

/// So many reads come before others get their turn.
const TURNS: usize = 16;

/// So many reads are made of what is left when the server has ended: who else holds the pipe could write for
/// ever.
const REST: usize = 256;

/// The reading end of a server's standard error: read as it comes, cut into lines, handed on, and the last of it
/// kept.
pub(in crate::wire) struct Stderr<P> {
    /// `None` if there is none, or no more.
    pipe: Option<P>,
    buffer: Box<[u8]>,
    line: Line,
    tail: StderrTail,
    hook: Option<Hook>,
    generation: Generation,
}

impl<P: AsyncRead + Unpin> Stderr<P> {
    pub(in crate::wire) fn new(pipe: Option<P>, hook: Option<Hook>, generation: Generation) -> Self {
        let buffer = if pipe.is_some() { vec![0; CHUNK].into() } else { Box::default() };
        Self { pipe, buffer, line: Line::default(), tail: StderrTail::default(), hook, generation }
    }

    /// The last lines, now and later.
    pub(in crate::wire) fn tail(&self) -> StderrTail {
        self.tail.clone()
    }

    /// Reads what comes, for as long as it is polled.
    pub(in crate::wire) async fn keep_reading(&mut self) -> Infallible {
        poll_fn(|cx| self.poll_end(cx)).await;
        pending().await
    }

    /// Reads what is there, now, and no more: the server has ended.
    pub(in crate::wire) fn read_rest(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        let _ = self.poll_reads(&mut cx, REST);
        self.pipe = None;
        self.end_line();
    }

    /// Completes when nothing more can come.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.poll_reads(cx, TURNS) {
            None => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(end) => end,
        }
    }

    /// `None` if so many reads were not enough.
    fn poll_reads(&mut self, cx: &mut Context<'_>, most: usize) -> Option<Poll<()>> {
        for _ in 0..most {
            let Some(pipe) = &mut self.pipe else { return Some(Poll::Ready(())) };
            match Pin::new(pipe).poll_read(cx, &mut self.buffer) {
                Poll::Pending => return Some(Poll::Pending),
                Poll::Ready(Err(error)) if error.kind() == std::io::ErrorKind::Interrupted => {}
                // A pipe that can't be read has nothing more to give.
                Poll::Ready(Ok(0) | Err(_)) => {
                    self.pipe = None;
                    self.end_line();
                }
                Poll::Ready(Ok(length)) => self.take(length),
            }
        }
        None
    }

    fn take(&mut self, length: usize) {
        let Self { buffer, line, tail, hook, generation, .. } = self;
        let mut read = buffer.get(..length).unwrap_or_default();
        while let Some(at) = read.iter().position(|&byte| byte == b'\n') {
            let (end, rest) = read.split_at(at);
            line.push(end);
            give(line, tail, hook.as_ref(), *generation);
            read = rest.get(1..).unwrap_or_default();
        }
        line.push(read);
        tail.begin(&line.as_line());
    }

    /// A line that the end of the pipe left unfinished is one.
    fn end_line(&mut self) {
        if !self.line.is_empty() {
            give(&mut self.line, &self.tail, self.hook.as_ref(), self.generation);
        }
    }
}

fn give(line: &mut Line, tail: &StderrTail, hook: Option<&Hook>, generation: Generation) {
    tail.end(&line.as_line());
    if let Some(hook) = hook {
        hook(generation, &line.as_line());
    }
    line.clear();
}

#[cfg(test)]
mod tests;
