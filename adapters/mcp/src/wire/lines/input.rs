//! Messages on their way in, one a line.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_lite::AsyncRead;
use tenure_mcp_proto::Incoming;
use tenure_mcp_proto::lines::Lines;

use crate::wire::Received;

/// The buffer of a session to which little is said, which is a part of it.
const LEAST: usize = 256;

/// The most that is kept between messages.
const KEPT: usize = 8 * 1024;

/// Reads at most this much at a time, which is what a pipe holds.
const MOST: usize = 64 * 1024;

/// A buffer that was filled gives way to one so much larger.
const STEP: usize = 4;

pub(super) struct Input<R> {
    reader: R,
    small: [u8; LEAST],
    /// The buffer, where the small one doesn't do; empty where it does.
    large: Vec<u8>,
    /// What was read and not looked at yet.
    chunk: Option<Range<usize>>,
    /// The most that was read at once since nothing was there.
    most_read: usize,
    /// What was read last ended with a line.
    is_between_lines: bool,
    lines: Lines,
}

impl<R: AsyncRead + Unpin> Input<R> {
    pub(super) fn new(reader: R) -> Self {
        // Until the session says how long a line may be, none may be.
        let lines = Lines::new(0);
        Self {
            reader,
            small: [0; LEAST],
            large: Vec::new(),
            chunk: None,
            most_read: 0,
            is_between_lines: true,
            lines,
        }
    }

    pub(super) fn limit(&mut self, max_message: usize) {
        self.lines = Lines::new(max_message);
    }

    pub(super) fn unfinished(&mut self) -> Option<Incoming<'_>> {
        self.lines.end()
    }

    /// Reads once if it has to, and looks for one line in what was read.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Received<'_>>> {
        let chunk = match self.chunk.take() {
            Some(chunk) => chunk,
            None => match ready!(self.poll_read(cx)) {
                Ok(0) => return Poll::Ready(Ok(Received::End)),
                Ok(length) => 0..length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    return Poll::Ready(Ok(Received::Piece));
                }
                Err(error) => return Poll::Ready(Err(error)),
            },
        };
        let end = chunk.end;
        let buffer = if self.large.is_empty() { self.small.as_slice() } else { &self.large };
        let mut unread = buffer.get(chunk).unwrap_or_default();
        let Some(message) = self.lines.next(&mut unread) else {
            return Poll::Ready(Ok(Received::Piece));
        };
        self.chunk = Some(end.saturating_sub(unread.len())..end);
        Poll::Ready(Ok(Received::Message(message)))
    }

    /// The buffer grows while it is filled, and shrinks while much less comes than it has room for.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let room = self.room();
        if self.most_read == room && room < MOST {
            self.resize(room.saturating_mul(STEP).min(MOST));
        }
        let buffer = if self.large.is_empty() { self.small.as_mut_slice() } else { &mut self.large };
        let read = Pin::new(&mut self.reader).poll_read(cx, buffer);
        match &read {
            Poll::Ready(Ok(length)) => {
                self.most_read = self.most_read.max(*length);
                let last = length.checked_sub(1).and_then(|at| buffer.get(at));
                self.is_between_lines = last == Some(&b'\n');
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.rest(),
        }
        read
    }

    /// Nothing is there.
    fn rest(&mut self) {
        let most_read = std::mem::take(&mut self.most_read);
        if most_read == 0 || !self.is_between_lines {
            return;
        }
        let room = self.room();
        let less = room.checked_div(STEP).unwrap_or(room).max(LEAST);
        if room > KEPT {
            self.resize(KEPT);
        } else if most_read < less && less < room {
            self.resize(less);
        }
    }

    fn room(&self) -> usize {
        self.large.len().max(LEAST)
    }

    fn resize(&mut self, room: usize) {
        // There is nothing in it that would be copied.
        self.large = if room > LEAST { vec![0; room] } else { Vec::new() };
        self.most_read = 0;
    }
}

#[cfg(test)]
mod tests;
