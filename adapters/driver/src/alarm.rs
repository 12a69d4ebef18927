//! One sleep, kept between polls: for whoever has a next deadline that moves.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tenure::Time;

use crate::timer::Timer;

/// Wakes a task at its next deadline, with one sleep of a [`Timer`].
///
/// The sleep is made anew only for an earlier deadline. For a later one it is kept: it wakes the task too
/// early once, and is then set for what is left. So a deadline that is put off again and again, such as an
/// idle time, costs no timer each time.
///
/// A deadline that has come is told when the runtime has [caught up](Timer::catch_up) with the input that is there.
///
/// The times it tells never go back, although a sleep may end a little before its deadline by the timer's own clock.
///
/// ```
/// use std::task::Poll;
/// use tenure::Time;
/// use tenure_driver::{Alarm, Timer};
///
/// # async fn f(timer: impl Timer, deadline: Time) {
/// let mut alarm = Alarm::new(timer);
/// let now = std::future::poll_fn(|cx| alarm.poll_until(deadline, cx)).await;
/// assert!(now >= deadline);
/// # }
/// ```
pub struct Alarm<T: Timer> {
    timer: T,
    sleep: Option<(Time, Pin<Box<T::Sleep>>)>,
    /// A deadline has come, and the runtime catches up.
    catching_up: Option<Pin<Box<T::Sleep>>>,
    /// The latest time that was told.
    latest: Time,
}

/// The sleep is in a box of its own.
impl<T: Timer> Unpin for Alarm<T> {}

impl<T: Timer> Alarm<T> {
    /// An alarm that isn't set.
    pub const fn new(timer: T) -> Self {
        Self { timer, sleep: None, catching_up: None, latest: Time::ZERO }
    }

    /// The timer's time now, or the time that was told last if that is later.
    pub fn now(&mut self) -> Time {
        self.latest = self.latest.max(self.timer.now());
        self.latest
    }

    /// Drops the sleep, if there is one: there is no deadline any more.
    pub fn unset(&mut self) {
        self.sleep = None;
        self.catching_up = None;
    }

    /// Returns whether the deadline that is slept for has come by `now`: nobody may have told yet.
    pub(crate) fn may_have_come(&self, now: Time) -> bool {
        self.sleep.as_ref().is_some_and(|(until, _)| *until <= now)
    }

    /// Completes at or after `deadline`, with the time that it is then. Otherwise the task is woken by then.
    pub fn poll_until(&mut self, deadline: Time, cx: &mut Context<'_>) -> Poll<Time> {
        if self.poll_sleep(deadline, cx).is_pending() {
            self.catching_up = None;
            return Poll::Pending;
        }
        let catching_up = self.catching_up.take().or_else(|| self.timer.catch_up().map(Box::pin));
        if let Some(mut sleep) = catching_up
            && sleep.as_mut().poll(cx).is_pending()
        {
            self.catching_up = Some(sleep);
            return Poll::Pending;
        }
        Poll::Ready(self.now())
    }

    /// Completes at or after `deadline`.
    fn poll_sleep(&mut self, deadline: Time, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            // The clock is asked only where no sleep tells the time.
            if self.sleep.as_ref().is_none_or(|(until, _)| *until > deadline) {
                self.sleep = None;
                if self.now() >= deadline {
                    return Poll::Ready(());
                }
            }
            let (until, sleep) =
                self.sleep.get_or_insert_with(|| (deadline, Box::pin(self.timer.sleep_until(deadline))));
            let until = *until;
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.sleep = None;
            if until == deadline {
                // A timer may be a little early by its own clock; to ask it again and again would spin.
                self.latest = self.now().max(deadline);
            }
        }
    }
}

impl<T: Timer> fmt::Debug for Alarm<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let until = self.sleep.as_ref().map(|(until, _)| until);
        f.debug_struct("Alarm").field("until", &until).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;
    use std::task::Waker;

    use super::*;

    /// A clock that is set by hand, and the deadlines of the sleeps that were made.
    #[derive(Clone, Default)]
    struct Clock {
        now: Rc<Cell<u64>>,
        made: Rc<RefCell<Vec<u64>>>,
        /// How long the runtime takes to catch up.
        lag: Option<u64>,
    }

    struct Sleep {
        now: Rc<Cell<u64>>,
        until: u64,
    }

    impl Future for Sleep {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            // One nanosecond early, as timers may be.
            if self.now.get() + 1 >= self.until { Poll::Ready(()) } else { Poll::Pending }
        }
    }

    impl Timer for Clock {
        type Sleep = Sleep;

        fn now(&self) -> Time {
            Time::from_nanos(self.now.get())
        }

        fn sleep_until(&self, deadline: Time) -> Sleep {
            self.made.borrow_mut().push(deadline.as_nanos());
            Sleep { now: self.now.clone(), until: deadline.as_nanos() }
        }

        fn catch_up(&self) -> Option<Sleep> {
            let lag = self.lag?;
            Some(self.sleep_until(self.now().saturating_add(std::time::Duration::from_nanos(lag))))
        }
    }

    fn poll(alarm: &mut Alarm<Clock>, deadline: u64) -> Poll<u64> {
        let mut cx = Context::from_waker(Waker::noop());
        alarm.poll_until(Time::from_nanos(deadline), &mut cx).map(Time::as_nanos)
    }

    #[test]
    fn a_later_deadline_keeps_the_sleep_and_an_earlier_one_makes_another() {
        let clock = Clock::default();
        let mut alarm = Alarm::new(clock.clone());
        assert_eq!(poll(&mut alarm, 100), Poll::Pending);
        assert_eq!(poll(&mut alarm, 300), Poll::Pending);
        assert_eq!(*clock.made.borrow(), [100]);
        assert_eq!(poll(&mut alarm, 50), Poll::Pending);
        assert_eq!(*clock.made.borrow(), [100, 50]);
    }

    #[test]
    fn what_is_slept_for_has_come_at_its_time_and_not_before_nor_when_there_is_none() {
        let mut alarm = Alarm::new(Clock::default());
        assert!(!alarm.may_have_come(Time::from_nanos(100)));
        assert_eq!(poll(&mut alarm, 100), Poll::Pending);
        assert!(!alarm.may_have_come(Time::from_nanos(99)));
        assert!(alarm.may_have_come(Time::from_nanos(100)));
        alarm.unset();
        assert!(!alarm.may_have_come(Time::from_nanos(100)));
    }

    #[test]
    fn a_sleep_that_was_kept_is_set_for_what_is_left() {
        let clock = Clock::default();
        let mut alarm = Alarm::new(clock.clone());
        assert_eq!(poll(&mut alarm, 100), Poll::Pending);
        clock.now.set(100);
        assert_eq!(poll(&mut alarm, 300), Poll::Pending);
        assert_eq!(*clock.made.borrow(), [100, 300]);
        clock.now.set(300);
        assert_eq!(poll(&mut alarm, 300), Poll::Ready(300));
    }

    #[test]
    fn a_timer_that_is_early_is_believed_and_not_asked_again() {
        let clock = Clock::default();
        let mut alarm = Alarm::new(clock.clone());
        assert_eq!(poll(&mut alarm, 100), Poll::Pending);
        clock.now.set(99);
        assert_eq!(poll(&mut alarm, 100), Poll::Ready(100));
        assert_eq!(*clock.made.borrow(), [100]);
    }

    #[test]
    fn its_time_never_goes_back() {
        let clock = Clock::default();
        let mut alarm = Alarm::new(clock.clone());
        assert_eq!(poll(&mut alarm, 100), Poll::Pending);
        clock.now.set(99);
        assert_eq!(poll(&mut alarm, 100), Poll::Ready(100));
        assert_eq!(alarm.now().as_nanos(), 100, "the timer's own clock still says 99");
        clock.now.set(101);
        assert_eq!(alarm.now().as_nanos(), 101);
    }

    #[test]
    fn a_deadline_in_the_past_needs_no_sleep() {
        let clock = Clock::default();
        clock.now.set(7);
        let mut alarm = Alarm::new(clock.clone());
        assert_eq!(poll(&mut alarm, 7), Poll::Ready(7));
        assert!(clock.made.borrow().is_empty());
    }

    #[test]
    fn it_tells_the_timers_time_and_what_it_is_set_for() {
        let clock = Clock::default();
        clock.now.set(7);
        let mut alarm = Alarm::new(clock);
        assert_eq!(alarm.now().as_nanos(), 7);
        assert_eq!(poll(&mut alarm, 100), Poll::Pending);
        assert_eq!(format!("{alarm:?}"), "Alarm { until: Some(Time(100)), .. }");
    }

    #[test]
    fn a_deadline_that_has_come_is_told_when_the_runtime_has_caught_up() {
        let clock = Clock { lag: Some(10), ..Clock::default() };
        let mut alarm = Alarm::new(clock.clone());
        assert_eq!(poll(&mut alarm, 100), Poll::Pending);
        clock.now.set(100);
        assert_eq!(poll(&mut alarm, 100), Poll::Pending);
        clock.now.set(105);
        assert_eq!(poll(&mut alarm, 103), Poll::Pending, "another one that has come waits for the same");
        clock.now.set(110);
        assert_eq!(poll(&mut alarm, 100), Poll::Ready(110));
        assert_eq!(*clock.made.borrow(), [100, 110]);
        // Put off meanwhile, it is slept for again, and caught up with again.
        assert_eq!(poll(&mut alarm, 50), Poll::Pending);
        assert_eq!(poll(&mut alarm, 200), Poll::Pending);
        clock.now.set(200);
        assert_eq!(poll(&mut alarm, 200), Poll::Pending);
        clock.now.set(210);
        assert_eq!(poll(&mut alarm, 200), Poll::Ready(210));
    }

    #[test]
    fn an_alarm_that_was_unset_sleeps_anew() {
        let clock = Clock::default();
        let mut alarm = Alarm::new(clock.clone());
        assert_eq!(poll(&mut alarm, 100), Poll::Pending);
        alarm.unset();
        assert_eq!(poll(&mut alarm, 200), Poll::Pending);
        assert_eq!(*clock.made.borrow(), [100, 200]);
    }
}
