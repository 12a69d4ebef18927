//! What a runner is told while it runs: stop, abort, probe.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::sync::{Arc, AtomicBool, AtomicU64, Ordering};
use crate::wake::{Key, Waiters};

/// What the driver tells the runner of one generation.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    stop: AtomicBool,
    abort: AtomicBool,
    /// Who waits for either: mostly the runner, for one of them.
    told: Waiters,
    /// The last probe that nobody took yet; zero if there is none.
    probe: AtomicU64,
    probed: Waiters,
}

impl Signals {
    pub(crate) fn stop(&self) {
        if !self.stop.swap(true, Ordering::SeqCst) {
            self.told.wake_all();
        }
    }

    /// Who is told to hurry is told to stop as well.
    pub(crate) fn abort(&self) {
        self.stop();
        if !self.abort.swap(true, Ordering::SeqCst) {
            self.told.wake_all();
        }
    }

    pub(crate) fn probe(&self, number: u64) {
        // No store: whoever takes it swaps it too, and of two swaps one sees the other.
        self.probe.swap(number, Ordering::SeqCst);
        self.probed.wake_all();
    }

    pub(crate) fn stopped(self: &Arc<Self>) -> Signal {
        Signal { signals: self.clone(), which: |signals| &signals.stop, key: None }
    }

    pub(crate) fn aborted(self: &Arc<Self>) -> Signal {
        Signal { signals: self.clone(), which: |signals| &signals.abort, key: None }
    }

    pub(crate) fn poll_probe(&self, key: &mut Option<Key>, cx: &mut Context<'_>) -> Poll<u64> {
        self.probed.register(key, cx.waker());
        match self.probe.swap(0, Ordering::SeqCst) {
            0 => Poll::Pending,
            number => Poll::Ready(number),
        }
    }

    pub(crate) const fn next_probe(&self) -> NextProbe<'_> {
        NextProbe { signals: self, key: None }
    }
}

/// Completes when the runner is told to stop, or to hurry; at once if it was told before.
///
/// # Cancel safety
/// Dropping it loses nothing: each signal of the same kind completes, and so does one that is made later.
#[must_use = "futures do nothing unless polled"]
pub struct Signal {
    signals: Arc<Signals>,
    which: fn(&Signals) -> &AtomicBool,
    key: Option<Key>,
}

impl Signal {
    /// Returns whether the runner was told.
    pub fn is_set(&self) -> bool {
        (self.which)(&self.signals).load(Ordering::SeqCst)
    }
}

impl Clone for Signal {
    fn clone(&self) -> Self {
        Self { signals: self.signals.clone(), which: self.which, key: None }
    }
}

impl Future for Signal {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.is_set() {
            return Poll::Ready(());
        }
        this.signals.told.register(&mut this.key, cx.waker());
        if this.is_set() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        self.signals.told.deregister(&mut self.key);
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal").field("set", &self.is_set()).finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(crate) struct NextProbe<'a> {
    signals: &'a Signals,
    key: Option<Key>,
}

impl Future for NextProbe<'_> {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        let this = &mut *self;
        this.signals.poll_probe(&mut this.key, cx)
    }
}

impl Drop for NextProbe<'_> {
    fn drop(&mut self) {
        self.signals.probed.deregister(&mut self.key);
    }
}
