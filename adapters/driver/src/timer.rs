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
    fn sleep_until(&self, deadline: Time) -> Self::Sleep;
}
