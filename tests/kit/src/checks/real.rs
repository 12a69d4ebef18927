//! The real clock, kept by a thread: what checks measure with, whatever runs them.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use futures_lite::future;
use tenure::Time;
use tenure_driver::Timer;

use crate::checks::bell::Apart;
use crate::checks::rule::Rule;

/// Needs no runtime, so that a runtime's own timer can be held against it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RealClock {
    origin: Instant,
}

impl RealClock {
    pub(crate) fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Timer for RealClock {
    type Sleep = RealSleep;

    fn now(&self) -> Time {
        Time::from_instant(self.origin, Instant::now())
    }

    fn sleep_until(&self, deadline: Time) -> RealSleep {
        RealSleep { deadline: deadline.to_instant(self.origin), number: None }
    }
}

/// Lets real time pass.
pub(crate) fn pause(duration: Duration) -> RealSleep {
    RealSleep { deadline: Instant::now().checked_add(duration), number: None }
}

/// What comes of `work` within so much real time. It is polled when it was woken, not because time is up.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    // Behind a pointer, so that the rest is compiled once for what each of them results in.
    let work: Pin<Box<dyn Future<Output = Option<T>> + '_>> = Box::pin(async { Some(work.await) });
    let work = Apart::new(work);
    let late = async {
        pause(limit).await;
        None
    };
    future::or(work, late).await
}

/// Says so on standard error when `work` keeps its thread for long: nobody else can, if it never lets go.
pub(crate) fn watched<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    let mut alarm = pause(STUCK);
    let _ = Pin::new(&mut alarm).poll(&mut Context::from_waker(&Waker::from(Arc::new(Stuck(what)))));
    let result = work();
    drop(alarm);
    result
}

/// How long that is.
const STUCK: Duration = Duration::from_secs(10);

struct Stuck(&'static str);

impl Wake for Stuck {
    fn wake(self: Arc<Self>) {
        let Self(what) = &*self;
        let rule = Rule::NeverBlocks;
        eprintln!(
            "tenure-kit: {what} has not returned for {STUCK:?}, and this check waits with it\n\
             must hold: {rule}\n      try: {}\n      see: {}",
            rule.cure(),
            rule.page()
        );
    }
}

/// Completes at its deadline; never without one.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct RealSleep {
    deadline: Option<Instant>,
    number: Option<u64>,
}

impl Future for RealSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        if deadline <= Instant::now() {
            return Poll::Ready(());
        }
        self.number = Some(Keeper::get().put(deadline, self.number, cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for RealSleep {
    fn drop(&mut self) {
        if let (Some(deadline), Some(number)) = (self.deadline, self.number) {
            let waker = Keeper::get().lock().sleeps.remove(&(deadline, number));
            drop(waker);
        }
    }
}

/// The thread that wakes sleepers. It waits for ever when there are none.
#[derive(Default)]
struct Keeper {
    kept: Mutex<Kept>,
    earlier: Condvar,
}

#[derive(Default)]
struct Kept {
    sleeps: BTreeMap<(Instant, u64), Waker>,
    made: u64,
}

impl Keeper {
    fn get() -> &'static Self {
        static KEEPER: OnceLock<&'static Keeper> = OnceLock::new();
        KEEPER.get_or_init(|| {
            let keeper: &'static Self = Box::leak(Box::default());
            std::thread::Builder::new()
                .name("tenure-kit clock".into())
                .spawn(|| keeper.run())
                .expect("the checks need a thread for their clock");
            keeper
        })
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets or replaces a waker.
    fn put(&self, deadline: Instant, number: Option<u64>, waker: Waker) -> u64 {
        let (number, old) = {
            let mut kept = self.lock();
            let number = number.unwrap_or_else(|| {
                kept.made += 1;
                kept.made
            });
            (number, kept.sleeps.insert((deadline, number), waker))
        };
        drop(old);
        self.earlier.notify_one();
        number
    }

    fn run(&self) {
        let mut kept = self.lock();
        loop {
            let now = Instant::now();
            let next = kept.sleeps.first_key_value().map(|((deadline, _), _)| *deadline);
            kept = match next {
                None => self.earlier.wait(kept).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) if deadline > now => {
                    let waited = self.earlier.wait_timeout(kept, deadline - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => {
                    let due = kept.sleeps.pop_first();
                    drop(kept);
                    if let Some((_, waker)) = due {
                        waker.wake();
                    }
                    self.lock()
                }
            };
        }
    }
}
