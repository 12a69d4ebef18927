//! A caller, polled by hand.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A caller's future, polled by hand.
pub(crate) struct Call<'a, T>(Pin<Box<dyn Future<Output = T> + 'a>>);

impl<'a, T> Call<'a, T> {
    pub(crate) fn new(future: impl IntoFuture<Output = T, IntoFuture: 'a>) -> Self {
        Self(Box::pin(future.into_future()))
    }

    /// A call that was made and waits.
    #[track_caller]
    pub(crate) fn begun(future: impl IntoFuture<Output = T, IntoFuture: 'a>) -> Self {
        let mut call = Self::new(future);
        assert!(call.poll().is_none(), "it has completed already");
        call
    }

    pub(crate) fn poll(&mut self) -> Option<T> {
        self.poll_with(Waker::noop())
    }

    pub(crate) fn poll_with(&mut self, waker: &Waker) -> Option<T> {
        match self.0.as_mut().poll(&mut Context::from_waker(waker)) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }
}
