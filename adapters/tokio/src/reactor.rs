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
    use std::task::{Context, Poll};

    use tenure_process::{Source, Watched};
    use tokio::io::unix::AsyncFd;
    use tokio::task::coop::has_budget_remaining;

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

        /// Tries `operation` when tokio says that it is worth it: each try is a system call. `is_last` says of a
        /// success that nothing is left to be read.
        fn poll_readable<T>(
            &self,
            cx: &mut Context<'_>,
            mut operation: impl FnMut(&Source) -> io::Result<T>,
            is_last: impl Fn(&T) -> bool,
        ) -> Poll<io::Result<T>> {
            loop {
                let mut ready = match self.0.poll_read_ready(cx) {
                    Poll::Ready(ready) => ready?,
                    Poll::Pending if has_budget_remaining() => return Poll::Pending,
                    // The budget for this task's turn is used up, though data may be there.
                    Poll::Pending => return poll_of(operation(self.source())),
                };
                let result = operation(self.source());
                if would_block(&result) || result.as_ref().is_ok_and(&is_last) {
                    ready.clear_ready();
                }
                if !would_block(&result) {
                    return Poll::Ready(result);
                }
            }
        }
    }

    fn would_block<T>(result: &io::Result<T>) -> bool {
        result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    fn poll_of<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
        if would_block(&result) { Poll::Pending } else { Poll::Ready(result) }
    }

    impl Watched for TokioWatched {
        fn source(&self) -> &Source {
            &self.0.get_ref().0
        }

        fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
            let room = buffer.len();
            // Less than there was room for: the pipe was empty then, and epoll tells of what comes later.
            let is_last = |length: &usize| cfg!(target_os = "linux") && *length > 0 && *length < room;
            self.poll_readable(cx, |source| source.try_read(buffer), is_last)
        }

        fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            // First without asking tokio: mostly there is room.
            let mut result = self.source().try_write(bytes);
            while would_block(&result) {
                let mut ready = match self.0.poll_write_ready(cx) {
                    Poll::Ready(ready) => ready?,
                    Poll::Pending => return Poll::Pending,
                };
                result = self.source().try_write(bytes);
                if would_block(&result) {
                    ready.clear_ready();
                }
            }
            Poll::Ready(result)
        }

        fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_readable(cx, Source::try_ended, |()| false)
        }
    }
}
