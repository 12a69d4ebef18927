//! What the kit asks of a runtime.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tenure_driver::Timer;

use crate::Scenario;
use crate::checks::within;

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

/// Runs one row on `R`. A row that hangs fails, and each that fails says what it is about.
///
/// # Panics
/// If the row fails, or has not ended in half a minute.
pub fn run<R: Runtime>(name: &str, row: impl Future<Output = ()>) {
    bounded::<R>(name, Box::pin(row));
}

/// The same for each row, so that a runtime is compiled once and not for each of them.
fn bounded<R: Runtime>(name: &str, row: Pin<Box<dyn Future<Output = ()> + '_>>) {
    let _about = About(name);
    R::block_on(async {
        let ended = within(LONG, row).await.is_some();
        assert!(
            ended,
            "{name} hangs: the runtime lost a wake-up, or a deadline didn't come. `the_timer_keeps_time` and \
             `what_is_spawned_runs`, of the same module, say more",
        );
    });
}

/// Says what a row is about when it fails.
struct About<'a>(&'a str);

impl Drop for About<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        if let Some(scenario) = Scenario::of(self.0) {
            eprintln!(
                "{scenario}\nmust hold: {}\nsee: tenure_kit::SCENARIOS, tenure_kit::rows::{}",
                scenario.must, self.0
            );
        }
    }
}
