//! What is known of a child by others, when its output is read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// When nobody is left to write: the end of the pipe is at hand, the thread has only to see it.
const AT_HAND: Duration = Duration::from_millis(500);

/// When it is asked what the child has said by now: the thread reads what is there as soon as it is its turn.
const ON_ITS_WAY: Duration = Duration::from_millis(20);

/// For how long a reader waits in place for the thread that reads. Shared by the pipes of one child.
#[derive(Debug, Default)]
pub(super) struct Directly {
    over: AtomicBool,
    asked: AtomicBool,
}

impl Directly {
    /// Nobody of the tree is left.
    pub(super) fn is_over(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// Somebody wants to know what the child has said by now.
    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
    }

    /// `answered` says that this pipe has waited for that already.
    pub(super) fn patience(&self, answered: &mut bool) -> Option<Duration> {
        if self.over.load(Ordering::SeqCst) {
            return Some(AT_HAND);
        }
        let asked = self.asked.load(Ordering::SeqCst) && !std::mem::replace(answered, true);
        asked.then_some(ON_ITS_WAY)
    }
}
