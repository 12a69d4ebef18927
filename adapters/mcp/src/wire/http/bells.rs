//! One waker for each of many futures that one task polls, so that only what was woken is polled.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use tenure_driver::wake::{Key, Waiters};
use tenure_mcp_proto::http::ExchangeId;

/// Who rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ringer {
    /// This exchange is worth polling.
    Exchange(ExchangeId),
    /// What was asked of the credentials is.
    Hook,
    /// The session is to end now.
    Hurry,
}

/// All that rang, in the order in which it did, and the task that looks.
#[derive(Default)]
pub(super) struct Bells {
    rung: Mutex<VecDeque<Ringer>>,
    carrier: Waiters,
}

impl Bells {
    /// Lets the next bell wake the task. To be called before [`next`](Self::next).
    pub(super) fn register(&self, key: &mut Option<Key>, waker: &Waker) {
        self.carrier.register(key, waker);
    }

    pub(super) fn deregister(&self, key: &mut Option<Key>) {
        self.carrier.deregister(key);
    }

    pub(super) fn ring(&self, ringer: Ringer) {
        self.note(ringer);
        self.carrier.wake_all();
    }

    /// The same by the task that looks, which looks again before it rests: it isn't woken.
    fn note(&self, ringer: Ringer) {
        self.lock().push_back(ringer);
    }

    /// Who rang first.
    pub(super) fn next(&self) -> Option<Ringer> {
        self.lock().pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Ringer>> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bell of one future. It rings once, until it is [hung up](Self::hang_up) again.
pub(super) struct Bell {
    ringer: Ringer,
    has_rung: AtomicBool,
    bells: Arc<Bells>,
}

impl Bell {
    pub(super) fn new(ringer: Ringer, bells: &Arc<Bells>) -> Arc<Self> {
        Arc::new(Self { ringer, has_rung: AtomicBool::new(false), bells: bells.clone() })
    }

    /// Its future is about to be polled: what happens from now on rings again.
    pub(super) fn hang_up(&self) {
        self.has_rung.store(false, Ordering::SeqCst);
    }

    pub(super) fn ring(&self) {
        if !self.has_rung.swap(true, Ordering::SeqCst) {
            self.bells.ring(self.ringer);
        }
    }

    /// Its future is worth polling, says the task that looks, and looks again before it rests: nobody is woken.
    pub(super) fn note(&self) {
        if !self.has_rung.swap(true, Ordering::SeqCst) {
            self.bells.note(self.ringer);
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_rings_once_until_it_is_hung_up() {
        let bells = Arc::new(Bells::default());
        let (one, other) = (Bell::new(Ringer::Hook, &bells), Bell::new(Ringer::Hurry, &bells));
        Waker::from(one.clone()).wake_by_ref();
        other.ring();
        Waker::from(one.clone()).wake();
        assert_eq!(
            (bells.next(), bells.next(), bells.next()),
            (Some(Ringer::Hook), Some(Ringer::Hurry), None)
        );
        one.ring();
        assert_eq!(bells.next(), None, "nobody has looked yet");
        one.hang_up();
        one.note();
        one.ring();
        assert_eq!((bells.next(), bells.next()), (Some(Ringer::Hook), None));
    }
}
