//! Smol's timers.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tenure::Time;
use tenure_driver::Timer;

/// Smol's reactor looks for input each time that it looks at its timers, so after a short sleep it has told of what was
/// there.
const CATCH_UP: Duration = Duration::from_millis(1);

/// The system's monotonic clock and smol's timers, counted from when this was made.
///
/// Copies count from the same origin.
///
/// ```
/// use std::time::Duration;
///
/// use tenure_driver::Timer as _;
/// use tenure_smol::SmolTimer;
///
/// # smol::block_on(async {
/// let timer = SmolTimer::new();
/// let soon = timer.now().saturating_add(Duration::from_millis(5));
/// timer.sleep_until(soon).await;
/// assert!(timer.now() >= soon);
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SmolTimer {
    origin: Instant,
}

impl SmolTimer {
    /// A timer whose origin is now.
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SmolTimer {
    fn default() -> Self {
        Self::new()
    }
}

impl Timer for SmolTimer {
    type Sleep = SmolSleep;

    fn now(&self) -> Time {
        Time::from_instant(self.origin, Instant::now())
    }

    fn sleep_until(&self, deadline: Time) -> SmolSleep {
        let never = deadline == Time::MAX;
        let instant = deadline.to_instant(self.origin);
        SmolSleep(instant.filter(|_| !never).map_or_else(smol::Timer::never, smol::Timer::at))
    }

    fn catch_up(&self) -> Option<SmolSleep> {
        Some(self.sleep_until(self.now().saturating_add(CATCH_UP)))
    }
}

/// Completes at its deadline, or never; made by [`SmolTimer`].
///
/// # Cancel safety
/// Dropping it cancels it, and changes nothing else.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SmolSleep(smol::Timer);

impl Future for SmolSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_until_its_deadline() {
        let timer = SmolTimer::new();
        let soon = timer.now().saturating_add(Duration::from_millis(20));
        smol::block_on(timer.sleep_until(soon));
        assert!(timer.now() >= soon);
    }

    #[test]
    fn the_past_completes_at_once() {
        let timer = SmolTimer::new();
        smol::block_on(timer.sleep_until(Time::ZERO));
    }

    #[test]
    fn the_end_of_time_never_comes() {
        let timer = SmolTimer::new();
        for never in [Time::MAX, Time::from_nanos(u64::MAX - 1)] {
            let mut never = timer.sleep_until(never);
            let mut soon = timer.sleep_until(timer.now().saturating_add(Duration::from_millis(20)));
            smol::block_on(std::future::poll_fn(|cx| {
                assert!(Pin::new(&mut never).poll(cx).is_pending());
                Pin::new(&mut soon).poll(cx)
            }));
        }
    }
}
