//! A caller's right to use the live session, as a guard.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tenure::Generation;

use crate::error::Error;
use crate::shared::{Right, SharedHandle};
use crate::wake::Key;

/// A caller's right to use one generation of the session, from [`Client::acquire`](crate::Client::acquire).
///
/// Dropping it gives it back, at once and from anywhere: nothing is waited for. With the last lease of a generation
/// the session goes on as its keep-alive says.
///
/// ```
/// # use tenure_driver::{Error, Lease};
/// # async fn f(lease: Lease<String>) -> Result<(), Error> {
/// // The call is dropped, and this returns why, as soon as the lease is revoked.
/// let length = lease.run(async |handle| handle.len()).await?;
/// # let _ = length;
/// # Ok(())
/// # }
/// ```
///
/// # When it is revoked
/// Its generation was closed by force, was lost, left a probe unanswered, or was still in use at the finish deadline.
/// From then on [`check`](Self::check) fails, [`revoked`](Self::revoked) completes, and each [`run`](Self::run) ends,
/// all with the same reason. No call is begun on a revoked lease. In a graceful close, and when the session has
/// reached its greatest age, it stays good until the finish deadline, new calls included.
///
/// # What it doesn't give
/// It doesn't deref to the handle: a handle that was cloned out of it would outlive it. A lease of one generation
/// is never one of the next; acquire again.
///
/// # Don't wait for your own end
/// While a task holds a lease, its session can't finish in order. A task that awaits a graceful close, or asks for a
/// lease of the next generation, before it drops its own, gets on at the finish deadline.
#[must_use = "a lease is given back when it is dropped"]
pub struct Lease<H> {
    right: Right<H>,
}

impl<H> Lease<H> {
    pub(crate) const fn new(right: Right<H>) -> Self {
        Self { right }
    }

    /// Which life of the connection it is a right to.
    pub fn generation(&self) -> Generation {
        self.right.live.generation
    }

    /// Whether it may still be used.
    ///
    /// # Errors
    /// Why it was revoked.
    pub fn check(&self) -> Result<(), Error> {
        self.right.live.revoked.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Completes when the lease is revoked, with why; at once if it was.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub fn revoked(&self) -> Revoked<'_, H> {
        Revoked { live: &self.right.live, key: None }
    }

    /// Uses the handle, guarded: the call is polled only while the lease is good, and it is dropped
    /// as soon as the lease is revoked.
    ///
    /// The call is an async closure, or a closure that returns a future. The future of `run` can go to any thread if
    /// the call's can, also in code that is generic over the handle:
    ///
    /// ```
    /// use std::future::Future;
    /// use tenure_driver::{Error, Lease};
    ///
    /// trait Ask: Send + Sync + 'static {
    ///     fn ask(&self, question: u32) -> impl Future<Output = u32> + Send;
    /// }
    ///
    /// // As `tokio::spawn` asks for it, and smol's.
    /// fn spawn(future: impl Future<Output: Send> + Send + 'static) {}
    ///
    /// fn ask_in_a_task<H: Ask>(lease: Lease<H>) {
    ///     spawn(async move { lease.run(async |handle| handle.ask(7).await).await });
    /// }
    /// ```
    ///
    /// What the call returns borrows nothing, so the handle stays inside:
    ///
    /// ```compile_fail
    /// # async fn f(lease: tenure_driver::Lease<String>) -> Result<(), tenure_driver::Error> {
    /// let handle: &String = lease.run(async |handle| handle).await?;
    /// # let _ = handle; Ok(()) }
    /// ```
    ///
    /// What it hands out by other ways, such as a clone of the handle, is outside of the guard: nobody tells it that
    /// the lease was revoked.
    ///
    /// # Errors
    /// Why the lease was revoked, at once, however long the teardown takes.
    ///
    /// # Cancel safety
    /// Dropping the future drops the call; whether that is safe is the call's own matter. The lease stays as it is.
    pub async fn run<'a, F>(&'a self, call: impl FnOnce(&'a H) -> F) -> Result<F::Output, Error>
    where
        // The reference is good for as long as this lease is borrowed, and not for any lifetime there may be: a bound
        // on the latter (`AsyncFnOnce(&H)`) is what generic code can't prove to be `Send`.
        F: Future<Output: 'static>,
    {
        self.check()?;
        let call = pin!(call(&self.right.live.handle));
        Guarded { call, revoked: self.revoked() }.await
    }
}

impl<H> fmt::Debug for Lease<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let revoked = self.right.live.revoked.get();
        f.debug_struct("Lease")
            .field("generation", &self.generation())
            .field("revoked", &revoked)
            .finish_non_exhaustive()
    }
}

/// Completes when a lease is revoked, with why. See [`Lease::revoked`].
///
/// # Cancel safety
/// Dropping it changes nothing: a revocation stays, and each later `Revoked` tells of it too.
#[must_use = "futures do nothing unless polled"]
pub struct Revoked<'a, H> {
    live: &'a SharedHandle<H>,
    key: Option<Key>,
}

impl<H> Future for Revoked<'_, H> {
    type Output = Error;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Error> {
        let this = &mut *self;
        if let Some(error) = this.live.revoked.get() {
            return Poll::Ready(error.clone());
        }
        this.live.guards.register(&mut this.key, cx.waker());
        this.live.revoked.get().map_or(Poll::Pending, |error| Poll::Ready(error.clone()))
    }
}

impl<H> Drop for Revoked<'_, H> {
    fn drop(&mut self) {
        self.live.guards.deregister(&mut self.key);
    }
}

impl<H> fmt::Debug for Revoked<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revoked").field("generation", &self.live.generation).finish_non_exhaustive()
    }
}

/// A call that is looked after: revocation is looked at before each poll of it.
struct Guarded<'a, F, H> {
    call: Pin<&'a mut F>,
    revoked: Revoked<'a, H>,
}

impl<F: Future, H> Future for Guarded<'_, F, H> {
    type Output = Result<F::Output, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(error) = Pin::new(&mut this.revoked).poll(cx) {
            return Poll::Ready(Err(error));
        }
        this.call.as_mut().poll(cx).map(Ok)
    }
}
