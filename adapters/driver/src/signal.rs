//! What a runner is told while it runs: stop, abort, probe.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::sync::{Arc, AtomicBool, Mutex, MutexGuard, Ordering, PoisonError, under_lock};
use crate::wake::{Key, Waiters};

/// Something that happens once and stays.
#[derive(Debug, Default)]
pub(crate) struct Flag {
    set: AtomicBool,
    waiters: Waiters,
}

impl Flag {
    pub(crate) fn set(&self) {
        if !self.set.swap(true, Ordering::SeqCst) {
            self.waiters.wake_all();
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::SeqCst)
    }
}

/// What the driver tells the runner of one generation.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    stop: Flag,
    abort: Flag,
    /// The last probe that nobody took yet.
    probe: Mutex<Option<u64>>,
    probed: Waiters,
}

impl Signals {
    pub(crate) fn stop(&self) {
        self.stop.set();
    }

    /// Who is told to hurry is told to stop as well.
    pub(crate) fn abort(&self) {
        self.stop.set();
        self.abort.set();
    }

    pub(crate) fn probe(&self, number: u64) {
        *self.lock() = Some(number);
        self.probed.wake_all();
    }

    fn lock(&self) -> MutexGuard<'_, Option<u64>> {
        under_lock::assert_none();
        self.probe.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stopped(self: &Arc<Self>) -> Signal {
        Signal { signals: self.clone(), which: |signals| &signals.stop, key: None }
    }

    pub(crate) fn aborted(self: &Arc<Self>) -> Signal {
        Signal { signals: self.clone(), which: |signals| &signals.abort, key: None }
    }

    pub(crate) fn next_probe(&self) -> NextProbe<'_> {
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
    which: fn(&Signals) -> &Flag,
    key: Option<Key>,
}

impl Signal {
    /// Returns whether the runner was told.
    pub fn is_set(&self) -> bool {
        self.flag().is_set()
    }

    fn flag(&self) -> &Flag {
        (self.which)(&self.signals)
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
        let flag = (this.which)(&this.signals);
        if flag.is_set() {
            return Poll::Ready(());
        }
        flag.waiters.register(&mut this.key, cx.waker());
        if flag.is_set() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        (self.which)(&self.signals).waiters.deregister(&mut self.key);
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
        this.signals.probed.register(&mut this.key, cx.waker());
        let number = this.signals.lock().take();
        number.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for NextProbe<'_> {
    fn drop(&mut self) {
        self.signals.probed.deregister(&mut self.key);
    }
}
