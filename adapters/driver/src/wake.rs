//! All wake-ups there are.
//!
//! A waker is somebody else's code: waking, cloning or dropping it may run a task, or drop one that
//! comes back here. So none of the three ever happens under a lock, not even under the list's own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

use crate::sync::{Mutex, MutexGuard, PoisonError};

/// The tasks that wait for one thing to happen.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    list: Mutex<List>,
}

#[derive(Debug, Default)]
struct List {
    slots: Vec<Option<(u64, Waker)>>,
    free: Vec<usize>,
    registered: u64,
}

/// One task's place among the waiters, until it is woken or leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    index: usize,
    /// Tells a place that was freed and taken again by somebody else.
    number: u64,
}

impl Waiters {
    /// Lets `waker` be woken by the next [`wake_all`](Self::wake_all). Look at what is waited for after
    /// this, not before: else what happens in between wakes nobody.
    pub(crate) fn register(&self, key: &mut Option<Key>, waker: &Waker) {
        let waker = waker.clone();
        let old = {
            let mut list = self.lock();
            if let Some((_, place)) = key.and_then(|key| list.slot(key)) {
                Some(std::mem::replace(place, waker))
            } else {
                *key = Some(list.insert(waker));
                None
            }
        };
        drop(old);
    }

    /// Leaves; a key that was woken has left already.
    pub(crate) fn deregister(&self, key: &mut Option<Key>) {
        if let Some(key) = key.take() {
            let old = self.lock().remove(key);
            drop(old);
        }
    }

    /// Wakes everybody who is registered now.
    pub(crate) fn wake_all(&self) {
        let slots = {
            let mut list = self.lock();
            list.free.clear();
            std::mem::take(&mut list.slots)
        };
        for (_, waker) in slots.into_iter().flatten() {
            // A waker that panics is its task's trouble, not that of those behind it.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }

    /// How many tasks wait.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.lock().slots.iter().flatten().count()
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl List {
    fn slot(&mut self, key: Key) -> Option<&mut (u64, Waker)> {
        let slot = self.slots.get_mut(key.index)?.as_mut()?;
        (slot.0 == key.number).then_some(slot)
    }

    fn insert(&mut self, waker: Waker) -> Key {
        self.registered = self.registered.wrapping_add(1);
        let number = self.registered;
        let index = self.free.pop().unwrap_or(self.slots.len());
        match self.slots.get_mut(index) {
            Some(slot) => *slot = Some((number, waker)),
            None => self.slots.push(Some((number, waker))),
        }
        Key { index, number }
    }

    fn remove(&mut self, key: Key) -> Option<Waker> {
        self.slot(key)?;
        let (_, waker) = self.slots.get_mut(key.index)?.take()?;
        self.free.push(key.index);
        Some(waker)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn counter() -> (Arc<Counter>, Waker) {
        let counter = Arc::new(Counter::default());
        (counter.clone(), Waker::from(counter))
    }

    #[test]
    fn a_task_that_polls_again_is_woken_once() {
        let (count, waker) = counter();
        let waiters = Waiters::default();
        let mut key = None;
        waiters.register(&mut key, &waker);
        waiters.register(&mut key, &waker);
        assert_eq!(waiters.len(), 1);
        waiters.wake_all();
        waiters.wake_all();
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_task_that_left_is_not_woken_and_its_place_is_used_again() {
        let (count, waker) = counter();
        let waiters = Waiters::default();
        let (mut first, mut second) = (None, None);
        waiters.register(&mut first, &waker);
        waiters.deregister(&mut first);
        waiters.register(&mut second, &waker);
        assert_eq!(waiters.lock().slots.len(), 1);
        waiters.deregister(&mut second);
        waiters.wake_all();
        assert_eq!(count.0.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn an_old_key_never_removes_somebody_else() {
        let (_, waker) = counter();
        let waiters = Waiters::default();
        let mut woken = None;
        waiters.register(&mut woken, &waker);
        waiters.wake_all();
        let mut other = None;
        waiters.register(&mut other, &waker);
        waiters.deregister(&mut woken);
        assert_eq!(waiters.len(), 1);
    }

    /// A waker whose drop comes back to the list it was in.
    struct Reentrant(Arc<Waiters>);

    impl Wake for Reentrant {
        fn wake(self: Arc<Self>) {
            self.0.wake_all();
        }
    }

    impl Drop for Reentrant {
        fn drop(&mut self) {
            self.0.wake_all();
        }
    }

    #[test]
    fn wakers_may_come_back_to_the_list() {
        let waiters = Arc::new(Waiters::default());
        let mut key = None;
        waiters.register(&mut key, &Waker::from(Arc::new(Reentrant(waiters.clone()))));
        waiters.register(&mut key, &Waker::from(Arc::new(Reentrant(waiters.clone()))));
        waiters.wake_all();
        waiters.register(&mut key, &Waker::from(Arc::new(Reentrant(waiters.clone()))));
        waiters.deregister(&mut key);
    }
}
