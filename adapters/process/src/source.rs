//! What a reactor is given to watch.

use std::io;

use crate::sys;

#[cfg(not(unix))]
mod watched;

/// One thing of a child's that has to be waited for: this program's end of a pipe, or the child's exit.
///
/// Its operations never block: where one would have to, it is
/// [`WouldBlock`](io::ErrorKind::WouldBlock), and a [`Reactor`](crate::Reactor) is what tells when to try
/// again. An operation that the source doesn't have (reading an exit, say) is
/// [`Unsupported`](io::ErrorKind::Unsupported).
///
/// On unix it has a file descriptor, to be registered with the runtime and for nothing else: it becomes
/// readable or writable when the operation is worth another try, and a child's exit is never read from it.
#[derive(Debug)]
pub struct Source(sys::Source);

impl Source {
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is nothing to watch"))]
    pub(crate) fn new(source: sys::Source) -> Self {
        Self(source)
    }

    /// Reads from the pipe; 0 says that no other process holds its other end.
    ///
    /// # Errors
    /// `WouldBlock` while there is nothing to read, or what the system says.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }

    /// Writes to the pipe.
    ///
    /// # Errors
    /// `WouldBlock` while there is no room, `BrokenPipe` when nobody reads any more, or what the system
    /// says.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    /// Looks whether the child has exited. It is not reaped by that; one that was reaped has exited.
    ///
    /// # Errors
    /// `WouldBlock` while it runs, or what the system says.
    pub fn try_ended(&self) -> io::Result<()> {
        self.0.try_ended()
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for Source {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}
