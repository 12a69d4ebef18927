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
    use std::task::{Context, Poll, ready};

    use smol::Async;
    use tenure_process::{Source, Watched};

    /// A source that smol watches.
    #[derive(Debug)]
    pub struct SmolWatched(Async<Source>);

    impl SmolWatched {
        /// It is non-blocking already, where that means anything.
        pub(super) fn new(source: Source) -> io::Result<Self> {
            Async::new_nonblocking(source).map(Self)
        }

        /// Tries `operation` until it is anything but `WouldBlock`; waits by `poll_ready` meanwhile.
        fn poll<T>(
            &self,
            cx: &mut Context<'_>,
            poll_ready: fn(&Async<Source>, &mut Context<'_>) -> Poll<io::Result<()>>,
            mut operation: impl FnMut(&Source) -> io::Result<T>,
        ) -> Poll<io::Result<T>> {
            loop {
                match operation(self.0.get_ref()) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => return Poll::Ready(result),
                }
                ready!(poll_ready(&self.0, cx))?;
            }
        }
    }

    impl Watched for SmolWatched {
        fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
            self.poll(cx, Async::poll_readable, |source| source.try_read(buffer))
        }

        fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.poll(cx, Async::poll_writable, |source| source.try_write(bytes))
        }

        fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll(cx, Async::poll_readable, Source::try_ended)
        }
    }
}
