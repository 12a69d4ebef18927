//! embassy-executor on std, in a thread of its own, with embassy-time.
//!
//! Its tasks have places that are never given back while they run, and it drops none: where an executor may end, each
//! task is kept where it can be taken from, as here. A program on bare metal, whose executor never ends, needs no more
//! than `spawner.spawn(session(driver)?)`.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread;

use embassy_executor::{Executor, SendSpawner};
use embassy_time::Instant;
use tenure::Time;
use tenure_driver::Timer;
use tenure_kit::{Gate, Runtime};

struct EmbassyTimer;

impl Timer for EmbassyTimer {
    type Sleep = embassy_time::Timer;

    fn now(&self) -> Time {
        Time::from_nanos(Instant::now().as_micros().saturating_mul(1000))
    }

    /// In whole microseconds, and never early.
    fn sleep_until(&self, deadline: Time) -> embassy_time::Timer {
        embassy_time::Timer::at(Instant::from_micros(deadline.as_nanos().div_ceil(1000)))
    }
}

// For the kit: an instance that ends with its body.

/// A task, until it is over or taken away.
type Kept = Arc<Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>>;

#[embassy_executor::task(pool_size = 512)]
async fn carry(kept: Kept) {
    let poll = |cx: &mut Context<'_>| match &mut *kept.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(task) => task.as_mut().poll(cx),
        None => Poll::Ready(()),
    };
    poll_fn(poll).await;
    take(&kept);
}

/// The task is dropped when the lock is free again.
fn take(kept: &Kept) {
    let task = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
    drop(task);
}

#[derive(Clone)]
struct Instance {
    spawner: SendSpawner,
    tasks: Arc<Mutex<Vec<Kept>>>,
}

impl Instance {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let kept = Kept::new(Mutex::new(Some(Box::pin(task))));
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(kept.clone());
        self.spawner.spawn(carry(kept).unwrap());
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Instance>> = const { RefCell::new(None) };
}

struct Embassy;

impl Runtime for Embassy {
    type Timer = EmbassyTimer;

    /// The body runs on the thread of its own caller: a task of embassy's lives for ever.
    fn block_on<F: Future>(body: F) -> F::Output {
        let (tell, told) = channel();
        let executor = thread::spawn(move || {
            let executor = Box::leak(Box::new(Executor::new()));
            let (stop, tasks) = (Gate::new(), Arc::<Mutex<Vec<Kept>>>::default());
            let stopped = stop.clone();
            let instance = |spawner| Instance { spawner, tasks: tasks.clone() };
            executor.run_until(
                |spawner| tell.send((instance(spawner.make_send()), stop)).unwrap(),
                || stopped.is_open(),
            );
            tasks.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(take);
        });
        let (instance, stop) = told.recv().unwrap();
        CURRENT.set(Some(instance.clone()));
        let output = futures_lite::future::block_on(body);
        CURRENT.set(None);
        stop.open();
        instance.spawn(async {}); // wakes it
        executor.join().unwrap();
        output
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        CURRENT.with_borrow(|current| current.as_ref().unwrap().spawn(task));
    }

    fn timer() -> EmbassyTimer {
        EmbassyTimer
    }
}

tenure_kit::conformance!(Embassy);
