//! One generation, as its runner sees it.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll};

use futures_lite::future;
use tenure::{Generation, Input};

use crate::error::{Failure, LastWord};
use crate::handle::LiveHandle;
use crate::shared::Shared;
use crate::signal::{Signal, Signals};
use crate::spans::Span;
use crate::sync::{Arc, OnceLock};
use crate::wake::Key;

/// One generation before it is ready: what [`Connector::start`](crate::Connector::start) is given.
///
/// The runner opens its transport under [`or_stopped`](Self::or_stopped) and then calls [`ready`](Self::ready), which
/// gives a [`Serving`]. Without that the generation never becomes live, and the connect deadline stops it.
///
/// While one exists its generation is not over, wherever it is moved: see [`Linger`].
pub struct Life<H> {
    parts: Parts<H>,
}

/// One generation that is being served: what [`Life::ready`] gives.
///
/// From here on callers have leases. The runner serves them, answers [probes](Self::probe), watches for
/// [`stopped`](Self::stopped), and ends. An end before it was told to stop means that the session is lost; callers
/// are told with the runner's error as the reason.
///
/// It may be stale from the start: if the session was closed while the transport was opened, no caller ever gets the
/// handle, and `stopped` completes soon.
///
/// While one exists its generation is not over, wherever it is moved: see [`Linger`].
///
/// ```
/// use tenure_driver::{Failure, Serving};
///
/// /// Serves until told to stop, and gives a sign of life when asked for one.
/// async fn serve(serving: Serving<u32>) -> Result<(), Failure> {
///     let answers = async {
///         loop {
///             let probe = serving.probe().await;
///             // Ask the peer here; an answer that never comes loses the session.
///             probe.answer();
///         }
///     };
///     futures_lite::future::or(answers, serving.stopped()).await;
///     Ok(())
/// }
/// # let _ = serve;
/// ```
pub struct Serving<H> {
    parts: Parts<H>,
}

/// What both of them are made of.
struct Parts<H> {
    signals: Arc<Signals>,
    tokens: Arc<Tokens<H>>,
}

/// What a runner can do at any time of its life.
macro_rules! at_any_time {
    ($name:ident) => {
        impl<H> $name<H> {
            /// Which life of the connection this is.
            pub fn generation(&self) -> Generation {
                self.parts.tokens.generation
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

            /// The span of this generation, in which the runner runs: for tasks of its own, and to record what is known
            /// of the other side. It has the fields `server.name`, `server.version`, `server.protocol` and `server.pid`
            /// for that, empty at first.
            #[cfg(feature = "tracing")]
            pub fn span(&self) -> tracing::Span {
                self.parts.tokens.span.clone()
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
        Self { parts: Parts { signals, tokens } }
    }

    /// Notes what there is to know so far, such as what a server said instead of what was expected: callers are told it
    /// if the connect deadline passes. The latest counts.
    pub fn note(&self, note: impl Into<Arc<str>>) {
        let (generation, note) = (self.generation(), note.into());
        self.parts.tokens.shared.set(|inner| inner.note = Some((generation, note)));
    }

    /// Opens the session to callers, who get at `handle` through their leases.
    ///
    /// The handle must own nothing of the transport: it may outlive the runner. Its drop must not panic: it may be
    /// the driver that drops it.
    pub fn ready(self, handle: H) -> Serving<H> {
        let parts = self.parts;
        let Tokens { generation, shared, .. } = &*parts.tokens;
        let generation = *generation;
        let live = LiveHandle::new(generation, handle, shared.clone());
        shared.feed(None, |inner, outside| {
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
    /// Retires: from here on nothing new comes to this generation. Leases that are held go on to their end, within
    /// the finish deadline; then the runner is told to stop. Whoever acquires gets the next generation.
    ///
    /// It is for a peer that will not serve for long: it said goodbye, its session expires, it closed its output in
    /// order. `why` is the reason that callers are told with [`Error::Lost`](crate::Error::Lost) if their leases are
    /// revoked for it; it counts before what the runner ends with. A generation that retires
    /// [early](field@tenure::Retry::stable_after) counts as a failed attempt.
    ///
    /// Said once; later, or when the runner was told to stop already, it does nothing.
    pub fn retire(&self, why: impl Into<Failure>) {
        let (generation, failure) = (self.generation(), why.into());
        let exit = failure.exit();
        self.parts.tokens.shared.feed(None, |inner, outside| {
            let outcome = inner.session.runner_retiring(generation, exit);
            let word = LastWord { generation, failure };
            let unneeded =
                if outcome == tenure::Outcome::Applied { inner.last_word.replace(word) } else { Some(word) };
            outside.drop_last_word(unneeded);
            (outcome, Input::RunnerRetiring { generation, exit })
        });
    }

    /// Waits for the next probe: ask the peer for a sign of life, then [`answer`](Probe::answer).
    ///
    /// # Cancel safety
    /// Dropped before it completes, it takes no probe away.
    pub async fn probe(&self) -> Probe<H> {
        let number = self.parts.signals.next_probe().await;
        self.numbered_probe(number)
    }

    /// The next probe, as [`probe`](Self::probe), for who has a place for `key` and needs no future: `None` at first.
    /// The task that waits stays known to the generation, for as long as that lives.
    pub fn poll_probe(&self, key: &mut Option<Key>, cx: &mut Context<'_>) -> Poll<Probe<H>> {
        self.parts.signals.poll_probe(key, cx).map(|number| self.numbered_probe(number))
    }

    fn numbered_probe(&self, number: u64) -> Probe<H> {
        let Tokens { generation, shared, .. } = &*self.parts.tokens;
        Probe { number, generation: *generation, shared: shared.clone() }
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

/// Keeps its generation from being over while it exists; from [`Life::linger`] and [`Serving::linger`].
///
/// A runner whose clean-up outlives its future, such as a process that is still to be reaped, takes one
/// along. The end of the generation is confirmed when the future is gone and no token is left. Until then, or until
/// the discard deadline, no new generation starts; after that it is an orphan, and the config limits how many there
/// may be.
///
/// Give it to whatever ends last: a thread that waits, a guard of the resource. It does nothing but be dropped, which
/// may happen on any thread, after the driver has gone too. A token that is never dropped (leaked) keeps one place
/// among the orphans for ever.
///
/// A [`Life`] or a [`Serving`] that is moved out of the runner's future does the same.
pub struct Linger<H> {
    /// Held for its drop.
    token: Arc<Tokens<H>>,
}

/// What must be gone before a generation is over; the last one to go confirms its end.
pub(crate) struct Tokens<H> {
    generation: Generation,
    /// How the runner's future went, once it is gone.
    went: OnceLock<Failure>,
    shared: Arc<Shared<H>>,
    /// It is open as long as this exists.
    #[cfg_attr(not(feature = "tracing"), allow(dead_code, reason = "there is none"))]
    span: Span,
}

impl<H> Tokens<H> {
    pub(crate) fn new(generation: Generation, shared: Arc<Shared<H>>, span: Span) -> Arc<Self> {
        Arc::new(Self { generation, went: OnceLock::new(), shared, span })
    }

    /// The runner's future is gone, and went like this. Its own token goes with it. If that is the last one, its
    /// drop confirms the end; if others linger, the machine is told that the runner is done meanwhile.
    pub(crate) fn confirm(self: Arc<Self>, failure: Failure) {
        let (generation, exit) = (self.generation, failure.exit());
        let _ = self.went.set(failure.clone());
        // What isn't needed of it is dropped after the machine knows of the end: an error is a user's value, and its
        // drop may panic, or look at the session.
        if self.shared.look(|_| Arc::strong_count(&self) > 1) {
            self.shared.feed(None, |inner, outside| {
                outside.drop_last_word(inner.note_last_word(generation, failure));
                let outcome = inner.session.runner_done(generation, exit);
                (outcome, Input::RunnerDone { generation, exit })
            });
        }
    }
}

impl<H> Drop for Tokens<H> {
    fn drop(&mut self) {
        let generation = self.generation;
        let went = self.went.get();
        let exit = went.map_or_else(|| Failure::dropped().exit(), Failure::exit);
        self.shared.feed(None, |inner, outside| {
            let word = went.cloned().and_then(|failure| inner.note_last_word(generation, failure));
            outside.drop_last_word(word);
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
    Life: parts.tokens.generation;
    Serving: parts.tokens.generation;
    Probe: generation;
    Linger: token.generation;
}
