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
use std::num::NonZeroU64;
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
    first: Option<Waker>,
    /// In a box: there are many lists, and few of them ever have it.
    more: Option<Box<More>>,
    registered: u64,
}

/// The places from index 1 on.
#[derive(Debug, Default)]
struct More {
    places: Vec<Option<(NonZeroU64, Waker)>>,
    /// Which of them are free.
    free: Vec<usize>,
}

/// One task's place among the waiters, until it is woken or leaves.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    index: usize,
    /// Tells a place that was freed and taken again by somebody else.
    number: NonZeroU64,
    /// The waker there: where its data and its functions are.
    waker: (usize, usize),
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
                && let Some(place) = self.place(&mut list, *key)
            {
                key.waker = places_of(&waker);
                Some(std::mem::replace(place, waker))
            } else {
                *key = Some(self.insert(&mut list, waker));
                None
            }
        };
        drop(old);
    }

    /// Returns whether it has its place still.
    fn holds(&self, key: Key) -> bool {
        match key.index {
            0 => self.first.load(Ordering::SeqCst) == key.number.get(),
            _ => self.place(&mut self.lock(), key).is_some(),
        }
    }

    /// Leaves. A key that was woken has left already. To be called by the drop of what registered.
    pub fn deregister(&self, key: &mut Option<Key>) {
        if let Some(key) = key.take() {
            let old = self.remove(&mut self.lock(), key);
            drop(old);
        }
    }

    /// Wakes everybody who is registered now.
    pub fn wake_all(&self) {
        let (first, more) = {
            let mut list = self.lock();
            let first = list.first.take();
            if first.is_some() {
                self.first.store(0, Ordering::SeqCst);
            }
            (first, list.more.take())
        };
        if let Some(waker) = first {
            wake(waker);
        }
        if let Some(more) = more {
            more.places.into_iter().flatten().for_each(|(_, waker)| wake(waker));
        }
    }

    /// The waker in a place that nobody else has taken since.
    fn place<'l>(&self, list: &'l mut List, key: Key) -> Option<&'l mut Waker> {
        match key.index.checked_sub(1) {
            None => list.first.as_mut().filter(|_| self.first.load(Ordering::SeqCst) == key.number.get()),
            Some(place) => list.more.as_mut()?.place(place, key.number),
        }
    }

    fn insert(&self, list: &mut List, waker: Waker) -> Key {
        list.registered = list.registered.wrapping_add(1);
        let number = NonZeroU64::new(list.registered).unwrap_or(NonZeroU64::MAX);
        let waker_of_key = places_of(&waker);
        let index = if list.first.is_none() {
            list.first = Some(waker);
            self.first.store(number.get(), Ordering::SeqCst);
            0
        } else {
            list.more.get_or_insert_default().insert(number, waker).saturating_add(1)
        };
        Key { index, number, waker: waker_of_key }
    }

    fn remove(&self, list: &mut List, key: Key) -> Option<Waker> {
        self.place(list, key)?;
        match key.index.checked_sub(1) {
            None => {
                self.first.store(0, Ordering::SeqCst);
                list.first.take()
            }
            Some(place) => list.more.as_mut()?.remove(place),
        }
    }

    /// How many tasks wait.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let list = self.lock();
        let more = list.more.iter().flat_map(|more| more.places.iter().flatten()).count();
        usize::from(list.first.is_some()).saturating_add(more)
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
        *key = polled.is_pending().then_some(Key { index: 0, number: NonZeroU64::MIN, waker: (0, 0) });
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

impl More {
    fn place(&mut self, place: usize, number: NonZeroU64) -> Option<&mut Waker> {
        let (there, waker) = self.places.get_mut(place)?.as_mut()?;
        (*there == number).then_some(waker)
    }

    /// Returns the place that it has.
    fn insert(&mut self, number: NonZeroU64, waker: Waker) -> usize {
        let place = self.free.pop().unwrap_or(self.places.len());
        match self.places.get_mut(place) {
            Some(vacant) => *vacant = Some((number, waker)),
            None => self.places.push(Some((number, waker))),
        }
        place
    }

    fn remove(&mut self, place: usize) -> Option<Waker> {
        let (_, waker) = self.places.get_mut(place)?.take()?;
        self.free.push(place);
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
