//! What this crate asks of a runtime: readiness of file descriptors.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use crate::{BorrowedFd, OwnedFd};

/// A runtime's way to wait for file descriptors.
pub trait Reactor: Clone + Send + Sync + 'static {
    /// A file descriptor that the reactor watches.
    type Fd: AsyncFd;

    /// Watches `fd`, which has been made non-blocking where reading or writing it could block.
    ///
    /// # Errors
    /// Whatever hinders the runtime from watching it; `fd` is closed then.
    fn register(&self, fd: OwnedFd) -> io::Result<Self::Fd>;
}

/// A file descriptor that a reactor watches. Dropping it closes it, at once.
///
/// One task reads and one writes at any time: the latest waker of each direction is enough.
pub trait AsyncFd: fmt::Debug + Send + Sync + Unpin + 'static {
    /// Tries `op` until its result is anything but [`WouldBlock`](io::ErrorKind::WouldBlock). While it
    /// isn't, the task is woken when the descriptor may have become readable.
    fn poll_read_with(
        &self,
        cx: &mut Context<'_>,
        op: &mut dyn FnMut(BorrowedFd<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>>;

    /// The same for becoming writable.
    fn poll_write_with(
        &self,
        cx: &mut Context<'_>,
        op: &mut dyn FnMut(BorrowedFd<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>>;
}
