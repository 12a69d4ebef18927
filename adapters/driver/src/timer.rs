//! The one thing the driver asks of a runtime: a timer.

use core::future::Future;

use tenure::Time;

/// A runtime's clock and its way to sleep.
///
/// [`now`](Timer::now) and [`sleep_until`](Timer::sleep_until) count from the same origin, which the
/// timer chooses, and both follow the runtime's own clock, so that paused or simulated time works.
pub trait Timer {
    /// Completes at the instant it was made for; dropping it cancels it.
    type Sleep: Future<Output = ()>;

    /// Nanoseconds since the timer's origin. Never goes back.
    fn now(&self) -> Time;

    /// Completes at `deadline`, at once if that has passed. A deadline too far for the runtime's
    /// clock, [`Time::MAX`] for one, never completes.
    ///
    /// # Cancel safety
    /// Dropping the sleep cancels it and changes nothing else: the driver drops one whenever another deadline is next.
    fn sleep_until(&self, deadline: Time) -> Self::Sleep;

    /// Completes once the runtime has told of all input that is there by now; `None`, the default, if it never lags
    /// behind.
    ///
    /// Input that is there is judged before a deadline is. When a program was stopped, or its executor blocked, for
    /// longer than a deadline, a task may run before the runtime has looked for input. So a deadline that has come is
    /// judged when this has completed. A runtime that looks for input each time that it looks at its timers sleeps for
    /// a moment: one more look is then between.
    fn catch_up(&self) -> Option<Self::Sleep> {
        None
    }
}
