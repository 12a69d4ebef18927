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
/// # Cancel safety
/// A `next` that is dropped before it completes takes no state away.
#[must_use = "streams do nothing unless polled"]
pub struct States<H> {
    shared: Arc<Shared<H>>,
    /// The change that was seen last; `None` before the first look.
    seen: Option<u64>,
    over: bool,
    key: Option<Key>,
}

impl<H> States<H> {
    pub(crate) const fn new(shared: Arc<Shared<H>>) -> Self {
        Self { shared, seen: None, over: false, key: None }
    }
}

impl<H> Stream for States<H> {
    type Item = Status;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Status>> {
        let this = &mut *self;
        if this.over {
            return Poll::Ready(None);
        }
        this.shared.changed.register(&mut this.key, cx.waker());
        let (version, status) = this.shared.look(|inner| (inner.version, inner.session.status()));
        if this.seen == Some(version) {
            return Poll::Pending;
        }
        this.seen = Some(version);
        this.over = matches!(status, Status::Closed { .. });
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
