//! Watching children, by smol's reactor.

use std::io;

use tenure_process::{Reactor, Source};

#[cfg(unix)]
pub use unix::SmolWatched;

/// Has children watched by smol's reactor, of which a program has one.
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
    type Watched = SmolWatched;

    fn watch(&self, source: Source) -> io::Result<SmolWatched> {
        SmolWatched::new(source)
    }
}

#[cfg(not(unix))]
impl Reactor for SmolReactor {
    type Watched = Source;

    fn watch(&self, source: Source) -> io::Result<Source> {
        Ok(source)
    }
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Poll, ready};

    use smol::Async;
    use tenure_process::{Source, Watched};

    /// A source that smol watches.
    #[derive(Debug)]
    pub struct SmolWatched {
        source: Async<Source>,
        /// There is nothing to be read until smol says so: to try is a system call.
        is_empty: AtomicBool,
    }

    impl SmolWatched {
        /// It is non-blocking already, where that means anything.
        pub(super) fn new(source: Source) -> io::Result<Self> {
            let source = Async::new_nonblocking(source)?;
            Ok(Self { source, is_empty: AtomicBool::new(true) })
        }

        /// Tries `operation` when it is worth it. `is_last` says of a success that nothing is left to be read.
        fn poll_readable<T>(
            &self,
            cx: &mut Context<'_>,
            mut operation: impl FnMut(&Source) -> io::Result<T>,
            is_last: impl FnOnce(&T) -> bool,
        ) -> Poll<io::Result<T>> {
            loop {
                if self.is_empty.load(Ordering::SeqCst) {
                    ready!(self.source.poll_readable(cx))?;
                    self.is_empty.store(false, Ordering::SeqCst);
                }
                let result = operation(self.source.get_ref());
                if !would_block(&result) {
                    self.is_empty.store(result.as_ref().is_ok_and(is_last), Ordering::SeqCst);
                    return Poll::Ready(result);
                }
                self.is_empty.store(true, Ordering::SeqCst);
            }
        }
    }

    fn would_block<T>(result: &io::Result<T>) -> bool {
        result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    impl Watched for SmolWatched {
        fn source(&self) -> &Source {
            self.source.get_ref()
        }

        fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
            let room = buffer.len();
            // Less than there was room for: the pipe was empty then.
            let is_last = |length: &usize| *length > 0 && *length < room;
            self.poll_readable(cx, |source| source.try_read(buffer), is_last)
        }

        fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            loop {
                let result = self.source.get_ref().try_write(bytes);
                if !would_block(&result) {
                    return Poll::Ready(result);
                }
                ready!(self.source.poll_writable(cx))?;
            }
        }

        fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_readable(cx, Source::try_ended, |()| false)
        }
    }
}
