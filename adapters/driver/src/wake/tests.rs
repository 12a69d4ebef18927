use std::sync::atomic::AtomicUsize;

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
fn a_task_that_polls_again_with_the_same_waker_costs_no_clone() {
    let (count, waker) = counter();
    let (waiters, slot) = (Waiters::default(), Slot::<u32>::new());
    let (mut key, mut place) = (None, None);
    for _ in 0..3 {
        waiters.register(&mut key, &waker);
        assert!(slot.poll_take(&mut place, &mut Context::from_waker(&waker)).is_pending());
        assert_eq!(Arc::strong_count(&count), 4, "its own two, and one in each");
    }
    let (other, another) = counter();
    waiters.register(&mut key, &another);
    assert!(slot.poll_take(&mut place, &mut Context::from_waker(&another)).is_pending());
    assert_eq!((Arc::strong_count(&count), Arc::strong_count(&other)), (2, 4));
    waiters.wake_all();
    slot.put(7);
    assert_eq!((count.0.load(Ordering::SeqCst), other.0.load(Ordering::SeqCst)), (0, 2));
}

#[test]
fn of_many_each_is_woken_and_each_may_leave() {
    let waiters = Waiters::default();
    let mut tasks: Vec<_> = (0..5).map(|_| (counter(), None)).collect();
    for ((_, waker), key) in &mut tasks {
        waiters.register(key, waker);
    }
    for index in [0, 3] {
        waiters.deregister(&mut tasks[index].1);
    }
    let mut late = (counter(), None, None);
    waiters.register(&mut late.1, &late.0.1);
    waiters.register(&mut late.2, &late.0.1);
    let places = waiters.lock().more.as_ref().map(|more| more.places.len());
    assert_eq!(places, Some(4), "the two places are used again");
    waiters.wake_all();
    let woken: Vec<_> = tasks.iter().map(|((count, _), _)| count.0.load(Ordering::SeqCst)).collect();
    assert_eq!((woken, late.0.0.0.load(Ordering::SeqCst)), (vec![0, 1, 1, 0, 1], 2));
}

#[test]
fn a_task_that_left_is_not_woken_and_its_place_is_used_again() {
    let (count, waker) = counter();
    let waiters = Waiters::default();
    let (mut first, mut second) = (None, None);
    waiters.register(&mut first, &waker);
    waiters.deregister(&mut first);
    waiters.register(&mut second, &waker);
    assert!(waiters.lock().more.is_none());
    waiters.deregister(&mut second);
    waiters.wake_all();
    assert_eq!(count.0.load(Ordering::SeqCst), 0);
}

#[test]
fn the_first_place_is_given_to_one_at_a_time() {
    let waiters = Waiters::default();
    let (mut keys, (count, waker)) = ([None, None, None, None], counter());
    let [first, second, third, fourth] = &mut keys;
    waiters.register(first, &waker);
    waiters.register(second, &waker);
    waiters.deregister(first);
    waiters.register(third, &waker);
    waiters.register(fourth, &waker);
    assert_eq!(waiters.len(), 3);
    waiters.wake_all();
    assert_eq!(count.0.load(Ordering::SeqCst), 3);
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

#[test]
fn a_task_that_was_woken_is_noted_until_it_is_looked_at() {
    let (count, waker) = counter();
    let noted = Noted::new(&waker);
    assert!(noted.take(), "at first");
    assert!(!noted.take());
    Waker::from(noted.clone()).wake_by_ref();
    assert!(noted.take());
    assert!(!noted.take());
    Waker::from(noted.clone()).wake();
    assert!(noted.take());
    assert_eq!(count.0.load(Ordering::SeqCst), 2);
}

#[test]
fn who_left_a_slot_is_not_woken_by_its_value() {
    let (count, waker) = counter();
    let (slot, mut key) = (Slot::new(), None);
    assert_eq!(slot.poll_take(&mut key, &mut Context::from_waker(&waker)), Poll::Pending);
    slot.leave(&mut key);
    slot.put(7);
    assert_eq!(count.0.load(Ordering::SeqCst), 0);
    assert_eq!(slot.take(), Some(7));
    assert_eq!(format!("{slot:?}"), "Slot { .. }");
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
