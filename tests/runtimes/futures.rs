//! `LocalPool` of futures, which brings no timer: those of futures-timer.

use std::cell::RefCell;
use std::future::Future;
use std::time::Instant;

use futures_executor::{LocalPool, LocalSpawner};
use futures_timer::Delay;
use futures_util::task::LocalSpawnExt as _;
use tenure::Time;
use tenure_driver::Timer;
use tenure_kit::Runtime;

struct HelperThread(Instant);

impl Timer for HelperThread {
    type Sleep = Delay;

    fn now(&self) -> Time {
        Time::from_instant(self.0, Instant::now())
    }

    fn sleep_until(&self, deadline: Time) -> Delay {
        Delay::new(deadline.saturating_since(self.now()))
    }
}

// For the kit: an instance that ends with its body.

thread_local! {
    static CURRENT: RefCell<Option<LocalSpawner>> = const { RefCell::new(None) };
}

struct Pool;

impl Runtime for Pool {
    type Timer = HelperThread;

    fn block_on<F: Future>(body: F) -> F::Output {
        let mut pool = LocalPool::new();
        CURRENT.set(Some(pool.spawner()));
        let output = pool.run_until(body);
        CURRENT.set(None);
        output
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        CURRENT.with_borrow(|current| current.as_ref().unwrap().spawn_local(task)).unwrap();
    }

    fn timer() -> HelperThread {
        HelperThread(Instant::now())
    }
}

tenure_kit::conformance!(Pool);

#[test]
fn a_session_that_is_not_send_lives_on_its_thread() {
    tenure_kit::run::<Pool>(
        "not Send",
        crate::local::lives_on_its_thread(
            |task| CURRENT.with_borrow(|current| current.as_ref().unwrap().spawn_local(task)).unwrap(),
            Pool::timer(),
        ),
    );
}
