//! What the kit asks of a runtime.

use std::future::Future;
use std::time::Duration;

use futures_lite::future;
use tenure_driver::Timer;

use crate::Scenario;

/// A runtime to hold against the rows.
///
/// A single-threaded executor implements it as well as any: that a future is `Send` forbids nobody to
/// poll it in place.
///
/// ```
/// use std::future::Future;
///
/// use tenure_kit::{Runtime, VirtualClock};
///
/// /// An executor that is made for one `block_on` and dropped with it.
/// # struct Executor;
/// # impl Executor {
/// #     fn new() -> Self { Self }
/// #     fn run<F: Future>(&self, _: F) -> F::Output { unimplemented!() }
/// #     fn current() -> Self { Self }
/// #     fn push(&self, _: impl Future<Output = ()>) {}
/// # }
/// struct Mine;
///
/// impl Runtime for Mine {
///     type Timer = VirtualClock; // your runtime's own timer
///
///     fn block_on<F: Future>(body: F) -> F::Output {
///         Executor::new().run(body)
///     }
///     fn spawn(task: impl Future<Output = ()> + Send + 'static) {
///         Executor::current().push(task);
///     }
///     fn timer() -> VirtualClock {
///         VirtualClock::new()
///     }
/// }
/// ```
pub trait Runtime: 'static {
    /// The runtime's timer, on the real clock.
    type Timer: Timer;

    /// Runs `body` to its end in a new instance of the runtime, which is dropped, with all its tasks,
    /// before this returns.
    fn block_on<F: Future>(body: F) -> F::Output;

    /// Runs `task` beside the body, in the instance in which this is called.
    fn spawn(task: impl Future<Output = ()> + Send + 'static);

    /// A timer of the instance in which this is called.
    fn timer() -> Self::Timer;
}

/// Far longer than any row takes, on a busy machine too.
const LONG: Duration = Duration::from_secs(30);

/// Runs one row on `R`. A row that hangs fails with its name.
///
/// # Panics
/// If the row fails, or has not ended in half a minute.
pub fn run<R: Runtime>(name: &str, row: impl Future<Output = ()>) {
    R::block_on(async {
        let timer = R::timer();
        let late = timer.sleep_until(timer.now().saturating_add(LONG));
        let done = async {
            row.await;
            true
        };
        let late = async {
            late.await;
            false
        };
        let ended = future::or(done, late).await;
        assert!(ended, "{name} hangs ({})", Scenario::of(name).map_or("", |scenario| scenario.situation));
    });
}
