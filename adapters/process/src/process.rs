//! The handle of a running child.

use std::future::poll_fn;
use std::io;
use std::process::ExitStatus;
use std::task::{Context, Poll};

use crate::reactor::Watched;
use crate::sys;

/// A child that leads a process group.
///
/// Dropping it before it was reaped sends `SIGKILL` to the group there and then, and reaps the child
/// at once if it is already dead; a short-lived thread does so otherwise. It never blocks (but where
/// the system has no thread left to give), and needs no runtime.
///
/// A child that was reaped is never signalled: its number may be another's by then.
#[derive(Debug)]
#[must_use = "dropping a process kills its group"]
pub struct Process<W>(sys::Process<W>);

impl<W> Process<W> {
    pub(crate) fn new(process: sys::Process<W>) -> Self {
        Self(process)
    }

    /// The child's process id, which is also the id of its group.
    ///
    /// Once the child has been reaped the number may be used for another one.
    pub fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// Asks the group to end (`SIGTERM`). Does nothing once the child was reaped.
    ///
    /// Processes of it that are stopped are continued, or the request would reach none of them.
    ///
    /// # Errors
    /// If the system doesn't allow it, as for a child that runs as another user.
    pub fn terminate(&self) -> io::Result<()> {
        self.0.terminate()
    }

    /// Ends the group now (`SIGKILL`). Does nothing once the child was reaped.
    ///
    /// The child is still to be reaped: by [`wait`](Self::wait), [`try_wait`](Self::try_wait) or drop.
    ///
    /// # Errors
    /// If the system doesn't allow it, as for a child that runs as another user.
    pub fn kill(&self) -> io::Result<()> {
        self.0.kill()
    }

    /// Reaps the child if it has exited; never blocks. The same status again from then on.
    ///
    /// What is left of the group is killed first, and the token is dropped last.
    ///
    /// # Errors
    /// If the child was reaped by another part of the program, so that its status is lost.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
    }
}

impl<W: Watched> Process<W> {
    /// Ready when the child itself has exited; see [`exited`](Self::exited).
    ///
    /// # Errors
    /// If the reactor can't watch any more: its runtime is going away.
    pub fn poll_exited(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_exited(cx)
    }

    /// Waits until the child itself has exited. It is not reaped by that, nor its group touched.
    ///
    /// Cancel-safe; completes at once when called again.
    ///
    /// # Errors
    /// If the reactor can't watch any more: its runtime is going away.
    pub async fn exited(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_exited(cx)).await
    }

    /// Waits until the child has exited, kills what is left of its group, reaps it, drops the token.
    ///
    /// Cancel-safe; completes at once with the same status when called again.
    ///
    /// # Errors
    /// If the reactor can't watch any more, or the child was reaped by another part of the program, so
    /// that its status is lost.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.exited().await?;
        self.0.reap()
    }
}
