//! Tokio's clock.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tenure::Time;
use tenure_driver::Timer;
use tokio::time::{Instant, Sleep};

/// Tokio looks for input each time before it looks at its timers, so after the shortest sleep there is it has told of
/// what was there.
const CATCH_UP: Duration = Duration::from_millis(1);

/// Tokio's clock and timers, counted from when this was made.
///
/// It follows the runtime's own clock, so time that is paused in a test is paused for the session. Make
/// it inside the runtime whose clock it is to follow; copies count from the same origin.
///
/// ```
/// use std::time::Duration;
///
/// use tenure_driver::Timer as _;
/// use tenure_tokio::TokioTimer;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let timer = TokioTimer::new();
/// let soon = timer.now().saturating_add(Duration::from_millis(5));
/// timer.sleep_until(soon).await;
/// assert!(timer.now() >= soon);
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TokioTimer {
    origin: Instant,
}

impl TokioTimer {
    /// A timer whose origin is now.
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for TokioTimer {
    fn default() -> Self {
        Self::new()
    }
}

impl Timer for TokioTimer {
    type Sleep = TokioSleep;

    fn now(&self) -> Time {
        Instant::now().saturating_duration_since(self.origin).into()
    }

    /// # Panics
    /// Outside a tokio runtime, and in one without time enabled.
    fn sleep_until(&self, deadline: Time) -> TokioSleep {
        let never = deadline == Time::MAX;
        let instant = self.origin.checked_add(deadline.into());
        TokioSleep { sleep: instant.filter(|_| !never).map(tokio::time::sleep_until) }
    }

    fn catch_up(&self) -> Option<TokioSleep> {
        Some(self.sleep_until(self.now().saturating_add(CATCH_UP)))
    }
}

pin_project_lite::pin_project! {
    /// Completes at its deadline, or never; made by [`TokioTimer`].
    ///
    /// # Cancel safety
    /// Dropping it cancels it, and changes nothing else.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TokioSleep {
        // `None` is never: tokio's own far future would be reached by paused time.
        #[pin]
        sleep: Option<Sleep>,
    }
}

impl Future for TokioSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.project().sleep.as_pin_mut() {
            Some(sleep) => sleep.poll(cx),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paused<F: Future>(body: F) -> F::Output {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(body)
    }

    #[test]
    fn follows_paused_time() {
        paused(async {
            let timer = TokioTimer::new();
            assert_eq!(timer.now(), Time::ZERO);
            tokio::time::advance(Duration::from_secs(3)).await;
            assert_eq!(timer.now(), Duration::from_secs(3).into());
            timer.sleep_until(Duration::from_secs(3600).into()).await;
            assert!(timer.now() >= Duration::from_secs(3600).into());
        });
    }

    #[test]
    fn the_past_completes_at_once() {
        paused(async {
            let timer = TokioTimer::new();
            tokio::time::advance(Duration::from_secs(3)).await;
            let before = timer.now();
            timer.sleep_until(Time::ZERO).await;
            timer.sleep_until(Time::from_nanos(1)).await;
            assert_eq!(timer.now(), before);
        });
    }

    #[test]
    fn the_end_of_time_never_comes() {
        paused(async {
            let timer = TokioTimer::new();
            // Paused time jumps to the next timer: the year, not the end of time.
            let year = Duration::from_secs(365 * 24 * 3600);
            let never = timer.sleep_until(Time::MAX);
            assert!(tokio::time::timeout(year, never).await.is_err());
        });
    }
}
