//! Holds a timer against the real clock.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use futures_lite::future;
use tenure::Time;
use tenure_driver::Timer;

use crate::checks::real::{pause, within};
use crate::checks::report::Report;
use crate::checks::rule::Rule;

/// How late a sleep may complete. Generous, for machines that are busy.
const LATE: Duration = Duration::from_secs(2);
/// How long a short sleep is.
const SHORT: Duration = Duration::from_millis(20);
/// What a clock may be off by, for those that count in ticks.
const COARSE: Duration = Duration::from_millis(20);

/// Holds a [`Timer`] against the real clock: a driver keeps its deadlines with nothing else.
///
/// It takes some tenths of a second, and some seconds more with a timer that is broken. Run it where the timer
/// works: in the runtime that it is of, with time that isn't paused. It needs nothing else of the runtime.
///
/// ```
/// # use std::time::{Duration, Instant};
/// # use tenure::Time;
/// # #[derive(Clone)] struct MyTimer(Instant);
/// # impl tenure_driver::Timer for MyTimer {
/// #     type Sleep = std::pin::Pin<Box<dyn Future<Output = ()>>>;
/// #     fn now(&self) -> Time { Time::from_instant(self.0, Instant::now()) }
/// #     fn sleep_until(&self, deadline: Time) -> Self::Sleep {
/// #         let this = self.clone();
/// #         Box::pin(async move { while this.now() < deadline { futures_lite::future::yield_now().await } })
/// #     }
/// # }
/// # fn my_block_on<T>(f: impl Future<Output = T>) -> T { futures_lite::future::block_on(f) }
/// use tenure_kit::check_timer;
///
/// // In a `#[test]`:
/// my_block_on(async {
///     let timer = MyTimer(Instant::now());
///     check_timer(&timer).await.assert();
/// });
/// ```
///
/// # Cancel safety
/// Dropping the future gives the check up: there is no report. Sleeps that it had made are dropped with it.
pub async fn check_timer(timer: &impl Timer) -> Report {
    let mut check = Check { timer, report: Report::new("the timer") };
    check.pace().await;
    check.past().await;
    if check.short().await {
        check.far().await;
        check.moved().await;
        check.earlier().await;
        check.many().await;
    }
    check.report
}

struct Check<'a, T> {
    timer: &'a T,
    report: Report,
}

impl<T: Timer> Check<'_, T> {
    fn fault(&mut self, rule: Rule, situation: &str, seen: impl Into<String>) {
        self.report.fault(rule, situation, seen);
    }

    /// The time, which must not go back.
    fn now(&mut self, since: Time) -> Time {
        let now = self.timer.now();
        if now < since {
            let back = since.saturating_since(now);
            self.fault(Rule::ClockGoesOn, "the clock is read twice", format!("it went back by {back:?}"));
        }
        now
    }

    /// The time, with the real time before and after it.
    fn read(&mut self, since: Time) -> (Instant, Time, Instant) {
        let before = Instant::now();
        let now = self.now(since);
        (before, now, Instant::now())
    }

    async fn pace(&mut self) {
        self.report.played();
        let start = self.read(Time::ZERO);
        let mut now = start.1;
        for _ in 0..1000 {
            now = self.now(now);
        }
        for _ in 0..6 {
            pause(Duration::from_millis(10)).await;
            now = self.now(now);
        }
        let end = self.read(now);
        let passed = end.1.saturating_since(start.1);
        // Between these two, whatever else the machine did meanwhile.
        let least = end.0.duration_since(start.2);
        let most = end.2.duration_since(start.0);
        let coarse = COARSE + least / 50;
        if passed + coarse < least || passed > most + coarse {
            let seen = format!("{least:?} passed, by its clock {passed:?}");
            self.fault(Rule::ClockIsReal, "some real time passes", seen);
        }
    }

    async fn past(&mut self) {
        self.report.played();
        pause(Duration::from_millis(1)).await;
        let now = self.timer.now();
        for (deadline, what) in [(Time::ZERO, "a sleep until the timer's origin"), (now, "a sleep until now")]
        {
            let start = Instant::now();
            if within(LATE / 2, self.timer.sleep_until(deadline)).await.is_none() {
                let seen = format!("it was still pending {:?} later", start.elapsed());
                self.fault(Rule::PastIsAtOnce, what, seen);
                return;
            }
        }
    }

    /// Returns whether sleeps fire at all.
    async fn short(&mut self) -> bool {
        self.report.played();
        for _ in 0..3 {
            let deadline = self.timer.now().saturating_add(SHORT);
            let sleep = self.timer.sleep_until(deadline);
            if !self.fires(sleep, deadline, "a short sleep is awaited").await {
                return false;
            }
        }
        true
    }

    /// Holds what a sleep must when it is awaited; returns whether it completed.
    async fn fires(&mut self, sleep: impl Future<Output = ()>, deadline: Time, situation: &str) -> bool {
        let until = deadline.saturating_since(self.timer.now());
        if within(until + LATE, sleep).await.is_none() {
            let seen = format!("it was still pending {LATE:?} past its deadline");
            self.fault(Rule::SleepFires, situation, seen);
            return false;
        }
        let now = self.timer.now();
        if now < deadline {
            let early = deadline.saturating_since(now);
            self.fault(
                Rule::SleepIsNotEarly,
                situation,
                format!("it completed {early:?} before its deadline"),
            );
        }
        true
    }

    async fn far(&mut self) {
        self.report.played();
        for far in [Time::MAX, Time::from_nanos(u64::MAX - 1)] {
            if within(SHORT, self.timer.sleep_until(far)).await.is_some() {
                let seen = format!("a sleep until {} ns completed", far.as_nanos());
                self.fault(Rule::FarIsNever, "a sleep is further away than a clock goes", seen);
            }
        }
    }

    /// A sleep that was polled by another task before.
    async fn moved(&mut self) {
        self.report.played();
        let deadline = self.timer.now().saturating_add(SHORT);
        let mut sleep = Box::pin(self.timer.sleep_until(deadline));
        let early = sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
        if early {
            return;
        }
        if within(SHORT + LATE, sleep).await.is_none() {
            let seen = format!("it woke its first task, if any: the last one still waited {LATE:?} later");
            self.fault(Rule::WakesWhoPolledLast, "a sleep moves to another task", seen);
        }
    }

    /// What a driver does when an earlier deadline comes up: the old sleep is dropped, and another made.
    async fn earlier(&mut self) {
        self.report.played();
        let now = self.timer.now();
        let mut later = Box::pin(self.timer.sleep_until(now.saturating_add(Duration::from_secs(3600))));
        let _ = future::poll_once(&mut later).await;
        drop(later);
        let deadline = now.saturating_add(SHORT);
        let sleep = self.timer.sleep_until(deadline);
        self.fires(sleep, deadline, "a long sleep is dropped for a shorter one").await;
    }

    /// Many at once, in no order; every third is dropped before it is due.
    async fn many(&mut self) {
        self.report.played();
        let situation = "many sleeps at once, some of them dropped before they are due";
        let start = self.timer.now();
        let mut sleeps = Vec::new();
        for number in 0..99_u32 {
            // 20, 57, 94, 32, …: each once, in no order.
            let deadline = start.saturating_add(SHORT + Duration::from_millis((number * 37 % 99).into()));
            sleeps.push((deadline, Box::pin(self.timer.sleep_until(deadline))));
        }
        let mut early = Duration::ZERO;
        let mut polled = false;
        let all = poll_fn(|cx| {
            sleeps.retain_mut(|(deadline, sleep)| self.is_pending(sleep.as_mut(), *deadline, &mut early, cx));
            if !std::mem::replace(&mut polled, true) {
                let mut number = 0;
                sleeps.retain(|_| {
                    number += 1;
                    number % 3 != 0
                });
            }
            if sleeps.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        });
        let done = within(SHORT + Duration::from_millis(99) + LATE, all).await;
        if done.is_none() {
            let seen = format!("{} of 66 were still pending {LATE:?} past their deadlines", sleeps.len());
            self.fault(Rule::SleepFires, situation, seen);
        }
        if early > Duration::ZERO {
            self.fault(
                Rule::SleepIsNotEarly,
                situation,
                format!("one completed {early:?} before its deadline"),
            );
        }
    }

    fn is_pending(
        &self,
        sleep: Pin<&mut T::Sleep>,
        deadline: Time,
        early: &mut Duration,
        cx: &mut Context<'_>,
    ) -> bool {
        let pending = sleep.poll(cx).is_pending();
        if !pending {
            *early = (*early).max(deadline.saturating_since(self.timer.now()));
        }
        pending
    }
}
