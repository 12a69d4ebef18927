//! Messages between the wire and the protocol, and the deadlines of calls. Reading never waits for writing,
//! nor the other way round.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_lite::{AsyncRead, AsyncWrite};
use tenure::Time;
use tenure_driver::wake::Key;
use tenure_driver::{Alarm, Failure, Timer};
use tenure_mcp_proto::{Event, Output};

use crate::session::channel::Channel;

/// Reads at most this much at a time, and so many reads and events come before others get their turn:
/// a server that never pauses could not be closed otherwise.
const CHUNK: usize = 16 * 1024;
const TURNS: usize = 64;

/// So many reads are made of what is left when the server has ended: a descendant that left its group could
/// write for ever.
const REST: usize = 1024;

/// What goes on over one wire.
pub(crate) struct Dialogue<T: Timer> {
    channel: Arc<Channel>,
    reader: Pin<Box<dyn AsyncRead + Send>>,
    writer: Option<Pin<Box<dyn AsyncWrite + Send>>>,
    /// The message being written, and how much of it is.
    writing: Option<(Output, usize)>,
    flushing: bool,
    alarm: Alarm<T>,
    /// The runner's place among those whom a call wakes.
    key: Option<Key>,
    buffer: Box<[u8]>,
    /// What is left of [`TURNS`] since the runner last waited, over calls of [`next`](Self::next).
    turns: usize,
    /// Whether the protocol was told that nothing more comes.
    ended: bool,
}

impl<T: Timer> Dialogue<T> {
    pub(crate) fn new(
        channel: Arc<Channel>,
        reader: Pin<Box<dyn AsyncRead + Send>>,
        writer: Pin<Box<dyn AsyncWrite + Send>>,
        timer: T,
    ) -> Self {
        Self {
            channel,
            reader,
            writer: Some(writer),
            writing: None,
            flushing: false,
            alarm: Alarm::new(timer),
            key: None,
            buffer: vec![0; CHUNK].into(),
            turns: TURNS,
            ended: false,
        }
    }

    pub(crate) fn channel(&self) -> &Arc<Channel> {
        &self.channel
    }

    /// The next event, or how the wire ended.
    pub(crate) async fn next(&mut self) -> Result<Event, Failure> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, Failure>> {
        self.channel.register(&mut self.key, cx.waker());
        self.keep_deadlines(cx);
        if let Poll::Ready(Err(error)) = self.poll_write(cx) {
            return Poll::Ready(Err(Failure::new(error)));
        }
        while let Some(turns) = self.turns.checked_sub(1) {
            self.turns = turns;
            if let Some(event) = self.channel.poll_event() {
                return Poll::Ready(Ok(event));
            }
            match self.reader.as_mut().poll_read(cx, &mut self.buffer) {
                Poll::Pending => {
                    self.turns = TURNS;
                    // What was read may have brought answers to be written.
                    return match self.poll_write(cx) {
                        Poll::Ready(Err(error)) => Poll::Ready(Err(Failure::new(error))),
                        Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
                    };
                }
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(Failure::new("the server closed its output"))),
                Poll::Ready(Ok(length)) => {
                    self.channel.handle_input(self.buffer.get(..length).unwrap_or_default());
                }
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(Failure::new(error))),
            }
        }
        self.turns = TURNS;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Writes as much as the wire takes; ready when nothing is left to write.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(writer) = &mut self.writer else {
            return Poll::Ready(Ok(()));
        };
        loop {
            if self.writing.is_none() {
                self.writing = self.channel.poll_output().map(|output| (output, 0));
            }
            let Some((output, written)) = &mut self.writing else {
                if self.flushing {
                    match writer.as_mut().poll_flush(cx) {
                        Poll::Ready(Ok(())) => self.flushing = false,
                        other => return other,
                    }
                }
                return Poll::Ready(Ok(()));
            };
            let rest = output.as_bytes().get(*written..).unwrap_or_default();
            if rest.is_empty() {
                self.writing = None;
                self.flushing = true;
                continue;
            }
            match writer.as_mut().poll_write(cx, rest) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(length)) => *written = written.saturating_add(length),
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Ends the calls whose deadline has passed.
    fn keep_deadlines(&mut self, cx: &mut Context<'_>) {
        while let Some(deadline) = self.channel.poll_timeout() {
            match self.alarm.poll_until(Time::from(deadline), cx) {
                Poll::Pending => return,
                Poll::Ready(now) => self.channel.handle_timeout(now.into()),
            }
        }
        self.alarm.unset();
    }

    /// Gives up what is in flight and tells the server that nothing more comes. What the wire takes at once
    /// of what is left to say, such as that calls are cancelled, is said before.
    pub(crate) fn close(&mut self) {
        self.channel.cancel_all();
        let mut cx = Context::from_waker(Waker::noop());
        let _ = self.poll_write(&mut cx);
        if let Some(mut writer) = self.writer.take() {
            // Pipes close at once. A socket that can't be closed now is closed by its drop.
            let _ = writer.as_mut().poll_close(&mut cx);
        }
    }

    /// Reads what is there, now, without waiting for more: the server has ended.
    pub(crate) fn read_rest(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..REST {
            match self.reader.as_mut().poll_read(&mut cx, &mut self.buffer) {
                Poll::Ready(Ok(length)) if length > 0 => {
                    self.channel.handle_input(self.buffer.get(..length).unwrap_or_default());
                }
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Poll::Ready(_) | Poll::Pending => break,
            }
        }
    }

    /// The next event of a dialogue whose wire has ended; once all that came is told, the protocol is told
    /// of the end, and may have a last word to say of it: that a message was left unfinished.
    pub(crate) fn last_event(&mut self) -> Option<Event> {
        if let Some(event) = self.channel.poll_event() {
            return Some(event);
        }
        if std::mem::replace(&mut self.ended, true) {
            return None;
        }
        self.channel.handle_eof();
        self.channel.poll_event()
    }

    /// Reads and drops what comes, so that the server doesn't wait for a reader while it unwinds.
    pub(crate) async fn discard(&mut self) -> Infallible {
        let _: () = poll_fn(|cx| {
            for _ in 0..TURNS {
                match self.reader.as_mut().poll_read(cx, &mut self.buffer) {
                    Poll::Ready(Ok(length)) if length > 0 => {}
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        pending().await
    }
}

impl<T: Timer> Drop for Dialogue<T> {
    fn drop(&mut self) {
        self.channel.deregister(&mut self.key);
    }
}
