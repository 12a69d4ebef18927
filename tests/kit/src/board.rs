//! A value that tasks wait on: what gates, clock and log are made of.

use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A value, and the tasks that wait for it to become something.
#[derive(Debug, Default)]
pub(crate) struct Board<T> {
    inner: Mutex<Inner<T>>,
}

#[derive(Debug, Default)]
struct Inner<T> {
    value: T,
    wakers: Vec<Waker>,
}

impl<T> Board<T> {
    /// Changes the value, and lets everybody who waits look at it again.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let (result, wakers) = {
            let mut inner = self.lock();
            (change(&mut inner.value), std::mem::take(&mut inner.wakers))
        };
        wakers.into_iter().for_each(Waker::wake);
        result
    }

    pub(crate) fn look<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.lock().value)
    }

    /// What `found` says of the value, as soon as it says something.
    pub(crate) async fn until<R>(&self, mut found: impl FnMut(&T) -> Option<R>) -> R {
        poll_fn(|cx| self.poll(cx, &mut found)).await
    }

    fn poll<R>(&self, cx: &mut Context<'_>, found: &mut impl FnMut(&T) -> Option<R>) -> Poll<R> {
        let waker = cx.waker().clone();
        let mut inner = self.lock();
        if let Some(result) = found(&inner.value) {
            return Poll::Ready(result);
        }
        if !inner.wakers.iter().any(|known| known.will_wake(&waker)) {
            inner.wakers.push(waker);
        }
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
