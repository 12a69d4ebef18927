//! The shared handle that callers hold, and the futures that it gives.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tenure::{Acquired, Closing, Generation, Input, Mode, Status, Ticket};

use crate::error::Error;
use crate::lease::Lease;
use crate::shared::{Place, Shared};
use crate::states::States;
use crate::sync::{Arc, Weak};
use crate::wake::Key;

/// The session, as callers hold it: clone it freely, on any runtime.
///
/// All futures are cancel-safe: dropping one gives its place in the queue up, and a lease that comes at
/// that very moment goes back. Dropping the last client is a graceful shutdown, carried out by the driver.
/// A runner or handler that needs its own client holds a [`WeakClient`].
pub struct Client<H> {
    owner: Arc<Owner<H>>,
}

/// Shuts the session down when the last client is dropped.
struct Owner<H> {
    shared: Arc<Shared<H>>,
}

impl<H> Client<H> {
    pub(crate) fn new(shared: Arc<Shared<H>>) -> Self {
        Self { owner: Arc::new(Owner { shared }) }
    }

    /// Takes a lease: at once while the session is live, else when it next is. The place in the queue is
    /// taken at the first poll.
    ///
    /// Callers who all give up sooner than a connect takes never see the session live: the connect is
    /// stopped with the last of them.
    pub fn acquire(&self) -> Acquire<H> {
        Acquire { shared: self.owner.shared.clone(), waiting: None, over: false }
    }

    /// Takes a lease if the session is live; never starts a connect and never waits.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn try_acquire(&self) -> Result<Lease<H>, Error> {
        let shared = &self.owner.shared;
        let (granted, live) = shared.feed(None, |inner| {
            let granted = inner.session.try_acquire();
            ((granted, inner.live.clone()), Input::TryAcquire)
        });
        match (granted, live) {
            (Ok(lease), Some(live)) => Ok(Lease::new(lease, live, shared.clone())),
            (Ok(_), None) => Err(Error::Refused { reason: tenure::Refusal::NotLive }),
            (Err(reason), _) => Err(refused(shared, reason)),
        }
    }

    /// Ends everything that was asked for before; whoever acquires after it gets the next generation.
    ///
    /// It acts now. The future only waits for the end, and dropping it interrupts nothing.
    pub fn close(&self, mode: Mode) -> Close<H> {
        self.wind_down(|inner| (inner.session.close(mode), Input::Close { mode }))
    }

    /// [`close`](Self::close) for good: later acquires are refused, and the driver ends.
    pub fn shutdown(&self, mode: Mode) -> Close<H> {
        self.wind_down(|inner| (inner.session.shutdown(mode), Input::Shutdown { mode }))
    }

    fn wind_down(&self, act: impl FnOnce(&mut crate::shared::Inner<H>) -> (Closing, Input)) -> Close<H> {
        let shared = self.owner.shared.clone();
        let closing = shared.feed(None, act);
        Close { shared, watch: closing.watch, key: None }
    }

    /// The state now.
    pub fn state(&self) -> Status {
        self.owner.shared.look(|inner| inner.session.status())
    }

    /// The state now and after each change, until it is closed. Only the latest is kept: a slow reader
    /// skips.
    pub fn states(&self) -> States<H> {
        States::new(self.owner.shared.clone())
    }

    /// A client that doesn't keep the session open.
    pub fn downgrade(&self) -> WeakClient<H> {
        WeakClient { owner: Arc::downgrade(&self.owner) }
    }
}

impl<H> Clone for Client<H> {
    fn clone(&self) -> Self {
        Self { owner: self.owner.clone() }
    }
}

impl<H> fmt::Debug for Client<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("state", &self.state()).finish()
    }
}

impl<H> Drop for Owner<H> {
    fn drop(&mut self) {
        let mode = Mode::Graceful;
        self.shared.feed(None, |inner| (inner.session.shutdown(mode), Input::Shutdown { mode }));
    }
}

/// A client for the session's own runner and handlers: it doesn't keep the session open.
pub struct WeakClient<H> {
    owner: Weak<Owner<H>>,
}

impl<H> WeakClient<H> {
    /// The client, if there is still one.
    pub fn upgrade(&self) -> Option<Client<H>> {
        self.owner.upgrade().map(|owner| Client { owner })
    }
}

impl<H> Clone for WeakClient<H> {
    fn clone(&self) -> Self {
        Self { owner: self.owner.clone() }
    }
}

impl<H> fmt::Debug for WeakClient<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakClient").field("clients", &self.owner.strong_count()).finish()
    }
}

fn refused<H>(shared: &Shared<H>, reason: tenure::Refusal) -> Error {
    if shared.look(|inner| inner.driver_gone) {
        return Error::Lost { generation: None, failure: crate::Failure::dropped() };
    }
    match reason {
        tenure::Refusal::Shutdown => Error::Closed { generation: None, for_good: true },
        reason => Error::Refused { reason },
    }
}

/// Waits for a lease. See [`Client::acquire`].
#[must_use = "futures do nothing unless polled"]
pub struct Acquire<H> {
    shared: Arc<Shared<H>>,
    waiting: Option<Waiting<H>>,
    over: bool,
}

struct Waiting<H> {
    ticket: Ticket,
    slot: Arc<Place<H>>,
    key: Option<Key>,
}

impl<H> Acquire<H> {
    fn start(&mut self) -> Poll<Result<Lease<H>, Error>> {
        let (acquired, found) = self.shared.feed(None, |inner| {
            let acquired = inner.session.acquire();
            let found = match &acquired {
                Ok(Acquired::Granted(_)) => Found::Live(inner.live.clone()),
                Ok(Acquired::Waiting(ticket)) => Found::Place(inner.wait(*ticket)),
                Err(_) => Found::Live(None),
            };
            ((acquired, found), Input::Acquire)
        });
        match (acquired, found) {
            (Ok(Acquired::Granted(lease)), Found::Live(Some(live))) => {
                Poll::Ready(Ok(Lease::new(lease, live, self.shared.clone())))
            }
            (Ok(Acquired::Waiting(ticket)), Found::Place(slot)) => {
                self.waiting = Some(Waiting { ticket, slot, key: None });
                Poll::Pending
            }
            (Err(reason), _) => Poll::Ready(Err(refused(&self.shared, reason))),
            // While it is live there is a handle, and who waits has a place.
            (Ok(_), _) => Poll::Ready(Err(Error::Refused { reason: tenure::Refusal::NotLive })),
        }
    }
}

/// What an acquire found beside the machine's answer.
enum Found<H> {
    Live(Option<Arc<crate::shared::LiveHandle<H>>>),
    Place(Arc<Place<H>>),
}

impl<H> Future for Acquire<H> {
    type Output = Result<Lease<H>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.over {
            // Polled after its end: nobody is there to be woken.
            return Poll::Pending;
        }
        if this.waiting.is_none()
            && let Poll::Ready(result) = this.start()
        {
            this.over = true;
            return Poll::Ready(result);
        }
        let Some(waiting) = &mut this.waiting else {
            return Poll::Pending;
        };
        let Poll::Ready(result) = waiting.slot.poll_take(&mut waiting.key, cx) else {
            return Poll::Pending;
        };
        this.waiting = None;
        this.over = true;
        Poll::Ready(result)
    }
}

impl<H> Drop for Acquire<H> {
    /// Gives the place up. A grant that is on its way ends in the slot, and the slot's last owner drops
    /// the lease with it, which gives it back.
    fn drop(&mut self) {
        if let Some(mut waiting) = self.waiting.take() {
            waiting.slot.leave(&mut waiting.key);
            let ticket = waiting.ticket;
            self.shared.feed(None, |inner| {
                let outcome = inner.session.cancel(ticket);
                ((outcome, inner.leave(ticket)), Input::Cancel { ticket: ticket.number() })
            });
        }
    }
}

impl<H> fmt::Debug for Acquire<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticket = self.waiting.as_ref().map(|waiting| waiting.ticket);
        f.debug_struct("Acquire").field("ticket", &ticket).finish_non_exhaustive()
    }
}

/// Waits for the end of a close. See [`Client::close`]; dropping it interrupts nothing.
pub struct Close<H> {
    shared: Arc<Shared<H>>,
    watch: Option<Generation>,
    key: Option<Key>,
}

impl<H> Close<H> {
    /// The generation whose end it waits for; `None`: done already.
    pub const fn generation(&self) -> Option<Generation> {
        self.watch
    }
}

impl<H> Future for Close<H> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.shared.changed.register(&mut this.key, cx.waker());
        let watch = this.watch;
        if this.shared.look(|inner| watch.is_none() || inner.ended >= watch) {
            this.shared.changed.deregister(&mut this.key);
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl<H> Drop for Close<H> {
    fn drop(&mut self) {
        self.shared.changed.deregister(&mut self.key);
    }
}

impl<H> fmt::Debug for Close<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Close").field("generation", &self.watch).finish_non_exhaustive()
    }
}
