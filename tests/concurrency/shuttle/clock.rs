//! A time that goes on when it is told to.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use shuttle::sync::{Condvar, Mutex};
use tenure::Time;
use tenure_driver::Timer;

#[derive(Clone, Default)]
pub(crate) struct Clock {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    now: Time,
    sleepers: Vec<(Time, Waker)>,
    over: bool,
}

impl Clock {
    /// Waits until somebody sleeps; `false` once it is over.
    pub(crate) fn wait_for_sleepers(&self) -> bool {
        let mut state = self.shared.state.lock().unwrap();
        while state.sleepers.is_empty() && !state.over {
            state = self.shared.changed.wait(state).unwrap();
        }
        !state.over
    }

    /// It is the time of the next sleeper.
    pub(crate) fn go_on(&self) {
        let due: Vec<_> = {
            let mut state = self.shared.state.lock().unwrap();
            if let Some(next) = state.sleepers.iter().map(|(deadline, _)| *deadline).min() {
                state.now = state.now.max(next);
            }
            let now = state.now;
            state.sleepers.extract_if(.., |(deadline, _)| *deadline <= now).collect()
        };
        for (_, waker) in due {
            waker.wake();
        }
    }

    pub(crate) fn end(&self) {
        self.shared.state.lock().unwrap().over = true;
        self.shared.changed.notify_all();
    }
}

impl Timer for Clock {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        self.shared.state.lock().unwrap().now
    }

    fn sleep_until(&self, deadline: Time) -> Sleep {
        Sleep { clock: self.clone(), deadline }
    }
}

/// Only the driver sleeps, and for one deadline at a time; so one that it drops is the one there is.
pub(crate) struct Sleep {
    clock: Clock,
    deadline: Time,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut state = self.clock.shared.state.lock().unwrap();
        if state.now >= self.deadline {
            return Poll::Ready(());
        }
        let old = std::mem::replace(&mut state.sleepers, vec![(self.deadline, waker)]);
        drop(state);
        drop(old);
        self.clock.shared.changed.notify_all();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let mut state = self.clock.shared.state.lock().unwrap();
        let old =
            state.sleepers.extract_if(.., |(deadline, _)| *deadline == self.deadline).collect::<Vec<_>>();
        drop(state);
        drop(old);
    }
}
