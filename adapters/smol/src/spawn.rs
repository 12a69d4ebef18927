//! Spawning the driver.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use smol::Task;

/// Spawns a client's driver on smol's global executor.
///
/// It runs by itself: dropping the handle detaches it, and it ends when its client is shut down. To
/// have it on an executor of your own, spawn it there and keep or detach the task.
pub fn spawn<F>(driver: F) -> Spawned<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    Spawned(Some(smol::spawn(driver)))
}

/// A driver that was spawned; ends when the driver does. Awaiting it panics if the driver panicked.
///
/// # Cancel safety
/// Dropping it detaches the driver, which goes on; dropping smol's own task would cancel it.
pub struct Spawned<T>(Option<Task<T>>);

impl<T> Spawned<T> {
    /// Lets it run by itself, as dropping it does: for who is used to detach smol's tasks.
    pub fn detach(self) {}
}

impl<T> Future for Spawned<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut self.0 {
            Some(task) => Pin::new(task).poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<T> Drop for Spawned<T> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}

impl<T> fmt::Debug for Spawned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawned").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_on_when_its_handle_is_dropped() {
        smol::block_on(async {
            let (started, on_start) = smol::channel::bounded::<()>(1);
            let (go, on_go) = smol::channel::bounded::<()>(1);
            let (ended, on_end) = smol::channel::bounded(1);
            let spawned = spawn(async move {
                started.send(()).await.unwrap();
                on_go.recv().await.unwrap();
                ended.send(7).await.unwrap();
            });
            on_start.recv().await.unwrap();
            drop(spawned);
            go.send(()).await.unwrap();
            assert_eq!(on_end.recv().await, Ok(7));
        });
    }

    #[test]
    fn runs_on_when_it_is_detached() {
        smol::block_on(async {
            let (ended, on_end) = smol::channel::bounded(1);
            spawn(async move { ended.send(7).await.unwrap() }).detach();
            assert_eq!(on_end.recv().await, Ok(7));
        });
    }

    #[test]
    fn ends_with_the_driver() {
        assert_eq!(smol::block_on(spawn(async { 7 })), 7);
    }
}
