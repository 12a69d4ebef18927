//! A caller who asks for a lease, and waits for it if it has to.

use std::borrow::Borrow;
use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

use tenure::{Acquired, Input, Ticket};

use crate::error::{Error, Why};
use crate::lease::Lease;
use crate::shared::{Place, Shared};
use crate::sync::Arc;
use crate::trace::AsReply as _;

/// Waits for a lease; from [`Client::acquire`](crate::Client::acquire).
///
/// It completes with a [`Lease`] as soon as the session is live, in the order in which callers were first polled,
/// or with the [`Error`] that says why there is none: the connect failed (with the last attempt, if the config
/// retries), the acquire deadline passed, the session was closed, or the driver is gone. Whoever waits for the same
/// connect is told the same cause at the same moment.
///
/// Until its first poll it has asked for nothing. Polled after it completed, it is pending for ever.
///
/// # Cancel safety
/// Dropping it gives up the place in the queue and nothing else; a lease that comes at that very moment goes back.
/// Polled again in a loop (`select!` by reference), it keeps its place.
#[must_use = "futures do nothing unless polled"]
pub struct Acquire<'a, H> {
    caller: Caller<&'a Arc<Shared<H>>, H>,
}

/// An [`Acquire`] that borrows nothing; from [`Client::acquire_owned`](crate::Client::acquire_owned).
///
/// # Cancel safety
/// As of [`Acquire`].
#[must_use = "futures do nothing unless polled"]
pub struct AcquireOwned<H> {
    caller: Caller<Arc<Shared<H>>, H>,
}

/// Who asks for a lease of the session that `shared` is.
struct Caller<S: Borrow<Arc<Shared<H>>>, H> {
    shared: S,
    asked: Asked<H>,
}

/// How far a caller is.
enum Asked<H> {
    NotYet,
    /// By [`Caller`]'s drop the place goes, too: so dropping one who doesn't wait is a comparison and nothing else.
    Waiting(Ticket, ManuallyDrop<Arc<Place<H>>>),
    Done,
}

impl<'a, H> Acquire<'a, H> {
    #[inline]
    pub(crate) const fn new(shared: &'a Arc<Shared<H>>) -> Self {
        Self { caller: Caller { shared, asked: Asked::NotYet } }
    }
}

impl<H> AcquireOwned<H> {
    pub(crate) const fn new(shared: Arc<Shared<H>>) -> Self {
        Self { caller: Caller { shared, asked: Asked::NotYet } }
    }
}

impl<S: Borrow<Arc<Shared<H>>>, H> Caller<S, H> {
    #[expect(clippy::inline_always, reason = "as of its callers")]
    #[inline(always)]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Lease<H>, Error>> {
        if matches!(self.asked, Asked::NotYet)
            && let Some(granted) = self.shared.borrow().lend(Input::Acquire)
        {
            self.asked = Asked::Done;
            return Poll::Ready(Ok(Lease::new(granted.right())));
        }
        match self.poll_whole(cx).transpose() {
            Some(result) => Poll::Ready(result),
            None => Poll::Pending,
        }
    }

    /// The whole way; without a lease it waits. It returns another type than `poll`: else it would write where `poll`'s
    /// own lease stands, which then had to be in memory and not in registers.
    #[inline(never)]
    fn poll_whole(&mut self, cx: &mut Context<'_>) -> Result<Option<Lease<H>>, Error> {
        let polled = if matches!(self.asked, Asked::NotYet) { self.ask(cx) } else { self.poll_waiting(cx) };
        match polled {
            Poll::Ready(result) => result.map(Some),
            Poll::Pending => Ok(None),
        }
    }

    /// Asks for a lease, and waits if it has to.
    fn ask(&mut self, cx: &mut Context<'_>) -> Poll<Result<Lease<H>, Error>> {
        self.asked = Asked::Done;
        let Self { shared, asked } = self;
        let mut result = None;
        (*shared).borrow().feed(None, |inner, _| {
            let acquired = inner.session.acquire();
            let reply = acquired.reply();
            match acquired {
                Ok(Acquired::Granted(lease)) => result = Some(inner.granted(lease)),
                Ok(Acquired::Waiting(ticket)) => {
                    *asked = Asked::Waiting(ticket, ManuallyDrop::new(inner.wait(ticket)));
                }
                Err(refusal) => result = Some(Err(inner.why(Why::Refused(refusal)))),
            }
            (reply, Input::Acquire)
        });
        match result {
            Some(result) => Poll::Ready(result.map(|granted| Lease::new(granted.right()))),
            None => self.poll_waiting(cx),
        }
    }

    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<Result<Lease<H>, Error>> {
        let Asked::Waiting(_, place) = &self.asked else {
            // Polled after its end: nobody is there to be woken.
            return Poll::Pending;
        };
        let Poll::Ready(result) = place.poll_keyless(cx) else {
            return Poll::Pending;
        };
        drop(self.stop_waiting());
        Poll::Ready(result.map(Lease::new))
    }

    /// What it waits with, once.
    fn stop_waiting(&mut self) -> Option<(Ticket, Arc<Place<H>>)> {
        match std::mem::replace(&mut self.asked, Asked::Done) {
            Asked::Waiting(ticket, place) => Some((ticket, ManuallyDrop::into_inner(place))),
            Asked::NotYet | Asked::Done => None,
        }
    }

    /// Gives the place up. A grant that is on its way ends in the place, and whoever drops the place last drops
    /// the lease with it, which gives it back.
    #[inline(never)]
    fn leave(&mut self) {
        if let Some((ticket, place)) = self.stop_waiting() {
            place.leave_keyless();
            self.shared.borrow().feed(None, |inner, _| {
                inner.leave(ticket);
                (inner.session.cancel(ticket), Input::Cancel { ticket: ticket.number() })
            });
        }
    }

    const fn ticket(&self) -> Option<Ticket> {
        match &self.asked {
            Asked::Waiting(ticket, _) => Some(*ticket),
            Asked::NotYet | Asked::Done => None,
        }
    }
}

impl<S: Borrow<Arc<Shared<H>>>, H> Drop for Caller<S, H> {
    #[inline]
    fn drop(&mut self) {
        if matches!(self.asked, Asked::Waiting(..)) {
            self.leave();
        }
    }
}

impl<H> Future for Acquire<'_, H> {
    type Output = Result<Lease<H>, Error>;

    #[expect(
        clippy::inline_always,
        reason = "else a lease is copied through memory twice, which takes as long as a lock"
    )]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.caller.poll(cx)
    }
}

impl<H> Future for AcquireOwned<H> {
    type Output = Result<Lease<H>, Error>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.caller.poll(cx)
    }
}

impl<H> fmt::Debug for Acquire<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire").field("ticket", &self.caller.ticket()).finish_non_exhaustive()
    }
}

impl<H> fmt::Debug for AcquireOwned<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcquireOwned").field("ticket", &self.caller.ticket()).finish_non_exhaustive()
    }
}
