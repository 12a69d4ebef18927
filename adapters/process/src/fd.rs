//! File descriptors, also where there are none.

#[cfg(unix)]
pub use std::os::fd::{BorrowedFd, OwnedFd};

#[cfg(not(unix))]
pub use none::{BorrowedFd, OwnedFd};

/// Stand-ins with no values, so that code over a [`Reactor`](crate::Reactor) compiles everywhere.
#[cfg(not(unix))]
mod none {
    use std::convert::Infallible;
    use std::io;
    use std::marker::PhantomData;
    use std::task::{Context, Poll};

    use crate::AsyncFd;

    /// A file descriptor; this platform has none.
    #[derive(Debug)]
    pub enum OwnedFd {}

    /// A borrowed file descriptor; this platform has none.
    #[derive(Clone, Copy, Debug)]
    pub struct BorrowedFd<'fd> {
        _never: Infallible,
        _owner: PhantomData<&'fd OwnedFd>,
    }

    impl AsyncFd for OwnedFd {
        fn poll_read_with(
            &self,
            _: &mut Context<'_>,
            _: &mut dyn FnMut(BorrowedFd<'_>) -> io::Result<usize>,
        ) -> Poll<io::Result<usize>> {
            match *self {}
        }

        fn poll_write_with(
            &self,
            _: &mut Context<'_>,
            _: &mut dyn FnMut(BorrowedFd<'_>) -> io::Result<usize>,
        ) -> Poll<io::Result<usize>> {
            match *self {}
        }
    }
}
