//! async-executor on one thread, with async-io's reactor: what is under smol, without smol.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use async_executor::LocalExecutor;
use tenure::Time;
use tenure_driver::Timer;
use tenure_kit::Runtime;

struct ReactorTimer(Instant);

struct ReactorSleep(async_io::Timer);

impl Timer for ReactorTimer {
    type Sleep = ReactorSleep;

    fn now(&self) -> Time {
        Time::from_instant(self.0, Instant::now())
    }

    fn sleep_until(&self, deadline: Time) -> ReactorSleep {
        ReactorSleep(deadline.to_instant(self.0).map_or_else(async_io::Timer::never, async_io::Timer::at))
    }

    /// The reactor looks for input each time that it looks at its timers.
    fn catch_up(&self) -> Option<ReactorSleep> {
        Some(ReactorSleep(async_io::Timer::after(Duration::from_millis(1))))
    }
}

impl Future for ReactorSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

// For the kit: an instance that ends with its body.

thread_local! {
    static CURRENT: RefCell<Option<Rc<LocalExecutor<'static>>>> = const { RefCell::new(None) };
}

struct AsyncExecutor;

impl Runtime for AsyncExecutor {
    type Timer = ReactorTimer;

    fn block_on<F: Future>(body: F) -> F::Output {
        let executor = Rc::new(LocalExecutor::new());
        CURRENT.set(Some(executor.clone()));
        let output = async_io::block_on(executor.run(body));
        CURRENT.set(None);
        output
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        CURRENT.with_borrow(|current| current.as_ref().unwrap().spawn(task).detach());
    }

    fn timer() -> ReactorTimer {
        ReactorTimer(Instant::now())
    }
}

tenure_kit::conformance!(AsyncExecutor);

#[test]
fn a_session_that_is_not_send_lives_on_its_thread() {
    tenure_kit::run::<AsyncExecutor>(
        "not Send",
        crate::local::lives_on_its_thread(
            |task| CURRENT.with_borrow(|current| current.as_ref().unwrap().spawn(task).detach()),
            AsyncExecutor::timer(),
        ),
    );
}
