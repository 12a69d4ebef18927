//! Messages as lines, over any stream of bytes.

mod input;
mod output;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::{AsyncRead, AsyncWrite};
use tenure_driver::Failure;
use tenure_mcp_proto::{Incoming, Outgoing};

use self::input::Input;
use self::output::Output;
use crate::session::outlet::Outlet;
use crate::wire::{Carried, Carrier, Halves, Peer, Received, Wire};

impl Wire {
    /// A connection that carries each message as a line, to a server of which `peer` knows more.
    ///
    /// The writer is polled by whoever sends: by the session's driver, or by the task of a caller, one at a time. What
    /// it doesn't take at once is written by the driver.
    ///
    /// Readers and writers that can't be moved go in by `Box::pin`.
    pub fn lines(
        reader: impl AsyncRead + Unpin + Send + 'static,
        writer: impl AsyncWrite + Unpin + Send + 'static,
        peer: impl Peer + 'static,
    ) -> Self {
        let carrier = LineCarrier::new(reader, writer);
        Self { carried: Carried::Halves(Box::new(carrier)), peer: Box::new(peer) }
    }

    /// A connection that carries each message as a line, whose other end is known only by what it says: a
    /// socket, or a pipe in memory.
    pub fn of_bytes(
        reader: impl AsyncRead + Unpin + Send + 'static,
        writer: impl AsyncWrite + Unpin + Send + 'static,
    ) -> Self {
        Self::lines(reader, writer, Unknown)
    }
}

struct LineCarrier<R, W> {
    input: Input<R>,
    /// `None` once it was closed, or taken out.
    output: Option<Box<Output<W>>>,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> LineCarrier<R, W> {
    fn new(reader: R, writer: W) -> Self {
        Self { input: Input::new(reader), output: Some(Box::new(Output::new(writer))) }
    }
}

impl<R: AsyncRead + Unpin + Send, W: AsyncWrite + Unpin + Send + 'static> Halves for LineCarrier<R, W> {
    fn take_outlet(&mut self) -> Option<Box<dyn Outlet>> {
        let output = self.output.take()?;
        Some(output)
    }
}

impl<R: AsyncRead + Unpin + Send, W: AsyncWrite + Unpin + Send + 'static> Carrier for LineCarrier<R, W> {
    fn limit(&mut self, max_message: usize) {
        self.input.limit(max_message);
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match &mut self.output {
            Some(output) => output.poll_write(cx).map_err(Failure::new),
            None => Poll::Ready(Err(Failure::new("the wire was closed"))),
        }
    }

    fn send(&mut self, message: Outgoing) {
        if let Some(output) = &mut self.output {
            output.send(message);
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match &mut self.output {
            Some(output) => output.poll_flush(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    fn is_cut_short(&self) -> bool {
        self.output.as_deref().is_some_and(Output::is_cut_short)
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received<'_>, Failure>> {
        self.input.poll_next(cx).map_err(Failure::new)
    }

    fn unfinished(&mut self) -> Option<Incoming<'_>> {
        self.input.unfinished()
    }

    fn close(&mut self, cx: &mut Context<'_>) {
        if let Some(mut output) = self.output.take() {
            output.close(cx);
        }
    }
}

/// Nobody that could be asked: once the wire is closed there is nothing left to wait for.
struct Unknown;

/// Not as async functions: a future that holds nothing needs no box.
impl Peer for Unknown {
    fn ended<'s, 'f>(&'s mut self) -> Pin<Box<dyn Future<Output = Option<Failure>> + Send + 'f>>
    where
        's: 'f,
    {
        Box::pin(poll_fn(|_| Poll::Ready(None)))
    }

    fn unwound<'s, 'f>(&'s mut self) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'f>>
    where
        's: 'f,
    {
        Box::pin(poll_fn(|_| Poll::Ready(Ok(()))))
    }

    fn hurry(&mut self) {}
}

#[cfg(test)]
mod tests;
