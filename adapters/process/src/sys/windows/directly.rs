//! What is known of a child by others, when its output is read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// When nobody is left to write: the end of the pipe is at hand, the thread has only to see it. In all, for each pipe:
/// where it isn't, somebody outside of the tree holds the other end, for as long as they like.
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

    /// For how long a pipe is to wait just now, that has waited so far as `waited` says.
    pub(super) fn patience(&self, waited: &mut Waited) -> Option<Duration> {
        if self.over.load(Ordering::SeqCst) {
            return AT_HAND.checked_sub(waited.at_end).filter(|left| !left.is_zero());
        }
        let asked = self.asked.load(Ordering::SeqCst) && !std::mem::replace(&mut waited.answered, true);
        asked.then_some(ON_ITS_WAY)
    }

    /// The pipe has waited, for so long.
    pub(super) fn has_waited(&self, time: Duration, waited: &mut Waited) {
        if self.over.load(Ordering::SeqCst) {
            waited.at_end = waited.at_end.saturating_add(time);
        }
    }
}

/// How one pipe has waited by now.
#[derive(Debug, Default)]
pub(super) struct Waited {
    /// For what the child had said when it was asked.
    answered: bool,
    /// Since nobody of the tree was left.
    at_end: Duration,
}
