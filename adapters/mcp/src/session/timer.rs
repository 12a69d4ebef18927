//! What a session asks of a timer.

use std::future::poll_fn;

use tenure::Time;
use tenure_driver::{Alarm, Timer};

/// A [`Timer`] for a session that may move between threads: it is cloned for each generation, and read by
/// callers on any thread.
///
/// There is nothing to implement: every timer that fits is one.
pub trait SessionTimer: Timer<Sleep: Send> + Clone + Send + Sync + 'static {}

impl<T> SessionTimer for T where T: Timer<Sleep: Send> + Clone + Send + Sync + 'static {}

/// Completes at the deadline, once the runtime has told of the input that is there by then. Where it is polled after
/// what waits for input, the deadline never wins over input that was there.
pub(crate) async fn passed<T: Timer>(timer: T, deadline: Time) {
    let mut alarm = Alarm::new(timer);
    poll_fn(|cx| alarm.poll_until(deadline, cx)).await;
}
