//! Messages between the wire and the protocol, and the deadlines of calls.
//!
//! Receiving never waits for sending, nor the other way round: else a client and a server that both write, and
//! only then read, would wait for each other.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use tenure::Time;
use tenure_driver::wake::Key;
use tenure_driver::{Alarm, Failure, Timer};
use tenure_mcp_proto::Event;

use crate::session::channel::Channel;
use crate::wire::{Carrier, Received};

/// So many pieces and events come before others get their turn: a server that never pauses could not be
/// closed otherwise.
const TURNS: usize = 64;

/// So many pieces are received of what is left when the server has ended: what it left behind, a process of
/// its own say, could write for ever.
const REST: usize = 1024;

/// What goes on over one wire.
pub(crate) struct Dialogue<T: Timer> {
    channel: Arc<Channel>,
    carrier: Box<dyn Carrier>,
    alarm: Alarm<T>,
    /// The runner's place among those whom a call wakes.
    key: Option<Key>,
    /// What is left of [`TURNS`] since the runner last waited, over calls of [`next`](Self::next).
    turns: usize,
}

impl<T: Timer> Dialogue<T> {
    pub(crate) fn new(channel: Arc<Channel>, mut carrier: Box<dyn Carrier>, timer: T) -> Self {
        carrier.limit(channel.max_message());
        Self { channel, carrier, alarm: Alarm::new(timer), key: None, turns: TURNS }
    }

    pub(crate) fn channel(&self) -> &Arc<Channel> {
        &self.channel
    }

    /// The next event, or how the wire ended.
    pub(crate) async fn next(&mut self) -> Result<Event, Failure> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, Failure>> {
        self.channel.register(&mut self.key, cx.waker());
        self.keep_deadlines(cx);
        if let Poll::Ready(Err(failure)) = self.poll_send(cx) {
            return Poll::Ready(Err(failure));
        }
        while let Some(turns) = self.turns.checked_sub(1) {
            if let Some(event) = self.channel.poll_event() {
                self.turns = turns;
                return Poll::Ready(Ok(event));
            }
            match self.carrier.poll_receive(cx) {
                Poll::Pending => {
                    self.turns = TURNS;
                    // What was received may have brought answers to be sent.
                    return match self.poll_send(cx) {
                        Poll::Ready(Err(failure)) => Poll::Ready(Err(failure)),
                        Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
                    };
                }
                Poll::Ready(Ok(Received::Message(message))) => self.channel.handle_message(message),
                Poll::Ready(Ok(Received::Piece)) => {
                    self.turns = turns;
                    self.channel.handle_sign_of_life();
                }
                Poll::Ready(Ok(Received::End)) => {
                    return Poll::Ready(Err(Failure::new("the server closed its output")));
                }
                Poll::Ready(Err(failure)) => return Poll::Ready(Err(failure)),
            }
        }
        self.turns = TURNS;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Sends as much as the wire takes; completes when nothing is left to send.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        loop {
            ready!(self.carrier.poll_ready(cx))?;
            let Some(message) = self.channel.poll_message() else {
                return self.carrier.poll_flush(cx);
            };
            self.carrier.send(message);
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
        let _ = self.poll_send(&mut cx);
        self.carrier.close(&mut cx);
    }

    /// Receives what is there, now, without waiting for more: the server has ended.
    pub(crate) fn receive_rest(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        let mut pieces = 0..REST;
        loop {
            match self.carrier.poll_receive(&mut cx) {
                Poll::Ready(Ok(Received::Message(message))) => self.channel.handle_message(message),
                Poll::Ready(Ok(Received::Piece)) => {
                    if pieces.next().is_none() {
                        break;
                    }
                }
                Poll::Ready(Ok(Received::End) | Err(_)) | Poll::Pending => break,
            }
        }
        if let Some(message) = self.carrier.unfinished() {
            self.channel.handle_message(message);
        }
    }

    /// Receives and drops what comes, so that the server doesn't wait for a reader while it unwinds.
    pub(crate) async fn discard(&mut self) -> Infallible {
        poll_fn(|cx| self.poll_discard(cx)).await;
        pending().await
    }

    /// Completes when nothing more can come.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut turns = 0..TURNS;
        loop {
            match ready!(self.carrier.poll_receive(cx)) {
                Ok(Received::Message(_)) => {}
                Ok(Received::Piece) => {
                    if turns.next().is_none() {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
                Ok(Received::End) | Err(_) => return Poll::Ready(()),
            }
        }
    }
}

impl<T: Timer> Drop for Dialogue<T> {
    fn drop(&mut self) {
        self.channel.deregister(&mut self.key);
    }
}
