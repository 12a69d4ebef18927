//! What a session asks of a timer.

use tenure_driver::Timer;

/// A [`Timer`] for a session that may move between threads: it is cloned for each generation, and read by
/// callers on any thread.
///
/// There is nothing to implement: every timer that fits is one.
pub trait SessionTimer: Timer<Sleep: Send> + Clone + Send + Sync + 'static {}

impl<T> SessionTimer for T where T: Timer<Sleep: Send> + Clone + Send + Sync + 'static {}
