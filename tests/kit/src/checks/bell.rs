//! Polls a future only when it was woken, so that nothing is found out by chance.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Rung when its future is worth polling; passes that on to the task around it.
pub(crate) struct Bell {
    rung: AtomicBool,
    outer: Mutex<Waker>,
}

impl Bell {
    /// Rung from the start: each future is polled once.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { rung: AtomicBool::new(true), outer: Mutex::new(Waker::noop().clone()) })
    }

    /// Whom to wake from now on.
    pub(crate) fn pass_on_to(&self, waker: &Waker) {
        let old = std::mem::replace(&mut *self.outer(), waker.clone());
        drop(old);
    }

    /// Returns whether it was rung since.
    pub(crate) fn take(&self) -> bool {
        self.rung.swap(false, Ordering::SeqCst)
    }

    fn outer(&self) -> std::sync::MutexGuard<'_, Waker> {
        self.outer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        let outer = self.outer().clone();
        outer.wake();
    }
}

/// A future with a bell of its own, as if it were a task.
pub(crate) struct Apart<F> {
    future: F,
    bell: Arc<Bell>,
}

impl<F> Apart<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future, bell: Bell::new() }
    }
}

impl<F: Future + Unpin> Future for Apart<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.bell.pass_on_to(cx.waker());
        if !self.bell.take() {
            return Poll::Pending;
        }
        let waker = Waker::from(self.bell.clone());
        Pin::new(&mut self.future).poll(&mut Context::from_waker(&waker))
    }
}
