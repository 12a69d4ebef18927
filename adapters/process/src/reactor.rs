//! What this crate asks of a runtime: to watch a source and wake a task when it is worth another try.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use crate::source::Source;

/// A runtime's way to wait for children.
///
/// A runtime that watches file descriptors registers the [`Source`], which has one on unix, and does the
/// source's own operations when the descriptor becomes ready; `tenure-tokio` and `tenure-smol` take some
/// fifty lines for it. A system whose children need nothing watched makes no source, and its reactors are
/// never asked.
pub trait Reactor: Clone + Send + Sync + 'static {
    /// A source that the reactor watches.
    type Watched: Watched;

    /// Watches `source`, none of whose operations blocks.
    ///
    /// # Errors
    /// Whatever hinders the runtime from watching it; `source` is closed then.
    fn watch(&self, source: Source) -> io::Result<Self::Watched>;
}

/// A source that a reactor watches: its operations, each tried again once it may go better. Dropping it
/// closes the source, at once.
///
/// None of them is [`WouldBlock`](io::ErrorKind::WouldBlock): the task is woken instead. One task reads and
/// one writes at any time: the latest waker of each direction is enough. Waiting for the end counts as
/// reading.
pub trait Watched: fmt::Debug + Send + Sync + Unpin + 'static {
    /// What is watched: to be tried whatever the runtime knows of it.
    fn source(&self) -> &Source;

    /// [`Source::try_read`], as soon as it is possible.
    ///
    /// # Errors
    /// Those of the source, and of a runtime that is going away.
    fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>>;

    /// [`Source::try_write`], as soon as it is possible.
    ///
    /// # Errors
    /// Those of the source, and of a runtime that is going away.
    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>>;

    /// [`Source::try_ended`], as soon as it is possible.
    ///
    /// # Errors
    /// Those of the source, and of a runtime that is going away.
    fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}
