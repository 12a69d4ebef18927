//! One generation, as its runner sees it.

use std::fmt;
use std::future::Future;
use std::pin::pin;

use futures_lite::future;
use tenure::{Exit, Generation, Input};

use crate::error::Failure;
use crate::handle::LiveHandle;
use crate::shared::Shared;
use crate::signal::{Signal, Signals};
use crate::sync::{Arc, OnceLock};

/// One generation before it is ready: what [`Connector::start`](crate::Connector::start) is given.
pub struct Life<H> {
    parts: Parts<H>,
}

/// One generation that is being served: what [`Life::ready`] gives.
pub struct Serving<H> {
    parts: Parts<H>,
}

/// What both of them are made of.
struct Parts<H> {
    generation: Generation,
    signals: Arc<Signals>,
    shared: Arc<Shared<H>>,
    tokens: Arc<Tokens<H>>,
}

/// What a runner can do at any time of its life.
macro_rules! at_any_time {
    ($name:ident) => {
        impl<H> $name<H> {
            /// Which life of the connection this is.
            pub fn generation(&self) -> Generation {
                self.parts.generation
            }

            /// Completes when the runner is told to stop: unwind in order and end.
            pub fn stopped(&self) -> Signal {
                self.parts.signals.stopped()
            }

            /// Completes when the runner is told to hurry.
            pub fn aborted(&self) -> Signal {
                self.parts.signals.aborted()
            }

            /// `work`, unless the runner is told to stop before it is done. A connect must be under this:
            /// the last caller may give up, or somebody may close, at any time.
            ///
            /// # Cancel safety
            /// As that of `work`, which is dropped when the runner is told to stop.
            ///
            /// # Errors
            /// [`Stopped`]; `?` ends the runner with it.
            pub async fn or_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
                or_stopped(self.stopped(), work).await
            }

            /// A token for clean-up that outlives the runner's future. See [`Linger`].
            pub fn linger(&self) -> Linger<H> {
                Linger { token: self.parts.tokens.clone() }
            }
        }
    };
}

at_any_time!(Life);
at_any_time!(Serving);

impl<H> Life<H> {
    pub(crate) fn new(tokens: Arc<Tokens<H>>, signals: Arc<Signals>) -> Self {
        let (generation, shared) = (tokens.generation, tokens.shared.clone());
        Self { parts: Parts { generation, signals, shared, tokens } }
    }

    /// Opens the session to callers, who get at `handle` through their leases.
    ///
    /// The handle must own nothing of the transport: it may outlive the runner. Its drop must not panic: it may be
    /// the driver that drops it.
    pub fn ready(self, handle: H) -> Serving<H> {
        let parts = self.parts;
        let generation = parts.generation;
        let live = LiveHandle::new(generation, handle);
        parts.shared.feed(None, |inner, outside| {
            let outcome = inner.session.runner_ready(generation);
            let unused =
                if outcome == tenure::Outcome::Applied { inner.live.replace(live) } else { Some(live) };
            outside.drop_live(unused);
            (outcome, Input::RunnerReady { generation })
        });
        Serving { parts }
    }
}

impl<H> Serving<H> {
    /// Waits for the next probe: ask the peer for a sign of life, then [`answer`](Probe::answer).
    ///
    /// # Cancel safety
    /// Dropped before it completes, it takes no probe away.
    pub async fn probe(&self) -> Probe<H> {
        let number = self.parts.signals.next_probe().await;
        Probe { number, generation: self.parts.generation, shared: self.parts.shared.clone() }
    }
}

async fn or_stopped<T>(stopped: Signal, work: impl Future<Output = T>) -> Result<T, Stopped> {
    let stopped = async {
        stopped.await;
        Err(Stopped)
    };
    let work = pin!(async { Ok(work.await) });
    // Told to stop is looked at first.
    future::or(stopped, work).await
}

/// The runner was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runner was told to stop")
    }
}

impl std::error::Error for Stopped {}

/// A question for a sign of life.
pub struct Probe<H> {
    number: u64,
    generation: Generation,
    shared: Arc<Shared<H>>,
}

impl<H> Probe<H> {
    /// Its number, from 1 in each generation.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The peer gave a sign of life.
    pub fn answer(self) {
        let Self { number, generation, shared } = self;
        shared.feed(None, |inner, _| {
            let outcome = inner.session.probe_answered(generation, number);
            (outcome, Input::ProbeAnswered { generation, number })
        });
    }
}

/// Keeps its generation from being over while it exists.
///
/// A runner whose clean-up outlives its future, such as a process that is still to be reaped, takes one
/// along. The end of the generation is confirmed when the future is gone and no token is left. Until then, or until
/// the discard deadline, no new generation starts; after that it is an orphan, and the config limits how many there
/// may be.
///
/// A [`Life`] or a [`Serving`] that is moved out of the runner's future does the same.
pub struct Linger<H> {
    #[allow(dead_code, reason = "held for its drop")]
    token: Arc<Tokens<H>>,
}

/// What must be gone before a generation is over; the last one to go confirms its end.
pub(crate) struct Tokens<H> {
    generation: Generation,
    exit: OnceLock<Exit>,
    shared: Arc<Shared<H>>,
}

impl<H> Tokens<H> {
    pub(crate) fn new(generation: Generation, shared: Arc<Shared<H>>) -> Arc<Self> {
        Arc::new(Self { generation, exit: OnceLock::new(), shared })
    }

    /// The runner's future is gone, and went like this. Its own token goes with it. If that is the last one, its
    /// drop confirms the end; if others linger, the machine is told that the runner is done meanwhile.
    pub(crate) fn confirm(self: Arc<Self>, failure: Failure) {
        let (generation, exit) = (self.generation, failure.exit());
        let _ = self.exit.set(exit);
        let shared = self.shared.clone();
        // What isn't needed is dropped at the end of this function, after the machine knows of the end: an error
        // is a user's value, and its drop may panic, or look at the session.
        let (_unneeded, lingers) = shared.change(|inner, _| {
            let is_current = inner.session.status().generation() == Some(generation);
            let unneeded = if is_current { inner.failure.replace(failure) } else { Some(failure) };
            (unneeded, Arc::strong_count(&self) > 1)
        });
        if lingers {
            shared.feed(None, |inner, _| {
                let outcome = inner.session.runner_done(generation, exit);
                (outcome, Input::RunnerDone { generation, exit })
            });
        }
        drop(self);
    }
}

impl<H> Drop for Tokens<H> {
    fn drop(&mut self) {
        let generation = self.generation;
        let exit = self.exit.get().copied().unwrap_or(Failure::dropped().exit());
        self.shared.feed(None, |inner, _| {
            let outcome = inner.session.runner_ended(generation, exit);
            (outcome, Input::RunnerEnded { generation, exit })
        });
    }
}

macro_rules! debug {
    ($($name:ident: $($path:ident).+;)+) => {$(
        impl<H> fmt::Debug for $name<H> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("generation", &self.$($path).+).finish_non_exhaustive()
            }
        }
    )+};
}

debug! {
    Life: parts.generation;
    Serving: parts.generation;
    Probe: generation;
    Linger: token.generation;
}
