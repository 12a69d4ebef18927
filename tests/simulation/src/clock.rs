//! Virtual time: it stands still while anybody is ready.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tenure::Time;
use tenure_driver::Timer;

use crate::held::{Held, Token};

#[derive(Debug, Default)]
pub(crate) struct Clock(Held<Inner>);

#[derive(Debug, Default)]
struct Inner {
    now: Time,
    /// How much of the time was slept through by the whole machine, as a laptop does.
    slept: Duration,
    sleeps: BTreeMap<(Time, u64), Waker>,
    numbers: u64,
}

impl Clock {
    pub(crate) fn now(&self) -> Time {
        self.0.with(|inner| inner.now)
    }

    /// How long the machine has been awake: what deadlines count in, since they are armed and fired then.
    pub(crate) fn awake(&self) -> Duration {
        self.0.with(|inner| Duration::from(inner.now).saturating_sub(inner.slept))
    }

    /// Now, and how long the machine has been awake.
    pub(crate) fn both(&self) -> (Duration, Duration) {
        (self.now().into(), self.awake())
    }

    /// When somebody wants to be woken next.
    pub(crate) fn next(&self) -> Option<Time> {
        self.0.with(|inner| inner.sleeps.keys().next().map(|(time, _)| *time))
    }

    /// It is `time`, or `too_far` after it if the machine slept meanwhile.
    pub(crate) fn advance(&self, time: Time, too_far: Duration) {
        let due = self.0.with(|inner| {
            inner.slept = inner.slept.saturating_add(too_far);
            inner.now = inner.now.max(time).saturating_add(too_far);
            let later = inner.sleeps.split_off(&(inner.now, u64::MAX));
            std::mem::replace(&mut inner.sleeps, later)
        });
        due.into_values().for_each(Waker::wake);
    }

    pub(crate) fn sleep_until(self: &Arc<Self>, until: Time) -> Sleep {
        Sleep { clock: self.clone(), until, number: None }
    }

    pub(crate) fn sleep(self: &Arc<Self>, time: Duration) -> Sleep {
        self.sleep_until(self.now().saturating_add(time))
    }
}

/// Completes when its time has come; [`Time::MAX`] never comes.
#[derive(Debug)]
pub(crate) struct Sleep {
    clock: Arc<Clock>,
    until: Time,
    number: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.clock.0.with(|inner| {
            if inner.now >= this.until {
                return Poll::Ready(());
            }
            if this.until < Time::MAX {
                let number = this.number.get_or_insert_with(|| {
                    inner.numbers = inner.numbers.wrapping_add(1);
                    inner.numbers
                });
                inner.sleeps.insert((this.until, *number), cx.waker().clone());
            }
            Poll::Pending
        })
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.clock.0.with(|inner| inner.sleeps.remove(&(self.until, number)));
        }
    }
}

/// The clock as the client has it.
#[derive(Clone, Debug)]
pub(crate) struct VirtualTimer {
    pub(crate) clock: Arc<Clock>,
    /// Its sleeps complete so much too early, as those of coarse timers do.
    pub(crate) early: Duration,
    pub(crate) _token: Token,
}

impl Timer for VirtualTimer {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn sleep_until(&self, deadline: Time) -> Sleep {
        if deadline == Time::MAX {
            return self.clock.sleep_until(deadline);
        }
        let early = u64::try_from(self.early.as_nanos()).unwrap_or(u64::MAX);
        self.clock.sleep_until(Time::from_nanos(deadline.as_nanos().saturating_sub(early)))
    }
}
