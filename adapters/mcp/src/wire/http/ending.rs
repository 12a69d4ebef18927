//! That all is over: said once, by the carrier to the peer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tenure_driver::wake::{Key, Waiters};

#[derive(Default)]
pub(super) struct Ending {
    has_come: AtomicBool,
    waiters: Waiters,
}

impl Ending {
    pub(super) fn come(&self) {
        if !self.has_come.swap(true, Ordering::SeqCst) {
            self.waiters.wake_all();
        }
    }

    /// Completes when it has come.
    pub(super) fn awaited(self: &Arc<Self>) -> Awaited {
        Awaited { ending: self.clone(), key: None }
    }
}

pub(super) struct Awaited {
    ending: Arc<Ending>,
    key: Option<Key>,
}

impl Future for Awaited {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.ending.waiters.register(&mut this.key, cx.waker());
        if this.ending.has_come.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.ending.waiters.deregister(&mut self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::wire::http::bells::{Bell, Bells, Ringer};

    #[test]
    fn who_waits_for_the_end_no_more_is_let_go() {
        let (ending, waits) =
            (Arc::new(Ending::default()), Bell::new(Ringer::Hurry, &Arc::new(Bells::default())));
        let mut awaited = Box::pin(ending.awaited());
        assert!(awaited.as_mut().poll(&mut Context::from_waker(&Waker::from(waits.clone()))).is_pending());
        assert_eq!(Arc::strong_count(&waits), 2);
        drop(awaited);
        assert_eq!(Arc::strong_count(&waits), 1);
    }
}
