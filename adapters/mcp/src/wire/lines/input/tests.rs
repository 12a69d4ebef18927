#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};
use std::task::Waker;

use super::*;

/// Gives as much as there is room for, as a pipe does.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl AsyncRead for Pipe {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut bytes = self.0.lock().unwrap();
        let length = bytes.len().min(buffer.len());
        if length == 0 {
            return Poll::Pending;
        }
        buffer[..length].copy_from_slice(&bytes[..length]);
        bytes.drain(..length);
        Poll::Ready(Ok(length))
    }
}

/// Writes a line of so many bytes, reads until nothing is there. Returns the length of what was heard, and the reads.
fn hear(input: &mut Input<Pipe>, pipe: &Pipe, length: usize, ends: bool) -> (usize, usize) {
    pipe.0.lock().unwrap().extend(std::iter::repeat_n(b'x', length - 1));
    pipe.0.lock().unwrap().push(if ends { b'\n' } else { b'x' });
    let (mut heard, mut pieces) = (0, 0);
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(received) = input.poll_next(&mut cx) {
        match received.unwrap() {
            Received::Message(Incoming::Message(message)) => heard += message.len(),
            _ => pieces += 1,
        }
    }
    (heard, pieces)
}

fn input() -> (Input<Pipe>, Pipe) {
    let pipe = Pipe::default();
    let mut input = Input::new(pipe.clone());
    input.limit(10_000_000);
    (input, pipe)
}

#[test]
fn a_session_to_which_little_is_said_has_a_small_buffer() {
    let (mut input, pipe) = input();
    for _ in 0..10 {
        assert_eq!(hear(&mut input, &pipe, 200, true), (199, 1));
        assert_eq!((input.room(), input.large.capacity()), (256, 0));
    }
}

#[test]
fn a_large_message_is_read_in_large_pieces_and_little_is_kept() {
    let (mut input, pipe) = input();
    let (heard, reads) = hear(&mut input, &pipe, 1_000_000, true);
    assert_eq!(heard, 999_999);
    assert!(reads < 25, "{reads} reads");
    assert_eq!(input.room(), KEPT);
    // Four small messages later it is as at the beginning.
    for _ in 0..4 {
        hear(&mut input, &pipe, 50, true);
    }
    assert_eq!((input.room(), input.large.capacity()), (LEAST, 0));
}

#[test]
fn a_buffer_is_kept_while_a_message_comes_and_while_it_is_used() {
    let (mut input, pipe) = input();
    hear(&mut input, &pipe, 100_000, false);
    hear(&mut input, &pipe, 10, false);
    assert_eq!(input.room(), MOST, "more of it will come");
    hear(&mut input, &pipe, 10, true);
    for _ in 0..5 {
        assert_eq!(hear(&mut input, &pipe, 4000, true), (3999, 1));
        assert_eq!(input.room(), KEPT);
    }
}
