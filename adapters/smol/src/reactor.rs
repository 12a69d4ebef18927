//! Readiness of file descriptors, by smol's reactor.

use std::io;

use tenure_process::{OwnedFd, Reactor};

#[cfg(unix)]
pub use unix::SmolFd;

/// Registers file descriptors with smol's reactor, of which a program has one.
#[derive(Clone, Copy, Debug, Default)]
pub struct SmolReactor {
    _private: (),
}

impl SmolReactor {
    /// Smol's reactor.
    pub fn new() -> Self {
        Self::default()
    }
}

#[cfg(unix)]
impl Reactor for SmolReactor {
    type Fd = SmolFd;

    fn register(&self, fd: OwnedFd) -> io::Result<SmolFd> {
        SmolFd::new(fd)
    }
}

#[cfg(not(unix))]
impl Reactor for SmolReactor {
    type Fd = OwnedFd;

    fn register(&self, fd: OwnedFd) -> io::Result<OwnedFd> {
        Ok(fd)
    }
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::AsFd as _;
    use std::task::{Context, Poll, ready};

    use smol::Async;
    use tenure_process::{AsyncFd, BorrowedFd, OwnedFd};

    /// A file descriptor that smol watches.
    #[derive(Debug)]
    pub struct SmolFd(Async<OwnedFd>);

    impl SmolFd {
        /// It is non-blocking already, where that means anything.
        pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
            Async::new_nonblocking(fd).map(Self)
        }

        fn attempt(
            &self,
            op: &mut dyn FnMut(BorrowedFd<'_>) -> io::Result<usize>,
        ) -> Option<io::Result<usize>> {
            match op(self.0.get_ref().as_fd()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
                result => Some(result),
            }
        }
    }

    impl AsyncFd for SmolFd {
        fn poll_read_with(
            &self,
            cx: &mut Context<'_>,
            op: &mut dyn FnMut(BorrowedFd<'_>) -> io::Result<usize>,
        ) -> Poll<io::Result<usize>> {
            loop {
                if let Some(result) = self.attempt(op) {
                    return Poll::Ready(result);
                }
                ready!(self.0.poll_readable(cx))?;
            }
        }

        fn poll_write_with(
            &self,
            cx: &mut Context<'_>,
            op: &mut dyn FnMut(BorrowedFd<'_>) -> io::Result<usize>,
        ) -> Poll<io::Result<usize>> {
            loop {
                if let Some(result) = self.attempt(op) {
                    return Poll::Ready(result);
                }
                ready!(self.0.poll_writable(cx))?;
            }
        }
    }
}
