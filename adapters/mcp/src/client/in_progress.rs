//! A call as a stream of its progress.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_lite::Stream;
use tenure_mcp_proto::types::Progress;

use crate::client::plain::Listener;
use crate::error::Error;
use crate::session::news::Reports;

/// A call as a stream of its progress, which ends when there is a result. From
/// [`Call::with_progress`](crate::Call::with_progress) and [`Request::with_progress`](crate::Request::with_progress).
///
/// ```
/// use tenure_mcp::{Client, Error};
///
/// async fn index(client: &Client) -> Result<String, Error> {
///     let mut call = client.call_tool("index", ()).with_progress();
///     while let Some(progress) = call.next().await {
///         eprintln!("{} {}", progress.progress, progress.message.unwrap_or_default());
///     }
///     Ok(call.result().await?.text())
/// }
/// # let _ = index;
/// ```
///
/// Nothing is lost by a reader that is slow for a while: the last 64 reports are kept for it, and 64 KiB of them.
///
/// # Cancel safety
/// Dropping the future of [`next`](Self::next) loses nothing. Dropping this, or the future of
/// [`result`](Self::result), cancels the call as dropping its own future would.
#[must_use = "nothing is sent until it is polled"]
pub struct InProgress<'a, T> {
    call: Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>,
    result: Option<Result<T, Error>>,
    unread: Arc<Unread>,
}

/// What the call has told that nobody has read yet, and how much was missed. It is polled by whoever reads this, so
/// there is no more of it than a call keeps.
type Unread = Mutex<(VecDeque<Progress>, u64)>;

impl<'a, T> InProgress<'a, T> {
    /// `call` makes the call with that listener.
    pub(crate) fn new(
        call: impl FnOnce(Listener<'a>) -> Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>,
    ) -> Self {
        let unread = Arc::<Unread>::default();
        let kept = unread.clone();
        let listener = move |reports: Reports| {
            let mut kept = lock(&kept);
            kept.0.extend(reports.progress);
            kept.1 = kept.1.saturating_add(reports.missed);
        };
        Self { call: call(Box::new(listener)), result: None, unread }
    }

    /// The next report; `None` when there is a result.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Progress> {
        poll_fn(|cx| self.poll_progress(cx)).await
    }

    /// How many reports were dropped so far because they were not read in time.
    pub fn missed(&self) -> u64 {
        lock(&self.unread).1
    }

    /// The call's result; what is told of its progress until then is passed over.
    ///
    /// # Errors
    /// Those of the call.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call.
    pub async fn result(mut self) -> Result<T, Error> {
        while self.next().await.is_some() {}
        match self.result {
            Some(result) => result,
            None => self.call.await,
        }
    }

    fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<Option<Progress>> {
        let kept = lock(&self.unread).0.pop_front();
        if kept.is_some() || self.result.is_some() {
            return Poll::Ready(kept);
        }
        if let Poll::Ready(result) = self.call.as_mut().poll(cx) {
            self.result = Some(result);
        }
        match lock(&self.unread).0.pop_front() {
            None if self.result.is_none() => Poll::Pending,
            progress => Poll::Ready(progress),
        }
    }
}

fn lock(unread: &Unread) -> MutexGuard<'_, (VecDeque<Progress>, u64)> {
    unread.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Unpin> Stream for InProgress<'_, T> {
    type Item = Progress;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Progress>> {
        self.poll_progress(cx)
    }
}

impl<T> fmt::Debug for InProgress<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_over = self.result.is_some();
        f.debug_struct("InProgress")
            .field("missed", &self.missed())
            .field("is_over", &is_over)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Waker;

    use serde_json::value::RawValue;

    use super::*;

    fn report() -> Reports {
        let mut reports = Reports::default();
        let params = RawValue::from_string(r#"{"progressToken":1,"progress":1}"#.to_owned()).unwrap();
        reports.progress.extend(Progress::read(&params));
        assert_eq!(reports.progress.len(), 1);
        reports
    }

    #[test]
    fn whoever_waits_for_the_result_alone_keeps_no_reports() {
        let call = InProgress::new(|mut listener| {
            Box::pin(async move {
                for _ in 0..1000 {
                    listener(report());
                    futures_lite::future::yield_now().await;
                }
                Ok(7)
            })
        });
        let unread = call.unread.clone();
        let mut result = pin!(call.result());
        let mut cx = Context::from_waker(Waker::noop());
        while result.as_mut().poll(&mut cx).is_pending() {
            assert_eq!(lock(&unread).0.len(), 0);
        }
    }
}
