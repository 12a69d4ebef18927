#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use futures_lite::AsyncWrite;
use tenure_mcp_proto::{Connection, Options};
use tenure_process::Unwritten;

use super::*;

/// What a stream does, call by call; without an entry it is pending. What is written comes back as text.
#[derive(Clone, Default)]
struct Stream {
    reads: Arc<Mutex<VecDeque<io::Result<&'static [u8]>>>>,
    /// How much each write takes.
    writes: Arc<Mutex<VecDeque<io::Result<usize>>>>,
    written: Arc<Mutex<String>>,
    /// What a flush fails with: that so much of what was taken is never written.
    lost: Arc<Mutex<Option<usize>>>,
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
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
        if let Some(lost) = *self.lost.lock().unwrap() {
            let error = io::Error::from(io::ErrorKind::BrokenPipe);
            return Poll::Ready(Err(io::Error::new(error.kind(), Unwritten::new(lost, error))));
        }
        self.written.lock().unwrap().push_str("<flush>");
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.written.lock().unwrap().push_str("<close>");
        Poll::Ready(Ok(()))
    }
}

impl Stream {
    fn carrier(&self) -> LineCarrier<Stream, Stream> {
        let mut carrier = LineCarrier::new(self.clone(), self.clone());
        carrier.limit(100);
        carrier
    }

    fn will_write(&self, writes: impl IntoIterator<Item = io::Result<usize>>) {
        self.writes.lock().unwrap().extend(writes);
    }
}

fn reads(
    reads: impl IntoIterator<Item = io::Result<&'static [u8]>>,
) -> (LineCarrier<Stream, Stream>, Stream) {
    let stream = Stream { reads: Arc::new(Mutex::new(reads.into_iter().collect())), ..Stream::default() };
    (stream.carrier(), stream)
}

fn interrupted<T>() -> io::Result<T> {
    Err(io::ErrorKind::Interrupted.into())
}

/// One call, in short.
fn receive(carrier: &mut LineCarrier<Stream, Stream>) -> String {
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

fn receive_all(carrier: &mut LineCarrier<Stream, Stream>, calls: usize) -> Vec<String> {
    (0..calls).map(|_| receive(carrier)).collect()
}

fn ready(carrier: &mut LineCarrier<Stream, Stream>) -> Poll<Result<(), String>> {
    let ready = carrier.poll_ready(&mut Context::from_waker(Waker::noop()));
    ready.map_err(|failure| failure.to_string())
}

fn flush(carrier: &mut LineCarrier<Stream, Stream>) -> Poll<Result<(), String>> {
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
    assert!(matches!(carrier.unfinished(), Some(Incoming::Unfinished { size: 2, .. })));
    assert!(carrier.unfinished().is_none());
}

#[test]
fn a_line_is_bounded_as_the_session_says() {
    let (mut carrier, _) = reads([Ok(b"12345\n1234\n".as_slice())]);
    carrier.limit(4);
    assert_eq!(receive_all(&mut carrier, 2), ["oversized", "1234"]);
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
    assert_eq!(ready(&mut carrier), Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).to_string())));
    assert_eq!(flush(&mut carrier), Poll::Ready(Err("broken".to_owned())));
}

#[test]
fn a_message_is_cut_short_unless_all_but_its_newline_is_written() {
    let length = message().as_bytes().len();
    let broken = || Err(io::Error::other("broken"));
    for (written, is_cut_short) in [(0, true), (length - 1, true), (length, false)] {
        let (mut carrier, stream) = reads([]);
        carrier.send(message());
        stream.will_write(if written == 0 { vec![broken()] } else { vec![Ok(written), broken()] });
        assert_eq!(flush(&mut carrier), Poll::Ready(Err("broken".to_owned())));
        assert_eq!(carrier.is_cut_short(), is_cut_short, "{written} of {length} and a newline");
        assert_eq!((Box::new(carrier) as Box<dyn Carrier>).is_cut_short(), is_cut_short);
    }
    // A message that is written whole is not, nor is none.
    let (mut carrier, stream) = reads([]);
    assert!(!carrier.is_cut_short());
    carrier.send(message());
    stream.will_write([Ok(10_000)]);
    assert_eq!(flush(&mut carrier), Poll::Ready(Ok(())));
    assert!(!carrier.is_cut_short());
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

#[test]
fn what_was_taken_and_never_written_is_cut_short_and_a_newline_alone_is_not() {
    for (lost, is_cut_short) in [(1, false), (2, true)] {
        let stream = Stream::default();
        stream.will_write([Ok(usize::MAX)]);
        *stream.lost.lock().unwrap() = Some(lost);
        let mut carrier = stream.carrier();
        carrier.send(message());
        let Poll::Ready(Err(failure)) = flush(&mut carrier) else { panic!("it is flushed") };
        assert!(failure.contains("never reached the child"), "{failure}");
        assert_eq!(carrier.is_cut_short(), is_cut_short);
        carrier.send(message());
        assert!(carrier.is_cut_short(), "nothing of the next one is written");
    }
}
