//! All wake-ups there are: of callers, of the driver, and of what a protocol crate builds beside them.
//!
//! A waker is somebody else's code: waking, cloning or dropping it may run a task, or drop one that
//! comes back here. So none of the three ever happens under a lock, not even under the list's own.
//!
//! A future that waits registers first and looks second; what changes the thing looked at changes it first
//! and wakes second. In that order no wake-up is lost:
//!
//! ```
//! use std::pin::Pin;
//! use std::sync::atomic::{AtomicBool, Ordering};
//! use std::task::{Context, Poll};
//! use tenure_driver::wake::{Key, Waiters};
//!
//! struct Wait<'a> {
//!     door: &'a (AtomicBool, Waiters),
//!     key: Option<Key>,
//! }
//!
//! impl Future for Wait<'_> {
//!     type Output = ();
//!
//!     fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
//!         let this = &mut *self;
//!         this.door.1.register(&mut this.key, cx.waker());
//!         if this.door.0.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending }
//!     }
//! }
//!
//! impl Drop for Wait<'_> {
//!     fn drop(&mut self) {
//!         self.door.1.deregister(&mut self.key);
//!     }
//! }
//!
//! let door = (AtomicBool::new(false), Waiters::default());
//! let wait = Wait { door: &door, key: None };
//! door.0.store(true, Ordering::SeqCst);
//! door.1.wake_all();
//! futures_lite::future::block_on(wait);
//! ```

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};

use crate::sync::{Mutex, MutexGuard, PoisonError, under_lock};

/// The tasks that wait for one thing to happen.
#[derive(Debug, Default)]
pub struct Waiters {
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
pub struct Key {
    index: usize,
    /// Tells a place that was freed and taken again by somebody else.
    number: u64,
}

impl Waiters {
    /// Lets `waker` be woken by the next [`wake_all`](Self::wake_all). Look at what is waited for after
    /// this, not before: else what happens in between wakes nobody.
    pub fn register(&self, key: &mut Option<Key>, waker: &Waker) {
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

    /// Leaves. A key that was woken has left already. To be called by the drop of what registered.
    pub fn deregister(&self, key: &mut Option<Key>) {
        if let Some(key) = key.take() {
            let old = self.lock().remove(key);
            drop(old);
        }
    }

    /// Wakes everybody who is registered now.
    pub fn wake_all(&self) {
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
        under_lock::assert_none();
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place for one value, and the task that waits for it: how a caller gets its lease or its answer.
///
/// Whoever waits calls [`poll_take`](Self::poll_take), and [`leave`](Self::leave) when it is dropped.
pub struct Slot<T> {
    value: Mutex<Option<T>>,
    waiters: Waiters,
}

impl<T> Slot<T> {
    /// A place with nothing in it.
    pub fn new() -> Self {
        Self { value: Mutex::new(None), waiters: Waiters::default() }
    }

    /// Puts the value there and wakes who waits for it.
    pub fn put(&self, value: T) {
        let old = self.lock().replace(value);
        drop(old);
        self.waiters.wake_all();
    }

    /// The value, if it is there and nobody has taken it.
    pub fn take(&self) -> Option<T> {
        self.lock().take()
    }

    /// The value, once it is there. `key` is the waiting task's place, `None` at first.
    pub fn poll_take(&self, key: &mut Option<Key>, cx: &mut Context<'_>) -> Poll<T> {
        self.waiters.register(key, cx.waker());
        let Some(value) = self.take() else {
            return Poll::Pending;
        };
        self.waiters.deregister(key);
        Poll::Ready(value)
    }

    /// Waits no more.
    pub fn leave(&self, key: &mut Option<Key>) {
        self.waiters.deregister(key);
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        under_lock::assert_none();
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
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
