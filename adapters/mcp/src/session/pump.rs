//! Bytes between the wire and the protocol. Reading never waits for writing, nor the other way round.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_lite::{AsyncRead, AsyncWrite};
use tenure::Time;
use tenure_driver::Timer;
use tenure_mcp_proto::{Event, Output};

use crate::session::channel::Channel;

/// Reads at most this much at a time, and so many reads and events come before others get their turn:
/// a server that never pauses could not be closed otherwise.
const CHUNK: usize = 16 * 1024;
const TURNS: usize = 64;

pub(crate) struct Pump<T: Timer> {
    pub(crate) channel: Arc<Channel>,
    reader: Pin<Box<dyn AsyncRead + Send>>,
    writer: Option<Pin<Box<dyn AsyncWrite + Send>>>,
    /// The message being written, and how much of it is.
    writing: Option<(Output, usize)>,
    flushing: bool,
    timer: T,
    sleep: Option<(Time, Pin<Box<T::Sleep>>)>,
    buffer: Box<[u8]>,
    /// What is left of [`TURNS`] since the runner last waited, over calls of [`Pump::next`].
    turns: usize,
}

/// What the pump stopped for.
#[derive(Debug)]
pub(crate) enum Pumped {
    Event(Event),
    /// The server will say no more.
    End,
    Failed(io::Error),
}

impl<T: Timer> Pump<T> {
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
            timer,
            sleep: None,
            buffer: vec![0; CHUNK].into(),
            turns: TURNS,
        }
    }

    /// Pumps until there is an event or the wire ends.
    pub(crate) async fn next(&mut self) -> Pumped {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Pumped> {
        self.channel.register(cx.waker());
        self.poll_sleep(cx);
        if let Poll::Ready(Err(error)) = self.poll_write(cx) {
            return Poll::Ready(Pumped::Failed(error));
        }
        while let Some(turns) = self.turns.checked_sub(1) {
            self.turns = turns;
            if let Some(event) = self.channel.poll_event() {
                return Poll::Ready(Pumped::Event(event));
            }
            match self.reader.as_mut().poll_read(cx, &mut self.buffer) {
                Poll::Pending => {
                    self.turns = TURNS;
                    // What was read may have brought answers to be written.
                    return match self.poll_write(cx) {
                        Poll::Ready(Err(error)) => Poll::Ready(Pumped::Failed(error)),
                        Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
                    };
                }
                Poll::Ready(Ok(0)) => return Poll::Ready(Pumped::End),
                Poll::Ready(Ok(length)) => {
                    self.channel.handle_input(self.buffer.get(..length).unwrap_or_default());
                }
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Pumped::Failed(error)),
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

    /// Fires the deadlines of calls.
    fn poll_sleep(&mut self, cx: &mut Context<'_>) {
        while let Some(deadline) = self.channel.poll_timeout().map(Time::from) {
            if self.timer.now() < deadline {
                let sleep = match &mut self.sleep {
                    Some((until, sleep)) if *until == deadline => sleep,
                    other => &mut other.insert((deadline, Box::pin(self.timer.sleep_until(deadline)))).1,
                };
                if sleep.as_mut().poll(cx).is_pending() {
                    return;
                }
                self.sleep = None;
            }
            // A timer may be a little early by its own clock; to poll it again and again would spin.
            self.channel.handle_timeout(self.timer.now().max(deadline).into());
        }
        self.sleep = None;
    }

    /// Tells the server that nothing more comes. What the wire takes at once of what is left to say, such
    /// as that calls are cancelled, is said before.
    pub(crate) async fn finish(&mut self) {
        std::future::poll_fn(|cx| {
            let _ = self.poll_write(cx);
            Poll::Ready(())
        })
        .await;
        if let Some(mut writer) = self.writer.take() {
            // Pipes close at once. A socket that can't be closed now is closed by its drop.
            std::future::poll_fn(|cx| {
                let _ = writer.as_mut().poll_close(cx);
                Poll::Ready(())
            })
            .await;
        }
    }

    /// Reads what is there, now, without waiting for more: the server has ended.
    pub(crate) async fn read_rest(&mut self) {
        std::future::poll_fn(|cx| {
            // Bounded: a descendant that left the group could write for ever.
            for _ in 0..1024 {
                match self.reader.as_mut().poll_read(cx, &mut self.buffer) {
                    Poll::Ready(Ok(length)) if length > 0 => {
                        self.channel.handle_input(self.buffer.get(..length).unwrap_or_default());
                    }
                    Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                    Poll::Ready(_) | Poll::Pending => break,
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Reads and forgets, so that the server doesn't wait for a reader while it unwinds. Never completes.
    pub(crate) async fn drain<R>(&mut self) -> R {
        let _: () = std::future::poll_fn(|cx| {
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
        std::future::pending().await
    }
}
