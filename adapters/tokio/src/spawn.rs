//! Spawning the driver.

use tokio::task::JoinHandle;

/// Spawns a client's driver on the current runtime.
///
/// It runs by itself, and ends when its client is shut down. If the runtime is dropped before, the driver is dropped
/// with it, which aborts the session.
///
/// # Cancel safety
/// Dropping the handle detaches the driver, which goes on. `JoinHandle::abort` drops it, which aborts the session.
///
/// # Panics
/// Outside a tokio runtime, as [`tokio::spawn`] does.
#[track_caller]
pub fn spawn<F>(driver: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(driver)
}
