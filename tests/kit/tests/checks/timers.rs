//! Timers that don't keep time, and one that does.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use futures_lite::future;
use tenure::Time;
use tenure_driver::Timer;
use tenure_kit::{Report, Rule, check_timer};

use crate::connectors::assert_breaks;

type Sleep = Pin<Box<dyn Future<Output = ()>>>;

/// A timer made of two functions: the clock, and the way to sleep by a good clock.
struct Made<N, S> {
    now: N,
    sleep: S,
}

impl<N: Fn() -> Time, S: Fn(Time) -> Sleep> Timer for Made<N, S> {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        (self.now)()
    }

    fn sleep_until(&self, deadline: Time) -> Sleep {
        (self.sleep)(deadline)
    }
}

/// A clock that is right.
#[derive(Clone, Copy)]
struct Right(Instant);

impl Right {
    fn new() -> Self {
        Self(Instant::now())
    }

    fn now(self) -> Time {
        Time::from_instant(self.0, Instant::now())
    }

    /// Asks again and again.
    fn sleep(self, deadline: Time) -> Sleep {
        Box::pin(async move {
            while self.now() < deadline {
                future::yield_now().await;
            }
        })
    }
}

fn check(now: impl Fn() -> Time, sleep: impl Fn(Time) -> Sleep) -> Report {
    future::block_on(async { check_timer(&Made { now, sleep }).await })
}

#[test]
fn a_timer_that_keeps_time_passes() {
    let right = Right::new();
    check(|| right.now(), |deadline| right.sleep(deadline)).assert();
}

#[test]
fn a_timer_that_never_fires_is_found() {
    let right = Right::new();
    let report = check(|| right.now(), |_| Box::pin(pending()));
    assert_breaks(&report, &[Rule::PastIsAtOnce, Rule::SleepFires]);
}

#[test]
fn a_timer_that_fires_early_is_found() {
    let right = Right::new();
    let early = |deadline: Time| {
        let early = Duration::from_millis(5);
        right.sleep(right.now().saturating_add(deadline.saturating_since(right.now()).saturating_sub(early)))
    };
    assert_breaks(&check(|| right.now(), early), &[Rule::SleepIsNotEarly]);
}

#[test]
fn a_timer_whose_clock_goes_back_is_found() {
    let right = Right::new();
    let reads = AtomicU64::new(0);
    let now = || {
        let back = reads.fetch_add(1, Ordering::SeqCst).is_multiple_of(100);
        let now = right.now().as_nanos() + 2_000_000;
        Time::from_nanos(if back { now - 1_000_000 } else { now })
    };
    let report = check(now, |deadline| right.sleep(deadline));
    assert!(report.breaks(Rule::ClockGoesOn), "{report}");
}

#[test]
fn a_clock_of_another_unit_and_one_that_stands_still_are_found() {
    let right = Right::new();
    let milliseconds = || Time::from_nanos(right.now().as_nanos() / 1_000_000);
    assert!(check(milliseconds, |deadline| right.sleep(deadline)).breaks(Rule::ClockIsReal));
    assert!(check(|| Time::ZERO, |deadline| right.sleep(deadline)).breaks(Rule::ClockIsReal));
}

#[test]
fn a_past_that_is_waited_for_is_found() {
    let right = Right::new();
    let wrapping = |deadline: Time| -> Sleep {
        if deadline < right.now() { Box::pin(pending()) } else { right.sleep(deadline) }
    };
    let report = check(|| right.now(), wrapping);
    assert_breaks(&report, &[Rule::PastIsAtOnce]);
}

#[test]
fn an_end_of_time_that_comes_is_found() {
    let right = Right::new();
    let wrapping = |deadline: Time| -> Sleep {
        if deadline.as_nanos() > u64::MAX / 2 { Box::pin(async {}) } else { right.sleep(deadline) }
    };
    assert_breaks(&check(|| right.now(), wrapping), &[Rule::FarIsNever]);
}

/// Wakes its first waker alone.
struct FirstWaker {
    right: Right,
    deadline: Time,
    polled: bool,
}

impl Future for FirstWaker {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let left = self.deadline.saturating_since(self.right.now());
        if left.is_zero() {
            return Poll::Ready(());
        }
        if !std::mem::replace(&mut self.polled, true) && left < Duration::from_secs(60) {
            let waker = cx.waker().clone();
            thread::spawn(move || {
                thread::sleep(left);
                waker.wake();
            });
        }
        Poll::Pending
    }
}

#[test]
fn a_timer_that_keeps_its_first_waker_is_found() {
    let right = Right::new();
    let first = |deadline| -> Sleep { Box::pin(FirstWaker { right, deadline, polled: false }) };
    assert_breaks(&check(|| right.now(), first), &[Rule::WakesWhoPolledLast]);
}

#[test]
fn a_timer_that_knows_one_sleep_at_a_time_is_found() {
    let right = Right::new();
    let latest = &*Box::leak(Box::new(Mutex::new(Time::ZERO)));
    let one = |deadline: Time| -> Sleep {
        *latest.lock().unwrap() = deadline;
        Box::pin(async move {
            while *latest.lock().unwrap() != deadline || right.now() < deadline {
                future::yield_now().await;
            }
        })
    };
    assert_breaks(&check(|| right.now(), one), &[Rule::SleepFires]);
}
