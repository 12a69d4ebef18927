//! Time that passes when a test says so.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_lite::future;
use tenure::Time;
use tenure_driver::Timer;

use crate::board::Board;

/// A timer whose time stands still until it is [advanced](Self::advance). Copies are the same clock.
#[derive(Clone, Default)]
pub struct VirtualClock(Arc<Board<Clock>>);

#[derive(Default)]
struct Clock {
    now: Time,
    sleeps: BTreeMap<u64, (Time, Waker)>,
    sleeps_made: u64,
}

impl VirtualClock {
    /// A clock at its origin.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets time pass and wakes who has slept long enough.
    ///
    /// A driver that was told something notices it on its own task, maybe later: what it arms then
    /// counts from the time after. [`pass`](Self::pass) waits for it.
    pub fn advance(&self, duration: Duration) {
        self.go_to(self.now().saturating_add(duration));
    }

    /// Waits until something sleeps until exactly `duration` from now, then lets that time pass.
    ///
    /// So it also says that a deadline is armed, and for when. A row in which none ever is hangs, and
    /// fails with its name.
    ///
    /// # Cancel safety
    /// No time has passed if the future is dropped before it completes.
    pub async fn pass(&self, duration: Duration) {
        let until = self.0.until(|clock| {
            let until = clock.now.saturating_add(duration);
            clock.sleeps.values().any(|(deadline, _)| *deadline == until).then_some(until)
        });
        let until = until.await;
        self.go_to(until);
    }

    /// Waits until something sleeps until exactly `duration` from now.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: it only looks, and whoever waits anew sees the same.
    pub async fn armed(&self, duration: Duration) {
        let armed = self.0.until(|clock| {
            let until = clock.now.saturating_add(duration);
            clock.sleeps.values().any(|(deadline, _)| *deadline == until).then_some(())
        });
        armed.await;
    }

    /// Carries `body` to its end, letting the time pass to whatever is slept for next.
    ///
    /// # Cancel safety
    /// Dropping the future drops `body`, and time stands still again, where it had got to.
    pub async fn drive<F: Future>(&self, body: F) -> F::Output {
        let passing = async {
            loop {
                let next = self.0.until(|clock| {
                    let later = clock.sleeps.values().map(|(deadline, _)| *deadline);
                    later.filter(|deadline| *deadline > clock.now).min()
                });
                let next = next.await;
                self.go_to(next);
            }
        };
        future::or(body, passing).await
    }

    fn go_to(&self, now: Time) {
        let due = self.0.update(|clock| {
            clock.now = clock.now.max(now);
            let now = clock.now;
            let (due, later) = std::mem::take(&mut clock.sleeps)
                .into_iter()
                .partition::<Vec<_>, _>(|(_, (deadline, _))| *deadline <= now);
            clock.sleeps = later.into_iter().collect();
            due
        });
        for (_, (_, waker)) in due {
            waker.wake();
        }
    }
}

impl Timer for VirtualClock {
    type Sleep = VirtualSleep;

    fn now(&self) -> Time {
        self.0.look(|clock| clock.now)
    }

    fn sleep_until(&self, deadline: Time) -> VirtualSleep {
        let number = self.0.update(|clock| {
            clock.sleeps_made += 1;
            clock.sleeps_made
        });
        VirtualSleep { clock: self.clone(), deadline, number }
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (now, sleeps) = self.0.look(|clock| (clock.now, clock.sleeps.len()));
        f.debug_struct("VirtualClock").field("now", &now).field("sleeps", &sleeps).finish()
    }
}

/// Completes at its deadline; made by [`VirtualClock`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct VirtualSleep {
    clock: VirtualClock,
    deadline: Time,
    number: u64,
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let (deadline, number) = (self.deadline, self.number);
        self.clock.0.update(|clock| {
            if clock.now >= deadline {
                return Poll::Ready(());
            }
            clock.sleeps.insert(number, (deadline, waker));
            Poll::Pending
        })
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        let number = self.number;
        let old = self.clock.0.update(|clock| clock.sleeps.remove(&number));
        drop(old);
    }
}
