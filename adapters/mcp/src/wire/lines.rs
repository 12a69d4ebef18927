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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};
    use std::task::Waker;

    use futures_lite::AsyncWrite;
    use tenure_mcp_proto::{Connection, Options};

    use super::*;

    /// What a stream does, call by call; without an entry it is pending. What is written comes back as text.
    #[derive(Clone, Default)]
    struct Stream {
        reads: Arc<Mutex<VecDeque<io::Result<&'static [u8]>>>>,
        /// How much each write takes.
        writes: Arc<Mutex<VecDeque<io::Result<usize>>>>,
        written: Arc<Mutex<String>>,
    }

    impl AsyncRead for Stream {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            let Some(read) = self.reads.lock().unwrap().pop_front() else { return Poll::Pending };
            Poll::Ready(read.map(|bytes| {
                buffer[..bytes.len()].copy_from_slice(bytes);
                bytes.len()
            }))
        }
    }

    impl AsyncWrite for Stream {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let Some(write) = self.writes.lock().unwrap().pop_front() else { return Poll::Pending };
            Poll::Ready(write.map(|most| {
                let length = bytes.len().min(most);
                self.written.lock().unwrap().push_str(str::from_utf8(&bytes[..length]).unwrap());
                length
            }))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.written.lock().unwrap().push_str("<flush>");
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.written.lock().unwrap().push_str("<close>");
            Poll::Ready(Ok(()))
        }
    }

    impl Stream {
        fn carrier(&self) -> LineCarrier {
            let mut carrier = LineCarrier::new(Box::pin(self.clone()), Box::pin(self.clone()));
            carrier.limit(100);
            carrier
        }

        fn will_write(&self, writes: impl IntoIterator<Item = io::Result<usize>>) {
            self.writes.lock().unwrap().extend(writes);
        }
    }

    fn reads(reads: impl IntoIterator<Item = io::Result<&'static [u8]>>) -> (LineCarrier, Stream) {
        let stream = Stream { reads: Arc::new(Mutex::new(reads.into_iter().collect())), ..Stream::default() };
        (stream.carrier(), stream)
    }

    fn interrupted<T>() -> io::Result<T> {
        Err(io::ErrorKind::Interrupted.into())
    }

    /// One call, in short.
    fn receive(carrier: &mut LineCarrier) -> String {
        match carrier.poll_receive(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => "pending".to_owned(),
            Poll::Ready(Ok(Received::Message(Incoming::Message(message)))) => {
                String::from_utf8(message.to_vec()).unwrap()
            }
            Poll::Ready(Ok(Received::Message(_))) => "oversized".to_owned(),
            Poll::Ready(Ok(Received::Piece)) => "piece".to_owned(),
            Poll::Ready(Ok(Received::End)) => "end".to_owned(),
            Poll::Ready(Err(failure)) => failure.to_string(),
        }
    }

    fn receive_all(carrier: &mut LineCarrier, calls: usize) -> Vec<String> {
        (0..calls).map(|_| receive(carrier)).collect()
    }

    fn ready(carrier: &mut LineCarrier) -> Poll<Result<(), String>> {
        let ready = carrier.poll_ready(&mut Context::from_waker(Waker::noop()));
        ready.map_err(|failure| failure.to_string())
    }

    fn flush(carrier: &mut LineCarrier) -> Poll<Result<(), String>> {
        let flushed = carrier.poll_flush(&mut Context::from_waker(Waker::noop()));
        flushed.map_err(|failure| failure.to_string())
    }

    fn message() -> Outgoing {
        let mut connection = Connection::new(Options::default());
        connection.start(std::time::Duration::ZERO).unwrap();
        connection.poll_message().unwrap()
    }

    #[test]
    fn each_read_is_one_piece_behind_its_messages() {
        let (mut carrier, _) = reads([Ok(b"a\nb\nc".as_slice()), Ok(b"\n")]);
        assert_eq!(receive_all(&mut carrier, 6), ["a", "b", "piece", "c", "piece", "pending"]);
    }

    #[test]
    fn an_interrupted_read_is_made_again() {
        let (mut carrier, _) = reads([interrupted(), Ok(b"a\n".as_slice())]);
        assert_eq!(receive_all(&mut carrier, 3), ["piece", "a", "piece"]);
    }

    #[test]
    fn another_error_breaks_the_wire() {
        let (mut carrier, _) = reads([Err(io::Error::other("broken"))]);
        assert_eq!(receive(&mut carrier), "broken");
    }

    #[test]
    fn the_end_leaves_what_is_unfinished() {
        let (mut carrier, _) = reads([Ok(b"a\nbc".as_slice()), Ok(b"")]);
        assert_eq!(receive_all(&mut carrier, 3), ["a", "piece", "end"]);
        assert!(matches!(carrier.unfinished(), Some(Incoming::Unfinished { size: 2 })));
        assert!(carrier.unfinished().is_none());
    }

    #[test]
    fn a_line_is_bounded_as_the_session_says() {
        let (mut carrier, _) = reads([Ok(b"12345\n1234\n".as_slice())]);
        carrier.limit(4);
        assert_eq!(receive_all(&mut carrier, 2), ["oversized", "1234"]);
    }

    #[test]
    fn as_much_is_read_at_a_time_as_a_pipe_gives() {
        let (carrier, _) = reads([]);
        assert_eq!(carrier.input.buffer.len(), 16 * 1024);
    }

    #[test]
    fn a_message_is_written_in_pieces_and_then_flushed_once() {
        let (mut carrier, stream) = reads([]);
        assert_eq!(ready(&mut carrier), Poll::Ready(Ok(())));
        let message = message();
        let line = format!("{}\n", str::from_utf8(message.as_bytes()).unwrap());
        carrier.send(message);
        assert_eq!(flush(&mut carrier), Poll::Pending);
        stream.will_write([Ok(3), interrupted()]);
        assert_eq!(ready(&mut carrier), Poll::Pending);
        assert_eq!(*stream.written.lock().unwrap(), line[..3]);
        stream.will_write([Ok(10_000)]);
        assert_eq!(flush(&mut carrier), Poll::Ready(Ok(())));
        assert_eq!(flush(&mut carrier), Poll::Ready(Ok(())));
        assert_eq!(*stream.written.lock().unwrap(), format!("{line}<flush>"));
    }

    #[test]
    fn a_stream_that_takes_nothing_is_broken() {
        let (mut carrier, stream) = reads([]);
        carrier.send(message());
        stream.will_write([Ok(0), Err(io::Error::other("broken"))]);
        assert_eq!(
            ready(&mut carrier),
            Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).to_string()))
        );
        assert_eq!(flush(&mut carrier), Poll::Ready(Err("broken".to_owned())));
    }

    #[test]
    fn a_closed_wire_takes_nothing_more() {
        let (mut carrier, stream) = reads([]);
        carrier.close(&mut Context::from_waker(Waker::noop()));
        carrier.close(&mut Context::from_waker(Waker::noop()));
        assert_eq!(*stream.written.lock().unwrap(), "<close>");
        assert_eq!(ready(&mut carrier), Poll::Ready(Err("the wire was closed".to_owned())));
        assert_eq!(flush(&mut carrier), Poll::Ready(Ok(())));
    }
}
