//! What a user, or a protocol, brings: the runner.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::error::Failure;
use crate::life::Life;

/// Starts runners: one future for the whole life of each generation of a session.
///
/// It is what a protocol, or you, bring to [`Builder::build`](crate::Builder::build); the driver calls it once for each
/// connect, and never while another runner of the session is there, but for orphans.
///
/// # What a runner does
/// 1. It opens the transport and does the handshake, under [`Life::or_stopped`]: the last caller may give up, or
///    somebody may close, at any time.
/// 2. It calls [`Life::ready`] with the handle that callers will use.
/// 3. It serves until [`Serving::stopped`](crate::Serving::stopped) completes, and answers
///    [probes](crate::Serving::probe) if the config has any.
/// 4. It unwinds in order, faster once [`Serving::aborted`](crate::Serving::aborted) completes, and ends with `Ok`. An
///    end before it was told to stop is a failed connect, or a lost session.
///
/// A runner that doesn't end is dropped when the stop and abort deadlines have passed: what it holds must be freed by
/// that. Clean-up that outlives its future takes a [`Linger`](crate::Linger) along. A panic in it ends its generation
/// and nothing else.
///
/// # Cancel safety
/// A runner is dropped wherever it waits: when it outlives its deadlines, when somebody drops the driver, when the
/// runtime goes away. What it has opened is freed by the drop of what it holds, and by nothing else. Don't detach its
/// work from its future: what was spawned and forgotten may touch what the next generation uses. What has to go on
/// takes a [`Linger`](crate::Linger) along.
///
/// # When not to use it
/// - For a connection of its own for each caller, or for many alike: that is a pool. All callers of a session share
///   one.
/// - For a protocol whose crate brings one: that needs a transport alone.
/// - Where a connect gives the same answer as long as the program runs, and nothing is to be unwound: a `OnceCell`.
///
/// # Whether it is `Send`
/// Its future's type is an associated type, so that `Send` is structural: a connector whose runners aren't `Send`
/// gives a driver that isn't, for single-threaded executors.
///
/// ```
/// use tenure_driver::{Failure, Life, from_fn};
///
/// let connector = from_fn(|life: Life<&'static str>| async move {
///     life.or_stopped(async { /* open the transport, do the handshake */ }).await?;
///     let serving = life.ready("what callers work with");
///     serving.stopped().await;
///     Ok::<(), Failure>(()) // unwound
/// });
/// # let _ = connector;
/// ```
pub trait Connector {
    /// What callers work with, through their leases. It owns nothing of the transport.
    type Handle;
    /// The runner. It is moved to where it is polled; one that can't be is in a box, as [`from_fn`]'s are.
    type Run: Future<Output = Result<(), Failure>> + Unpin;

    /// Starts the runner of a new generation.
    fn start(&mut self, life: Life<Self::Handle>) -> Self::Run;
}

/// A connector made of a function.
pub fn from_fn<H, F, R>(start: F) -> FromFn<H, F>
where
    F: FnMut(Life<H>) -> R,
    R: Future<Output = Result<(), Failure>>,
{
    FromFn { start, handle: PhantomData }
}

/// See [`from_fn`].
pub struct FromFn<H, F> {
    start: F,
    handle: PhantomData<fn(H)>,
}

impl<H, F, R> Connector for FromFn<H, F>
where
    F: FnMut(Life<H>) -> R,
    R: Future<Output = Result<(), Failure>>,
{
    type Handle = H;
    type Run = Pin<Box<R>>;

    fn start(&mut self, life: Life<H>) -> Self::Run {
        Box::pin((self.start)(life))
    }
}

impl<H, F> fmt::Debug for FromFn<H, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").finish_non_exhaustive()
    }
}
