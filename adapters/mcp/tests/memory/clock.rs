//! Time that stands still until a test moves it.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tenure::Time;
use tenure_driver::Timer;

/// A clock that is set by hand, and how long its runtime takes to tell of input; 0 if it never lags behind.
#[derive(Clone, Default)]
pub(crate) struct Clock(pub(crate) Arc<Mutex<(Time, Vec<Waker>)>>, pub(crate) Arc<AtomicU64>);

pub(crate) struct Sleep {
    clock: Clock,
    until: Time,
}

impl Timer for Clock {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        self.0.lock().unwrap().0
    }

    fn sleep_until(&self, until: Time) -> Sleep {
        Sleep { clock: self.clone(), until }
    }

    fn catch_up(&self) -> Option<Sleep> {
        let lag = Duration::from_nanos(self.1.load(Ordering::Relaxed));
        (!lag.is_zero()).then(|| self.sleep_until(self.now().saturating_add(lag)))
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut clock = self.clock.0.lock().unwrap();
        if clock.0 >= self.until {
            return Poll::Ready(());
        }
        clock.1.push(cx.waker().clone());
        Poll::Pending
    }
}
