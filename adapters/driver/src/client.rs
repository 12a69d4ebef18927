//! The shared handle that callers hold, and the futures that it gives.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tenure::{Closing, Generation, Input, Mode, Status};

use crate::acquire::{Acquire, AcquireOwned};
use crate::error::{Error, Why};
use crate::lease::Lease;
use crate::shared::{Bin, Inner, Shared};
use crate::states::States;
use crate::sync::{Arc, Weak};
use crate::trace::AsReply as _;
use crate::wake::Key;

/// One session, as the tasks that share it hold it. Clone it freely; the clones are one session.
///
/// It comes with a [`Driver`](crate::Driver), from [`Builder::build`](crate::Builder::build). The client asks, the
/// driver carries out: without a driver that is polled nothing happens.
///
/// What most people want is a lease for some calls, and a shutdown at the end:
///
/// ```
/// use tenure::Mode;
/// use tenure_driver::{Client, Error};
///
/// async fn work(client: Client<u32>) -> Result<(), Error> {
///     let lease = client.acquire().await?; // connects, or joins who is connecting
///     let double = lease.run(async |handle| handle * 2).await?;
///     assert_eq!(double, 14);
///     drop(lease); // given back
///     client.shutdown(Mode::Graceful).await;
///     Ok(())
/// }
/// # use tenure_driver::{Builder, Failure, Life, Timer, from_fn};
/// # struct Still;
/// # impl Timer for Still {
/// #     type Sleep = std::future::Pending<()>;
/// #     fn now(&self) -> tenure::Time { tenure::Time::ZERO }
/// #     fn sleep_until(&self, _: tenure::Time) -> Self::Sleep { std::future::pending() }
/// # }
/// # let connector = from_fn(|life: Life<u32>| async move {
/// #     life.ready(7).stopped().await;
/// #     Ok::<(), Failure>(())
/// # });
/// # let (client, driver) = Builder::new(tenure::Config::default()).build(connector, Still);
/// # let (worked, ()) = futures_lite::future::block_on(futures_lite::future::zip(work(client), driver));
/// # worked.unwrap();
/// ```
///
/// # What is guaranteed
/// - A lease is granted only while its session is live, and never while that is being torn down. Who acquires
///   meanwhile waits for the next generation. A lease may be revoked before its caller runs again; its first call
///   then fails with the reason.
/// - A close ends all that was asked for before it, within the deadlines of the config, whatever becomes of the
///   caller. Two exceptions: clean-up that takes longer than the discard deadline goes on behind a new generation,
///   and if the driver is not polled any more and not dropped either, nobody keeps the deadlines.
/// - No caller's cancellation disturbs another.
///
/// # When the last one goes
/// Dropping the last client is a graceful shutdown, which the driver carries out; nobody waits for it. Only clients
/// keep the session open: a [`Lease`], an [`Acquire`] or a [`States`] doesn't, and who still waits for a lease gets
/// [`Error::Closed`]. To know when
/// it has ended, await [`shutdown`](Self::shutdown), or the driver.
///
/// # When not to use it
/// A runner or a handler of the session's own events must not hold a client: the session would keep itself open.
/// It holds a [`WeakClient`].
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

    /// Takes a lease. The future completes
    ///
    /// - at once, while the session is live;
    /// - else when the next generation is live, in the order in which callers came;
    /// - or with an [`Error`] that says why there is none.
    ///
    /// Callers who all give up sooner than a connect takes never see the session live: the connect is
    /// stopped with the last of them.
    ///
    /// # Cancel safety
    /// The place in the queue is taken at the first poll. Dropping the future gives it up, and a lease that comes
    /// at that very moment goes back. Nobody else notices.
    pub fn acquire(&self) -> Acquire<'_, H> {
        Acquire::new(&self.owner.shared)
    }

    /// [`acquire`](Self::acquire) by a future that borrows nothing, for a list of them, say. It doesn't keep the
    /// session open either.
    pub fn acquire_owned(&self) -> AcquireOwned<H> {
        AcquireOwned::new(self.owner.shared.clone())
    }

    /// Takes a lease if the session is live; never starts a connect and never waits.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn try_acquire(&self) -> Result<Lease<H>, Error> {
        let shared = &self.owner.shared;
        if let Some(granted) = shared.lend(Input::TryAcquire) {
            return Ok(Lease::new(granted.right()));
        }
        let (_, result) = shared.feed(None, |inner, _| {
            let acquired = inner.session.try_acquire();
            let reply = acquired.reply();
            let result = match acquired {
                Ok(lease) => inner.granted(lease),
                Err(refusal) => Err(inner.why(Why::Refused(refusal))),
            };
            ((reply, result), Input::TryAcquire)
        });
        result.map(|granted| Lease::new(granted.right()))
    }

    /// Ends everything that was asked for before; whoever acquires after it gets the next generation.
    ///
    /// It acts now. The future only waits for the end of the generation that it found; it completes at once if
    /// there was none.
    ///
    /// # Cancel safety
    /// Dropping the future interrupts nothing: the close goes on.
    pub fn close(&self, mode: Mode) -> Close<H> {
        self.wind_down(|inner, _| (inner.session.close(mode), Input::Close { mode }))
    }

    /// [`close`](Self::close) for good: later acquires are refused, and the driver ends.
    ///
    /// # Cancel safety
    /// Dropping the future interrupts nothing: the shutdown goes on.
    pub fn shutdown(&self, mode: Mode) -> Close<H> {
        self.wind_down(|inner, _| (inner.session.shutdown(mode), Input::Shutdown { mode }))
    }

    fn wind_down(&self, act: impl FnOnce(&mut Inner<H>, &mut Bin<H>) -> (Closing, Input)) -> Close<H> {
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
        self.shared.feed(None, |inner, _| (inner.session.shutdown(mode), Input::Shutdown { mode }));
    }
}

/// A client that doesn't keep the session open; from [`Client::downgrade`].
///
/// When the last [`Client`] is dropped, the session shuts down. What the session itself owns (its connector, its
/// runners, a handler of notifications) would keep it open for ever with a client of its own: it takes one of
/// these, and [upgrades](Self::upgrade) it for as long as it uses it.
///
/// Leases and futures of the session don't keep it open either.
pub struct WeakClient<H> {
    owner: Weak<Owner<H>>,
}

impl<H> WeakClient<H> {
    /// The client, if there is still one. It counts like any other while it is held.
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

/// Waits for the end of a close; from [`Client::close`] and [`Client::shutdown`].
///
/// The close itself has begun already, whether this is polled or not. It completes when the generation that the
/// close found has ended: its runner is gone and whatever it left [lingering](crate::Linger), or the discard deadline
/// has passed; and whoever [listens](crate::Builder::on_end) has been told of it. With nothing to end it completes at
/// the first poll. It says nothing of generations that come later.
///
/// It needs a driver that is polled, or dropped. It never completes with an error: a close can't fail.
///
/// # Cancel safety
/// Dropping it interrupts nothing: the close goes on. Only nobody is told of its end.
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
        if this.shared.look(|inner| watch.is_none_or(|generation| inner.is_over(generation))) {
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
