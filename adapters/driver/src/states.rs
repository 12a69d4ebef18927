//! The state as a stream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::Stream;
use tenure::Status;

use crate::shared::Shared;
use crate::sync::Arc;
use crate::wake::Key;

/// The state now and after each change, the latest only; it ends after [`Status::Closed`].
///
/// ```
/// # async fn f(client: tenure_driver::Client<u32>) {
/// use futures_lite::StreamExt as _;
///
/// let mut states = client.states().without_leases();
/// while let Some(status) = states.next().await {
///     println!("{}", status.name()); // not for each lease that comes and goes
/// }
/// # }
/// ```
///
/// # Cancel safety
/// A `next` that is dropped before it completes takes no state away.
#[must_use = "streams do nothing unless polled"]
pub struct States<H> {
    shared: Arc<Shared<H>>,
    /// The change that was seen last; `None` before the first look.
    seen: Option<u64>,
    has_ended: bool,
    /// Only how many leases are held is no change.
    without_leases: bool,
    key: Option<Key>,
}

impl<H> States<H> {
    pub(crate) const fn new(shared: Arc<Shared<H>>) -> Self {
        Self { shared, seen: None, has_ended: false, without_leases: false, key: None }
    }

    /// The same without a state for each lease that comes or goes. The number of leases in a state is that of the
    /// moment in which it is looked at.
    pub fn without_leases(mut self) -> Self {
        self.without_leases = true;
        self
    }
}

impl<H> Stream for States<H> {
    type Item = Status;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Status>> {
        let this = &mut *self;
        if this.has_ended {
            return Poll::Ready(None);
        }
        this.shared.changed.register(&mut this.key, cx.waker());
        let (seen, without_leases) = (this.seen, this.without_leases);
        let new = this.shared.set(|inner| {
            let version = if without_leases { inner.moves } else { inner.version };
            if seen == Some(version) {
                inner.leases_watched |= !without_leases;
                return None;
            }
            Some((version, inner.session.status()))
        });
        let Some((version, status)) = new else {
            return Poll::Pending;
        };
        this.seen = Some(version);
        this.has_ended = status.is_closed();
        this.shared.changed.deregister(&mut this.key);
        Poll::Ready(Some(status))
    }
}

impl<H> Drop for States<H> {
    fn drop(&mut self) {
        self.shared.changed.deregister(&mut self.key);
    }
}

impl<H> fmt::Debug for States<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").field("seen", &self.seen).finish_non_exhaustive()
    }
}
