//! compio, a runtime over completions: `io_uring`, or poll where that can't be had.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use compio_runtime::time;
use tenure::Time;
use tenure_driver::Timer;
use tenure_kit::Runtime;

struct CompioTimer(Instant);

impl Timer for CompioTimer {
    type Sleep = Pin<Box<dyn Future<Output = ()>>>;

    fn now(&self) -> Time {
        Time::from_instant(self.0, Instant::now())
    }

    fn sleep_until(&self, deadline: Time) -> Self::Sleep {
        match deadline.to_instant(self.0) {
            Some(deadline) => Box::pin(time::sleep_until(deadline)),
            None => Box::pin(std::future::pending()),
        }
    }

    /// Completions are looked for each time that timers are.
    fn catch_up(&self) -> Option<Self::Sleep> {
        Some(Box::pin(time::sleep(Duration::from_millis(1))))
    }
}

// For the kit: an instance that ends with its body.

struct Compio;

impl Runtime for Compio {
    type Timer = CompioTimer;

    fn block_on<F: Future>(body: F) -> F::Output {
        compio_runtime::Runtime::new().unwrap().block_on(body)
    }

    fn spawn(task: impl Future<Output = ()> + Send + 'static) {
        compio_runtime::spawn(task).detach();
    }

    fn timer() -> CompioTimer {
        CompioTimer(Instant::now())
    }
}

tenure_kit::conformance!(Compio);

#[test]
fn a_session_that_is_not_send_lives_on_its_thread() {
    tenure_kit::run::<Compio>(
        "not Send",
        crate::local::lives_on_its_thread(|task| compio_runtime::spawn(task).detach(), Compio::timer()),
    );
}
