//! Watching children, by tokio's driver.

use std::io;

use tenure_process::{Reactor, Source};
use tokio::runtime::Handle;

#[cfg(unix)]
pub use unix::TokioWatched;

/// Has children watched by a tokio runtime.
#[derive(Clone, Debug, Default)]
pub struct TokioReactor {
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is nothing to watch"))]
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
    type Watched = TokioWatched;

    /// # Errors
    /// Outside a runtime, or in one that is shutting down.
    ///
    /// # Panics
    /// In a runtime without I/O enabled, as all of tokio's I/O does.
    fn watch(&self, source: Source) -> io::Result<TokioWatched> {
        let runtime = self.runtime()?;
        let _entered = runtime.enter();
        TokioWatched::new(source)
    }
}

#[cfg(not(unix))]
impl Reactor for TokioReactor {
    type Watched = Source;

    fn watch(&self, source: Source) -> io::Result<Source> {
        Ok(source)
    }
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{AsFd as _, AsRawFd, RawFd};
    use std::task::{Context, Poll, ready};

    use tenure_process::{Source, Watched};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// A source that tokio watches.
    #[derive(Debug)]
    pub struct TokioWatched(AsyncFd<Registered>);

    /// A source by its descriptor's number, as tokio wants it.
    #[derive(Debug)]
    struct Registered(Source);

    impl AsRawFd for Registered {
        fn as_raw_fd(&self) -> RawFd {
            self.0.as_fd().as_raw_fd()
        }
    }

    impl TokioWatched {
        // Newer versions ask for `unsafe` here, for types that may change their descriptor while it is
        // registered. A source doesn't.
        #[allow(deprecated, reason = "sound for a source, and without unsafe code")]
        pub(super) fn new(source: Source) -> io::Result<Self> {
            AsyncFd::new(Registered(source)).map(Self)
        }

        /// Tries `operation` until it is anything but `WouldBlock`.
        fn poll<T>(
            &self,
            cx: &mut Context<'_>,
            interest: Interest,
            mut operation: impl FnMut(&Source) -> io::Result<T>,
        ) -> Poll<io::Result<T>> {
            // First without asking tokio: its budget for a task's turn may be used up, though data is there.
            match operation(&self.0.get_ref().0) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            loop {
                let mut ready = ready!(if interest.is_writable() {
                    self.0.poll_write_ready(cx)
                } else {
                    self.0.poll_read_ready(cx)
                })?;
                // An error here is "would block": tokio has taken note and is asked again.
                if let Ok(result) = ready.try_io(|registered| operation(&registered.get_ref().0)) {
                    return Poll::Ready(result);
                }
            }
        }
    }

    impl Watched for TokioWatched {
        fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
            self.poll(cx, Interest::READABLE, |source| source.try_read(buffer))
        }

        fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.poll(cx, Interest::WRITABLE, |source| source.try_write(bytes))
        }

        fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll(cx, Interest::READABLE, Source::try_ended)
        }
    }
}
