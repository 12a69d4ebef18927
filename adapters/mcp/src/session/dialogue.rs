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
use tenure_mcp_proto::{Event, RequestId};

use crate::session::channel::Channel;
use crate::wire::{Carried, Carrier, Received};

/// So many pieces and events come before others get their turn: a server that never pauses could not be
/// closed otherwise.
const TURNS: usize = 64;

/// So many pieces are received of what is left when the server has ended: what it left behind, a process of
/// its own say, could write for ever.
const REST: usize = 1024;

/// What comes next of a dialogue.
pub(crate) enum Next {
    Event(Event),
    /// Nothing can be sent any more; what the server says still comes. Said once.
    Deaf(Failure),
    /// Nothing more comes from the server.
    End(Failure),
}

/// What goes on over one wire.
pub(crate) struct Dialogue<T: Timer> {
    channel: Arc<Channel>,
    carrier: Box<dyn Carrier>,
    /// The carrier only receives: the channel has what sends.
    has_outlet: bool,
    alarm: Alarm<T>,
    /// The runner's place among those whom a call wakes.
    key: Option<Key>,
    /// How much was received since a deadline came that isn't judged yet.
    overdue: usize,
    /// The request that was handed to the carrier last, until something else was.
    last: Option<RequestId>,
    /// Nothing can be sent any more.
    is_deaf: bool,
    /// Something was sent by the carrier, and it wasn't asked since for what comes of it.
    has_sent: bool,
    /// What is left of [`TURNS`] since the runner last waited, over calls of [`next`](Self::next).
    turns: usize,
}

impl<T: Timer> Dialogue<T> {
    pub(crate) fn new(channel: Arc<Channel>, wire: Carried, timer: T) -> Self {
        let (mut carrier, outlet) = wire.into_halves();
        carrier.limit(channel.max_message());
        let has_outlet = outlet.is_some();
        if let Some(outlet) = outlet {
            channel.open(outlet);
        }
        Self {
            channel,
            carrier,
            has_outlet,
            alarm: Alarm::new(timer),
            key: None,
            overdue: 0,
            last: None,
            is_deaf: false,
            has_sent: false,
            turns: TURNS,
        }
    }

    pub(crate) fn channel(&self) -> &Arc<Channel> {
        &self.channel
    }

    /// See [`Carrier::has_exchanges`].
    pub(crate) fn has_exchanges(&self) -> bool {
        self.carrier.has_exchanges()
    }

    /// See [`Carrier::session_hint`].
    pub(crate) fn session_hint(&self) -> Option<String> {
        self.carrier.session_hint()
    }

    /// The next event, or how the wire ended.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        self.channel.register(&mut self.key, cx.waker());
        if let Some(failure) = self.send(cx) {
            return Poll::Ready(Next::Deaf(failure));
        }
        // What was queued while nobody was here; afterwards nothing but a message or a deadline brings events.
        let mut may_have_events = true;
        while let Some(turns) = self.turns.checked_sub(1) {
            if may_have_events && let Some(event) = self.channel.poll_event() {
                self.turns = turns;
                return Poll::Ready(Next::Event(event));
            }
            may_have_events = false;
            self.has_sent = false;
            match self.carrier.poll_receive(cx) {
                Poll::Pending => {
                    // Nothing more is there: now deadlines may be judged.
                    self.overdue = 0;
                    if self.keep_deadlines(cx) {
                        may_have_events = true;
                        continue;
                    }
                    // What was received may have brought answers to be sent.
                    if let Some(failure) = self.send(cx) {
                        self.turns = TURNS;
                        return Poll::Ready(Next::Deaf(failure));
                    }
                    // What was sent may be answered at once.
                    if self.has_sent {
                        self.turns = turns;
                        continue;
                    }
                    self.turns = TURNS;
                    return Poll::Pending;
                }
                Poll::Ready(Ok(Received::Message(message))) => {
                    self.channel.handle_message(message);
                    self.channel.note_tools_version(self.carrier.tools_version());
                    may_have_events = true;
                }
                Poll::Ready(Ok(Received::Piece)) => {
                    self.turns = turns;
                    self.channel.handle_sign_of_life();
                }
                Poll::Ready(Ok(Received::End)) => {
                    return Poll::Ready(self.end(Failure::new("the server closed its output")));
                }
                Poll::Ready(Err(failure)) => return Poll::Ready(self.end(failure)),
            }
        }
        self.turns = TURNS;
        self.keep_overdue_deadlines(cx);
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// The session is open: the sleep for the deadline of its opening is not kept, since mostly nothing else is due for
    /// long. What is due is slept for anew.
    pub(crate) fn forget_deadlines(&mut self) {
        self.channel.disarm();
        self.alarm.unset();
    }

    /// Nothing more comes: what would be sent now could not be answered.
    fn end(&self, failure: Failure) -> Next {
        self.channel.keep_to_runner();
        Next::End(failure)
    }

    /// Sends as much as the wire takes. Returns how that failed, the first time.
    fn send(&mut self, cx: &mut Context<'_>) -> Option<Failure> {
        if !self.has_outlet {
            return self.send_by_carrier(cx);
        }
        let failed = self.channel.poll_send(cx)?;
        self.is_deaf = true;
        self.last = failed.unsent;
        Some(failed.failure)
    }

    fn send_by_carrier(&mut self, cx: &mut Context<'_>) -> Option<Failure> {
        while let Some(id) = self.channel.poll_withdrawn() {
            self.has_sent = true;
            self.carrier.withdraw(id);
        }
        if self.is_deaf {
            return None;
        }
        let Poll::Ready(Err(failure)) = self.poll_send(cx) else {
            return None;
        };
        self.is_deaf = true;
        self.last = self.last.filter(|_| self.carrier.is_cut_short());
        if let Some(unsent) = self.last {
            self.channel.note_unsent(unsent);
        }
        Some(failure)
    }

    /// Nothing can be sent, and nobody can acquire this session any more: the calls that were not sent end.
    pub(crate) fn stop_sending(&mut self) {
        self.channel.stop_sending(self.last.filter(|_| self.is_deaf));
    }

    /// Sends as much as the wire takes; completes when nothing is left to send.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        loop {
            ready!(self.carrier.poll_ready(cx))?;
            let message = if self.carrier.takes_calls() {
                self.channel.poll_message()
            } else {
                self.channel.poll_reply()
            };
            let Some(message) = message else {
                return self.carrier.poll_flush(cx);
            };
            self.last = message.request();
            self.has_sent = true;
            self.carrier.send(message);
        }
    }

    /// Ends the calls whose deadline has passed. Returns whether there were any.
    fn keep_deadlines(&mut self, cx: &mut Context<'_>) -> bool {
        let mut any = false;
        while let Some(armed) = self.channel.arm() {
            match self.alarm.poll_until(Time::from(armed), cx) {
                Poll::Pending => return any,
                Poll::Ready(now) => any |= self.channel.handle_timeout(now.into()),
            }
        }
        any
    }

    /// A server that never pauses: what it had said when a deadline came is read before that is judged, and as much
    /// as [`REST`] at most.
    fn keep_overdue_deadlines(&mut self, cx: &mut Context<'_>) {
        let Some(deadline) = self.channel.poll_timeout() else {
            return;
        };
        if self.alarm.now() < Time::from(deadline) {
            self.overdue = 0;
            return;
        }
        self.overdue = self.overdue.saturating_add(TURNS);
        if self.overdue > REST {
            self.overdue = 0;
            self.keep_deadlines(cx);
        }
    }

    /// Gives up what is in flight and tells the server that nothing more comes. What the wire takes at once
    /// of what is left to say, such as that calls are cancelled, is said before.
    pub(crate) fn close(&mut self) {
        self.channel.cancel_all();
        let mut cx = Context::from_waker(Waker::noop());
        let _ = self.send(&mut cx);
        self.channel.close_outlet(&mut cx);
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
        self.channel.drop_outlet();
    }
}
