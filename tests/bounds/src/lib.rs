//! Bounds for tests that start processes: on the real clock, of any runtime and of none.
//!
//! A test that waits says what for: [`within`] for a future, [`blocking`] for a call that blocks. When the
//! bound has passed, what the test has started is killed, each process by its own id, and the test fails
//! and says what it waited for. What it has started is known by a mark in its environment, which children
//! inherit: [`mark`] each command.
//!
//! A test that fails for any other reason kills what it has started, too: nothing is left that could hold
//! this program's output open.
//!
//! On Windows nothing is known by its mark. What a test there has started by tenure is in jobs, which end with this
//! program at the latest; a wait that doesn't end ends this program.
//!
//! An `Example` is a package's example, run as a program; on unix.
#![cfg(any(unix, windows))]
#![allow(clippy::panic, clippy::missing_panics_doc, reason = "a bound that has passed fails the test")]

#[cfg(unix)]
mod example;
mod started;
mod watchdog;

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

#[cfg(unix)]
pub use example::{Example, Said};
pub use started::{kill_started, mark, started};

use self::watchdog::Watchdog;

/// Far longer than any one thing takes that a test waits for, on a busy machine too.
pub const BOUND: Duration = Duration::from_secs(20);

/// Longer than all that one test waits for.
const WHOLE: Duration = Duration::from_secs(30);

type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + 'f>>;

/// Waits for `what`, which is this future, for no longer than [`BOUND`].
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    bounded(what, BOUND, future).await
}

/// Waits for `what`, a test as a whole: whatever it waits for in between, it ends.
///
/// In a box, so that what runs it, a runtime, is compiled once and not for each test.
pub fn whole<'f, T: 'f>(what: &'f str, future: impl Future<Output = T> + 'f) -> Boxed<'f, T> {
    let future: Boxed<'f, T> = Box::pin(future);
    Box::pin(bounded(what, WHOLE, future))
}

/// A file that can be executed, from now on. Another process writes it: what another test forks meanwhile would hold a
/// copy of the writing end for a moment, and a program that is open for writing can't be run.
#[cfg(unix)]
pub fn executable(path: &std::path::Path, text: &str) {
    let mut write = std::process::Command::new("sh");
    write.args(["-c", "printf %s \"$2\" >\"$1\" && chmod 755 \"$1\"", "sh"]).arg(path).arg(text);
    let written = write.status().unwrap_or_else(|error| panic!("sh: {error}"));
    assert!(written.success(), "{}: {written}", path.display());
}

/// Waits for `what`, which is this call, for no longer than [`BOUND`]; then it is made to return by the
/// end of the processes it waits for. One that doesn't even then takes the whole program with it.
pub fn blocking<T>(what: &str, call: impl FnOnce() -> T) -> T {
    let watchdog = Watchdog::new(what, BOUND);
    let output = call();
    assert!(!watchdog.has_expired(), "{}", watchdog.complaint());
    output
}

async fn bounded<T>(what: &str, bound: Duration, future: impl Future<Output = T>) -> T {
    let watchdog = Watchdog::new(what, bound);
    let mut future = pin!(future);
    poll_fn(|cx| {
        watchdog.wakes(cx.waker());
        assert!(!watchdog.has_expired(), "{}", watchdog.complaint());
        match future.as_mut().poll(cx) {
            // Killed meanwhile, it may well have got what it waited for.
            Poll::Ready(_) if watchdog.has_expired() => panic!("{}", watchdog.complaint()),
            polled => polled,
        }
    })
    .await
}
