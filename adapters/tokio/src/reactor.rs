//! Readiness of file descriptors, by tokio's driver.

use std::io;

use tenure_process::{OwnedFd, Reactor};
use tokio::runtime::Handle;

#[cfg(unix)]
pub use unix::TokioFd;

/// Registers file descriptors with a tokio runtime.
#[derive(Clone, Debug, Default)]
pub struct TokioReactor {
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is nothing to register"))]
    runtime: Option<Handle>,
}

impl TokioReactor {
    /// Registers with the runtime in which it is used: the one that polls the driver.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers with `runtime`, also where another executor polls the driver.
    pub fn of(runtime: Handle) -> Self {
        Self { runtime: Some(runtime) }
    }

    #[cfg(unix)]
    fn runtime(&self) -> io::Result<Handle> {
        match &self.runtime {
            Some(runtime) => Ok(runtime.clone()),
            None => Handle::try_current().map_err(io::Error::other),
        }
    }
}

#[cfg(unix)]
impl Reactor for TokioReactor {
    type Fd = TokioFd;

    /// # Errors
    /// Outside a runtime, or in one that is shutting down.
    ///
    /// # Panics
    /// In a runtime without I/O enabled, as all of tokio's I/O does.
    fn register(&self, fd: OwnedFd) -> io::Result<TokioFd> {
        let runtime = self.runtime()?;
        let _entered = runtime.enter();
        TokioFd::new(fd)
    }
}

#[cfg(not(unix))]
impl Reactor for TokioReactor {
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

    use tenure_process::{AsyncFd, BorrowedFd, OwnedFd};
    use tokio::io::unix::AsyncFd as Registered;

    /// A file descriptor that tokio watches.
    #[derive(Debug)]
    pub struct TokioFd(Registered<OwnedFd>);

    impl TokioFd {
        // Newer versions ask for `unsafe` here, for types that may change their descriptor while it is
        // registered. An owned one that is never given out again doesn't.
        #[allow(deprecated, reason = "sound for an OwnedFd, and without unsafe code")]
        pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
            Registered::new(fd).map(Self)
        }
    }

    impl AsyncFd for TokioFd {
        fn poll_read_with(
            &self,
            cx: &mut Context<'_>,
            op: &mut dyn FnMut(BorrowedFd<'_>) -> io::Result<usize>,
        ) -> Poll<io::Result<usize>> {
            // First without asking tokio: its budget for a task's turn may be used up, though data is there.
            match op(self.0.get_ref().as_fd()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            loop {
                let mut ready = ready!(self.0.poll_read_ready(cx))?;
                // An error here is "would block": tokio has taken note and is asked again.
                if let Ok(result) = ready.try_io(|fd| op(fd.get_ref().as_fd())) {
                    return Poll::Ready(result);
                }
            }
        }

        fn poll_write_with(
            &self,
            cx: &mut Context<'_>,
            op: &mut dyn FnMut(BorrowedFd<'_>) -> io::Result<usize>,
        ) -> Poll<io::Result<usize>> {
            match op(self.0.get_ref().as_fd()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            loop {
                let mut ready = ready!(self.0.poll_write_ready(cx))?;
                if let Ok(result) = ready.try_io(|fd| op(fd.get_ref().as_fd())) {
                    return Poll::Ready(result);
                }
            }
        }
    }
}
