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
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::{Arc, AtomicBool, AtomicU64, Mutex, MutexGuard, Ordering, PoisonError, under_lock};

/// The tasks that wait for one thing to happen.
#[derive(Debug, Default)]
pub struct Waiters {
    /// The number of who has the place with index 0, zero if nobody has: changed under the lock, and looked at without
    /// it by who has a number. A number that is still there is that of somebody who is woken by the next
    /// [`wake_all`](Self::wake_all), whoever sees it how late; one that is gone was woken, and sees that when it runs.
    first: AtomicU64,
    list: Mutex<List>,
}

#[derive(Debug, Default)]
struct List {
    /// The place with index 0: mostly one task waits, and that needs no allocation.
    first: Option<(u64, Waker)>,
    /// The places from index 1 on.
    more: Vec<Option<(u64, Waker)>>,
    /// The indices of those that are free.
    free: Vec<usize>,
    registered: u64,
}

/// One task's place among the waiters, until it is woken or leaves.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    index: usize,
    /// Tells a place that was freed and taken again by somebody else.
    number: u64,
    /// The waker there: where its data and its functions are.
    waker: (usize, usize),
}

impl Key {
    fn new(index: usize, number: u64, waker: &Waker) -> Self {
        Self { index, number, waker: places_of(waker) }
    }
}

/// What [`Waker::will_wake`] compares.
fn places_of(waker: &Waker) -> (usize, usize) {
    (waker.data().addr(), std::ptr::from_ref(waker.vtable()).addr())
}

impl Waiters {
    /// Lets `waker` be woken by the next [`wake_all`](Self::wake_all). Look at what is waited for after
    /// this, not before: else what happens in between wakes nobody.
    pub fn register(&self, key: &mut Option<Key>, waker: &Waker) {
        under_lock::assert_none();
        // The waker that is there is kept by being there, so no other has its data.
        if key.is_some_and(|key| key.waker == places_of(waker) && self.holds(key)) {
            return;
        }
        let waker = waker.clone();
        let old = {
            let mut list = self.lock();
            if let Some(key) = key
                && let Some((_, place)) = list.slot(*key)
            {
                key.waker = places_of(&waker);
                Some(std::mem::replace(place, waker))
            } else {
                let inserted = list.insert(waker);
                if inserted.index == 0 {
                    self.first.store(inserted.number, Ordering::SeqCst);
                }
                *key = Some(inserted);
                None
            }
        };
        drop(old);
    }

    /// Returns whether it has its place still.
    fn holds(&self, key: Key) -> bool {
        match key.index {
            0 => self.first.load(Ordering::SeqCst) == key.number,
            _ => self.lock().slot(key).is_some(),
        }
    }

    /// Leaves. A key that was woken has left already. To be called by the drop of what registered.
    pub fn deregister(&self, key: &mut Option<Key>) {
        if let Some(key) = key.take() {
            let old = {
                let mut list = self.lock();
                let old = list.remove(key);
                if old.is_some() && key.index == 0 {
                    self.first.store(0, Ordering::SeqCst);
                }
                old
            };
            drop(old);
        }
    }

    /// Wakes everybody who is registered now.
    pub fn wake_all(&self) {
        let (first, more) = {
            let mut list = self.lock();
            list.free.clear();
            let first = list.first.take();
            if first.is_some() {
                self.first.store(0, Ordering::SeqCst);
            }
            (first, std::mem::take(&mut list.more))
        };
        if let Some((_, waker)) = first {
            wake(waker);
        }
        if !more.is_empty() {
            more.into_iter().flatten().for_each(|(_, waker)| wake(waker));
        }
    }

    /// How many tasks wait.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let list = self.lock();
        list.first.iter().chain(list.more.iter().flatten()).count()
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        under_lock::assert_none();
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A waker that panics is its task's trouble, not that of those who are woken after it.
fn wake(waker: Waker) {
    let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
}

/// A place for one value, and the task that waits for it: how a caller gets its lease or its answer.
///
/// Whoever waits calls [`poll_take`](Self::poll_take), and [`leave`](Self::leave) when it is dropped.
pub struct Slot<T> {
    held: Mutex<Held<T>>,
}

struct Held<T> {
    value: Option<T>,
    /// Who waits for it.
    task: Option<Waker>,
}

impl<T> Slot<T> {
    /// A place with nothing in it.
    pub fn new() -> Self {
        Self { held: Mutex::new(Held { value: None, task: None }) }
    }

    /// Puts the value there and wakes who waits for it.
    pub fn put(&self, value: T) {
        let (old, task) = {
            let mut held = self.lock();
            (held.value.replace(value), held.task.take())
        };
        drop(old);
        if let Some(task) = task {
            wake(task);
        }
    }

    /// The value, if it is there and nobody has taken it.
    pub fn take(&self) -> Option<T> {
        self.lock().value.take()
    }

    /// The value, once it is there. `key` is the waiting task's place, `None` at first.
    pub fn poll_take(&self, key: &mut Option<Key>, cx: &mut Context<'_>) -> Poll<T> {
        let polled = self.poll_keyless(cx);
        *key = polled.is_pending().then_some(Key { index: 0, number: 0, waker: (0, 0) });
        polled
    }

    /// [`poll_take`](Self::poll_take) for who knows that it waits, and [leaves](Self::leave_keyless) then.
    pub(crate) fn poll_keyless(&self, cx: &mut Context<'_>) -> Poll<T> {
        let mut waker = None;
        // Once more with a waker at hand, if one is wanted: it is not cloned under the lock.
        loop {
            let mut held = self.lock();
            if let Some(value) = held.value.take() {
                let task = held.task.take();
                drop(held);
                drop((task, waker));
                return Poll::Ready(value);
            }
            if held.task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            if let Some(waker) = waker.take() {
                let old = held.task.replace(waker);
                drop(held);
                drop(old);
                return Poll::Pending;
            }
            drop(held);
            waker = Some(cx.waker().clone());
        }
    }

    /// Waits no more.
    pub fn leave(&self, key: &mut Option<Key>) {
        if key.take().is_some() {
            self.leave_keyless();
        }
    }

    pub(crate) fn leave_keyless(&self) {
        let task = self.lock().task.take();
        drop(task);
    }

    fn lock(&self) -> MutexGuard<'_, Held<T>> {
        under_lock::assert_none();
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn place(&mut self, index: usize) -> Option<&mut Option<(u64, Waker)>> {
        match index.checked_sub(1) {
            None => Some(&mut self.first),
            Some(index) => self.more.get_mut(index),
        }
    }

    fn slot(&mut self, key: Key) -> Option<&mut (u64, Waker)> {
        let slot = self.place(key.index)?.as_mut()?;
        (slot.0 == key.number).then_some(slot)
    }

    fn insert(&mut self, waker: Waker) -> Key {
        self.registered = self.registered.wrapping_add(1);
        let key = Key::new(self.vacant(), self.registered, &waker);
        let Key { index, number, .. } = key;
        match self.place(index) {
            Some(place) => *place = Some((number, waker)),
            None => self.more.push(Some((number, waker))),
        }
        key
    }

    /// The index of a place that is free, or the next one.
    fn vacant(&mut self) -> usize {
        if self.first.is_none() {
            return 0;
        }
        self.free.pop().unwrap_or_else(|| self.more.len().saturating_add(1))
    }

    fn remove(&mut self, key: Key) -> Option<Waker> {
        self.slot(key)?;
        let (_, waker) = self.place(key.index)?.take()?;
        if key.index > 0 {
            self.free.push(key.index);
        }
        Some(waker)
    }
}

/// Wakes a task, and remembers that it did: tells the task which of the things it looks after has something to do.
pub(crate) struct Noted {
    woken: AtomicBool,
    task: Waker,
}

impl Noted {
    /// As if it had been woken: what is polled for the first time, or with another waker, has to look.
    fn new(task: &Waker) -> Arc<Self> {
        Arc::new(Self { woken: AtomicBool::new(true), task: task.clone() })
    }

    /// That of `task`, and the waker to poll with: the same as last time, if the task's waker is.
    pub(crate) fn of<'a>(known: &'a mut Option<(Arc<Self>, Waker)>, task: &Waker) -> &'a (Arc<Self>, Waker) {
        if known.as_ref().is_some_and(|(noted, _)| !noted.task.will_wake(task)) {
            *known = None;
        }
        known.get_or_insert_with(|| {
            let noted = Self::new(task);
            (noted.clone(), Waker::from(noted))
        })
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::SeqCst)
    }

    /// Returns whether the task was woken since the last look.
    pub(crate) fn take(&self) -> bool {
        self.woken.swap(false, Ordering::SeqCst)
    }

    /// Notes it as woken, for the task that runs and will look.
    pub(crate) fn note(&self) {
        self.woken.store(true, Ordering::SeqCst);
    }
}

impl Wake for Noted {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.note();
        self.task.wake_by_ref();
    }
}

#[cfg(test)]
mod tests;
