//! Sending what waits, by whoever has the [outlet](super::outlet).

use std::task::{Context, Poll, Waker};

use tenure_driver::Failure;
use tenure_driver::sync::MutexGuard;
use tenure_mcp_proto::Outgoing;

use super::channel::{Channel, Inner};
use super::outlet::{Outlet, Place, SendFailed};

/// So many messages a caller sends, of which one is its own; more are the runner's.
const TURN: usize = 16;

impl Channel {
    /// Something was queued. It is sent now, if nobody sends; or by whoever does; or by the runner.
    pub(super) fn send_queued(&self, mut inner: MutexGuard<'_, Inner>) {
        let wakes_runner = inner.outlet.is_elsewhere() || inner.is_due_sooner();
        let turn = if inner.is_callers_turn() { Turn::begin(self, &mut inner) } else { None };
        drop(inner);
        // Nobody waits for room but the runner.
        let mut cx = Context::from_waker(Waker::noop());
        let is_left = turn.is_some_and(|turn| turn.send(TURN, &mut cx) == Sent::Part);
        if is_left || wakes_runner {
            self.runner.wake_all();
        }
    }
}

/// The runner's side.
impl Channel {
    /// From here on callers may send. To be called before anything is queued.
    pub(crate) fn open(&self, outlet: Box<dyn Outlet>) {
        self.lock().outlet = Place::Free(outlet);
    }

    /// Sends what waits, as much as the wire takes; the task is woken when it takes more. Returns how that failed, also
    /// where a caller sent; once.
    pub(crate) fn poll_send(&self, cx: &mut Context<'_>) -> Option<SendFailed> {
        let turn = {
            let mut inner = self.lock();
            if let Some(failed) = inner.send_failed.take() {
                return Some(*failed);
            }
            Turn::begin(self, &mut inner)?
        };
        match turn.send(usize::MAX, cx) {
            Sent::All | Sent::Part => None,
            Sent::Failed => self.lock().send_failed.take().map(|failed| *failed),
        }
    }

    /// Callers send no more: nobody would hear the answers.
    pub(crate) fn keep_to_runner(&self) {
        self.lock().is_kept_to_runner = true;
    }

    /// Nothing more is sent, once whoever sends at present has done so.
    pub(crate) fn close_outlet(&self, cx: &mut Context<'_>) {
        let outlet = self.lock().outlet.close();
        if let Some(mut outlet) = outlet {
            outlet.close(cx);
        }
    }

    /// The wire is dropped.
    pub(crate) fn drop_outlet(&self) {
        let outlet = self.lock().outlet.close();
        drop(outlet);
    }
}

impl Inner {
    fn is_callers_turn(&self) -> bool {
        self.outlet.is_free() && !self.is_kept_to_runner
    }
}

/// How far somebody came who sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    All,
    /// The rest is the runner's.
    Part,
    Failed,
}

/// Somebody has the outlet, and sends. It goes back at the end, also if that is a panic.
struct Turn<'a> {
    channel: &'a Channel,
    outlet: Option<Box<dyn Outlet>>,
    next: Option<Outgoing>,
}

impl<'a> Turn<'a> {
    /// `None` if there is nothing to send, or somebody sends.
    fn begin(channel: &'a Channel, inner: &mut Inner) -> Option<Self> {
        let next = if inner.outlet.is_full() {
            None
        } else if inner.outlet.is_free() {
            Some(inner.connection.poll_message()?)
        } else {
            return None;
        };
        Some(Self { channel, outlet: inner.outlet.take(), next })
    }

    /// Sends so many messages at most.
    fn send(mut self, most: usize, cx: &mut Context<'_>) -> Sent {
        let mut sent = 0_usize;
        while let Some(outlet) = &mut self.outlet {
            if let Some(message) = self.next.take() {
                outlet.send(message);
            }
            match outlet.poll_flush(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(failure)) => {
                    self.fail(failure);
                    return Sent::Failed;
                }
                Poll::Pending => {
                    self.put(Place::Full);
                    return Sent::Part;
                }
            }
            sent = sent.saturating_add(1);
            if sent >= most {
                self.put(Place::Full);
                return Sent::Part;
            }
            self.go_on();
        }
        Sent::All
    }

    /// Takes the next message; without one the outlet goes back.
    fn go_on(&mut self) {
        let mut inner = self.channel.lock();
        self.next = inner.connection.poll_message();
        if self.next.is_some() {
            return;
        }
        let closed = self.outlet.take().and_then(|outlet| inner.outlet.put(Place::Free(outlet)));
        drop(inner);
        close(closed);
    }

    fn put(&mut self, place: impl FnOnce(Box<dyn Outlet>) -> Place) {
        if let Some(outlet) = self.outlet.take() {
            let closed = self.channel.lock().outlet.put(place(outlet));
            close(closed);
        }
    }

    /// The runner is to know why.
    fn fail(&mut self, failure: Failure) {
        let unsent = self.outlet.as_ref().and_then(|outlet| outlet.unsent());
        if let Some(unsent) = unsent {
            self.channel.note_unsent(unsent);
        }
        let failed = Box::new(SendFailed { failure, unsent });
        let before = self.channel.lock().send_failed.replace(failed);
        drop(before);
        self.put(Place::Broken);
        self.channel.runner.wake_all();
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.outlet.is_some() {
            self.fail(Failure::new("sending a message panicked"));
        }
    }
}

/// The wire was closed while somebody sent.
fn close(outlet: Option<Box<dyn Outlet>>) {
    if let Some(mut outlet) = outlet {
        outlet.close(&mut Context::from_waker(Waker::noop()));
    }
}

// By its path: the package tests/concurrency compiles this file under another folder's name.
#[cfg(test)]
#[path = "sending/tests.rs"]
mod tests;
