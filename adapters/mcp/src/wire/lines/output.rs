//! Messages on their way out, one a line.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_lite::AsyncWrite;
use tenure_driver::Failure;
use tenure_mcp_proto::{Outgoing, RequestId, lines};
use tenure_process::Unwritten;

use crate::session::outlet::Outlet;

pub(super) struct Output<W> {
    writer: W,
    line: Vec<u8>,
    /// How much of the line is written.
    written: usize,
    /// The request that the line makes.
    request: Option<RequestId>,
    /// Whether something was written since the last flush.
    unflushed: bool,
    /// Some of the line was taken, and will never be written.
    lost: bool,
}

impl<W: AsyncWrite + Unpin> Output<W> {
    pub(super) fn new(writer: W) -> Self {
        Self { writer, line: Vec::new(), written: 0, request: None, unflushed: false, lost: false }
    }

    /// Writes what is left of the line; completes when nothing is.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.line.get(self.written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.writer).poll_write(cx, rest)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(length) => {
                    self.written = self.written.saturating_add(length);
                    self.unflushed = true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        self.line = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    /// Returns whether some of the line is not written. Its newline doesn't count: a server may do without it.
    pub(super) fn is_cut_short(&self) -> bool {
        self.lost || self.written.saturating_add(1) < self.line.len()
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write(cx))?;
        if self.unflushed {
            ready!(Pin::new(&mut self.writer).poll_flush(cx))
                .inspect_err(|error| self.lost = has_lost(error))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

/// Returns whether more than a newline was taken that will never be written.
fn has_lost(error: &io::Error) -> bool {
    let unwritten = error.get_ref().and_then(|inner| inner.downcast_ref::<Unwritten>());
    unwritten.is_some_and(|unwritten| unwritten.bytes() > 1)
}

impl<W: AsyncWrite + Unpin + Send> Outlet for Output<W> {
    fn send(&mut self, message: Outgoing) {
        self.request = message.request();
        self.line = lines::encode(message);
        self.written = 0;
        self.lost = false;
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.poll_all(cx).map_err(Failure::new)
    }

    fn unsent(&self) -> Option<RequestId> {
        self.request.filter(|_| self.is_cut_short())
    }

    fn close(&mut self, cx: &mut Context<'_>) {
        // Pipes close at once. A socket that can't be closed now is closed by its drop.
        let _ = Pin::new(&mut self.writer).poll_close(cx);
    }
}
