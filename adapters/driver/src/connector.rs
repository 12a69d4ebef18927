//! What a user, or a protocol, brings: the runner.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use crate::error::Failure;
use crate::life::Life;

/// Starts runners: one future for the whole life of each generation.
///
/// The future opens the transport, does the handshake, calls [`Life::ready`], serves until it is told to
/// stop, unwinds, and ends. Its type is an associated type, so that `Send` is structural: a connector
/// whose runners aren't `Send` gives a driver that isn't, for single-threaded executors.
///
/// A runner must honour [`Life::stopped`] while it still connects; one that doesn't is dropped when the
/// stop and abort deadlines have passed. A panic in it ends its generation and nothing else.
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
    /// The runner.
    type Run: Future<Output = Result<(), Failure>>;

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
    type Run = R;

    fn start(&mut self, life: Life<H>) -> R {
        (self.start)(life)
    }
}

impl<H, F> fmt::Debug for FromFn<H, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").finish_non_exhaustive()
    }
}
