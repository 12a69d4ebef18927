//! Messages as lines, over any stream of bytes.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use futures_lite::{AsyncRead, AsyncWrite};
use tenure_driver::Failure;
use tenure_mcp_proto::lines::{self, Lines};
use tenure_mcp_proto::{Incoming, Outgoing};

use crate::wire::{Carrier, Peer, Received, Wire};

/// Reads at most this much at a time.
const CHUNK: usize = 16 * 1024;

impl Wire {
    /// A connection that carries each message as a line, to a server of which `peer` knows more.
    pub fn lines(
        reader: impl AsyncRead + Send + 'static,
        writer: impl AsyncWrite + Send + 'static,
        peer: impl Peer + 'static,
    ) -> Self {
        Self::new(LineCarrier::new(Box::pin(reader), Box::pin(writer)), peer)
    }

    /// A connection that carries each message as a line, whose other end is known only by what it says: a
    /// socket, or a pipe in memory.
    pub fn of_bytes(
        reader: impl AsyncRead + Send + 'static,
        writer: impl AsyncWrite + Send + 'static,
    ) -> Self {
        Self::lines(reader, writer, Unknown)
    }
}

struct LineCarrier {
    input: Input,
    /// `None` once it was closed.
    output: Option<Output>,
}

struct Input {
    reader: Pin<Box<dyn AsyncRead + Send>>,
    buffer: Box<[u8]>,
    /// What was read and not looked at yet.
    chunk: Option<Range<usize>>,
    lines: Lines,
}

struct Output {
    writer: Pin<Box<dyn AsyncWrite + Send>>,
    line: Vec<u8>,
    /// How much of the line is written.
    written: usize,
    /// Whether something was written since the last flush.
    unflushed: bool,
}

impl LineCarrier {
    fn new(reader: Pin<Box<dyn AsyncRead + Send>>, writer: Pin<Box<dyn AsyncWrite + Send>>) -> Self {
        // Until the session says how long a line may be, none may be.
        let input = Input { reader, buffer: vec![0; CHUNK].into(), chunk: None, lines: Lines::new(0) };
        Self { input, output: Some(Output { writer, line: Vec::new(), written: 0, unflushed: false }) }
    }
}

impl Carrier for LineCarrier {
    fn limit(&mut self, max_message: usize) {
        self.input.lines = Lines::new(max_message);
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match &mut self.output {
            Some(output) => output.poll_write(cx).map_err(Failure::new),
            None => Poll::Ready(Err(Failure::new("the wire was closed"))),
        }
    }

    fn send(&mut self, message: Outgoing) {
        if let Some(output) = &mut self.output {
            output.line = lines::encode(message);
            output.written = 0;
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match &mut self.output {
            Some(output) => output.poll_flush(cx).map_err(Failure::new),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received<'_>, Failure>> {
        self.input.poll_next(cx).map_err(Failure::new)
    }

    fn unfinished(&mut self) -> Option<Incoming<'_>> {
        self.input.lines.end()
    }

    fn close(&mut self, cx: &mut Context<'_>) {
        if let Some(mut output) = self.output.take() {
            // Pipes close at once. A socket that can't be closed now is closed by its drop.
            let _ = output.writer.as_mut().poll_close(cx);
        }
    }
}

impl Input {
    /// Reads once if it has to, and looks for one line in what was read.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Received<'_>>> {
        let chunk = match self.chunk.take() {
            Some(chunk) => chunk,
            None => match ready!(self.reader.as_mut().poll_read(cx, &mut self.buffer)) {
                Ok(0) => return Poll::Ready(Ok(Received::End)),
                Ok(length) => 0..length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    return Poll::Ready(Ok(Received::Piece));
                }
                Err(error) => return Poll::Ready(Err(error)),
            },
        };
        let end = chunk.end;
        let mut unread = self.buffer.get(chunk).unwrap_or_default();
        let Some(message) = self.lines.next(&mut unread) else {
            return Poll::Ready(Ok(Received::Piece));
        };
        self.chunk = Some(end.saturating_sub(unread.len())..end);
        Poll::Ready(Ok(Received::Message(message)))
    }
}

impl Output {
    /// Writes what is left of the line; completes when nothing is.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.line.get(self.written..).filter(|rest| !rest.is_empty()) {
            match ready!(self.writer.as_mut().poll_write(cx, rest)) {
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

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write(cx))?;
        if self.unflushed {
            ready!(self.writer.as_mut().poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

/// Nobody that could be asked: once the wire is closed there is nothing left to wait for.
struct Unknown;

#[async_trait]
impl Peer for Unknown {
    async fn ended(&mut self) -> Option<Failure> {
        None
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn hurry(&mut self) {}
}
