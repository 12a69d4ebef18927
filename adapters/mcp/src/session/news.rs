//! Progress on its way from the runner to the caller of one call, under a lock of its own: a slow caller costs itself
//! some of the reports, and neither time nor memory of anybody else.

use std::collections::VecDeque;
use std::task::Waker;

use tenure_driver::sync::{Mutex, MutexGuard, PoisonError};
use tenure_driver::wake::{Key, Waiters};
use tenure_mcp_proto::types::Progress;

/// So much progress of one call is kept for a caller who doesn't look: reports, and bytes of them.
const MOST_REPORTS: usize = 64;
const MOST_REPORT_BYTES: usize = 64 * 1024;

/// Progress of one call that its caller has not taken yet.
#[derive(Default)]
pub(crate) struct News {
    reports: Mutex<Reports>,
    waiters: Waiters,
}

/// What was told of a call's progress since the caller looked, in order.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    pub(crate) progress: VecDeque<Progress>,
    /// How many were dropped before those, since the caller looked too late.
    pub(crate) missed: u64,
    bytes: usize,
}

impl Reports {
    /// Keeps it; what is the oldest goes when it is too much.
    fn push(&mut self, progress: Progress) {
        self.bytes = self.bytes.saturating_add(progress.raw.get().len());
        self.progress.push_back(progress);
        while self.progress.len() > 1
            && (self.progress.len() > MOST_REPORTS || self.bytes > MOST_REPORT_BYTES)
        {
            let oldest = self.progress.pop_front().map_or(0, |oldest| oldest.raw.get().len());
            self.bytes = self.bytes.saturating_sub(oldest);
            self.missed = self.missed.saturating_add(1);
        }
    }
}

impl News {
    /// To be called without any lock.
    pub(crate) fn tell(&self, progress: Progress) {
        self.lock().push(progress);
        self.waiters.wake_all();
    }

    /// What came since it was called last.
    pub(crate) fn take(&self) -> Reports {
        std::mem::take(&mut *self.lock())
    }

    pub(crate) fn register(&self, key: &mut Option<Key>, caller: &Waker) {
        self.waiters.register(key, caller);
    }

    pub(crate) fn deregister(&self, key: &mut Option<Key>) {
        self.waiters.deregister(key);
    }

    fn lock(&self) -> MutexGuard<'_, Reports> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Wake;

    use super::*;

    struct Caller;

    impl Wake for Caller {
        fn wake(self: Arc<Self>) {}
    }

    #[test]
    fn a_caller_who_waits_for_progress_no_more_is_let_go() {
        let (news, caller) = (News::default(), Arc::new(Caller));
        let mut key = None;
        news.register(&mut key, &caller.clone().into());
        assert_eq!(Arc::strong_count(&caller), 2);
        news.deregister(&mut key);
        assert_eq!(Arc::strong_count(&caller), 1);
    }
}
