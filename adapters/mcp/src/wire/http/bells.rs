//! One waker for each of many futures that one task polls, so that only what was woken is polled.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
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

/// Nothing has happened since its future was polled.
const QUIET: u8 = 0;
/// Its future is being polled.
const POLLED: u8 = 1;
/// Its future is worth polling.
const RUNG: u8 = 2;

/// The bell of one future. It rings once, until its future is [polled](Self::poll) again.
///
/// What rings while its future is polled wakes nobody: whoever polls it hears that, and looks again before it rests.
pub(super) struct Bell {
    ringer: Ringer,
    state: AtomicU8,
    bells: Arc<Bells>,
}

impl Bell {
    pub(super) fn new(ringer: Ringer, bells: &Arc<Bells>) -> Arc<Self> {
        Arc::new(Self { ringer, state: AtomicU8::new(QUIET), bells: bells.clone() })
    }

    /// Polls its future: what happens from now on rings again.
    pub(super) fn poll<T>(&self, poll: impl FnOnce() -> T) -> T {
        self.state.store(POLLED, Ordering::SeqCst);
        let polled = poll();
        let rests = self.state.compare_exchange(POLLED, QUIET, Ordering::SeqCst, Ordering::SeqCst);
        if rests.is_err() {
            self.bells.note(self.ringer);
        }
        polled
    }

    pub(super) fn ring(&self) {
        if self.state.swap(RUNG, Ordering::SeqCst) == QUIET {
            self.bells.ring(self.ringer);
        }
    }

    /// Its future is worth polling, says the task that looks, and looks again before it rests: nobody is woken.
    pub(super) fn note(&self) {
        if self.state.swap(RUNG, Ordering::SeqCst) == QUIET {
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
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn a_bell_rings_once_until_its_future_is_polled() {
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
        one.poll(|| {});
        one.note();
        one.ring();
        assert_eq!((bells.next(), bells.next()), (Some(Ringer::Hook), None));
    }

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn what_rings_while_it_is_polled_is_heard_by_who_polls_and_wakes_nobody() {
        let bells = Arc::new(Bells::default());
        let bell = Bell::new(Ringer::Hook, &bells);
        let (woken, mut key) = (Arc::new(Woken::default()), None);
        bells.register(&mut key, &Waker::from(woken.clone()));
        bell.poll(|| {
            bell.ring();
            bell.ring();
            bell.note();
            assert_eq!(bells.next(), None, "it is being polled");
        });
        assert_eq!((bells.next(), bells.next()), (Some(Ringer::Hook), None));
        bell.poll(|| {});
        assert_eq!((bells.next(), woken.0.load(Ordering::SeqCst)), (None, 0));
        bell.ring();
        assert_eq!((bells.next(), woken.0.load(Ordering::SeqCst)), (Some(Ringer::Hook), 1));
        bells.deregister(&mut key);
    }
}
