//! The handle of a running child.

use std::future::poll_fn;
use std::io;
use std::process::ExitStatus;
use std::task::{Context, Poll};

use crate::reactor::Watched;
use crate::stopped::Stopped;
use crate::sys;

/// A child that leads a process group.
///
/// Dropping it before it was reaped sends `SIGKILL` to the group there and then, and reaps the child
/// at once if it is already dead; a short-lived thread does so otherwise. It never blocks (but where
/// the system has no thread left to give), and needs no runtime.
///
/// A child that was reaped is never signalled: its number may be another's by then.
///
/// On Windows it is the first of a job: dropping the handle has the kernel end all of the job.
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

    /// Asks the group to end: by `SIGTERM`, or by Ctrl-Break on Windows. Does nothing once the child was reaped.
    ///
    /// Processes of it that are stopped are continued, or the request would reach none of them.
    ///
    /// # Errors
    /// If the system doesn't allow it, as for a child that runs as another user. On Windows
    /// [`Unsupported`](io::ErrorKind::Unsupported), or what the system says, where the child can't be asked: this
    /// program has no console that it could share with the child.
    pub fn terminate(&self) -> io::Result<()> {
        self.0.terminate()
    }

    /// Asks the group to end, as [`terminate`](Self::terminate), and ends it on Windows where nobody can be asked: who
    /// wasn't asked is not worth waiting for. On unix, what can't be signalled stays as it is.
    pub fn hurry(&self) {
        if self.terminate().is_err() && cfg!(windows) {
            // What can't be ended is gone, or is dropped soon.
            let _ = self.kill();
        }
    }

    /// Ends the group now (by `SIGKILL`, or with its job). Does nothing once the child was reaped.
    ///
    /// The child is still to be reaped: by [`wait`](Self::wait), [`try_wait`](Self::try_wait) or drop.
    ///
    /// # Errors
    /// If the system doesn't allow it, as for a child that runs as another user.
    pub fn kill(&self) -> io::Result<()> {
        self.0.kill()
    }

    /// From here on the child's output is read without asking the runtime first, which may not have told of all that is
    /// there: for who wants to know what the child has said by now. So it is by itself once the child was seen to have
    /// exited or to be stopped.
    pub fn read_directly(&self) {
        self.0.read_directly();
    }
}

impl<W: Watched> Process<W> {
    /// Ready when the child itself is stopped; see [`stopped`](Self::stopped).
    pub fn poll_stopped(&mut self, cx: &mut Context<'_>) -> Poll<Stopped> {
        self.0.poll_stopped(cx).map(Stopped::new)
    }

    /// Waits until the child itself is stopped. Each stop is told once; a child that was stopped and continued
    /// meanwhile may be told as stopped, and of several stops only the latest is.
    ///
    /// A stop is seen at once where this program has a controlling terminal, and wherever a thread watches the
    /// child. Elsewhere this never completes: nothing stops a child there but somebody who means to.
    ///
    /// # Cancel safety
    /// A stop that comes while no such future is polled is told by the next one.
    pub async fn stopped(&mut self) -> Stopped {
        poll_fn(|cx| self.poll_stopped(cx)).await
    }

    /// Reaps the child if it has exited; never blocks. The same status again from then on.
    ///
    /// What is left of the group is killed first, and the token is dropped last. On Windows the rest of the group may
    /// take a moment to go: `None` until it has.
    ///
    /// # Errors
    /// If the child was reaped by another part of the program, so that its status is lost.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
    }

    /// Ready when the child itself has exited; see [`exited`](Self::exited).
    ///
    /// # Errors
    /// If the reactor can't watch any more: its runtime is going away.
    pub fn poll_exited(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_exited(cx)
    }

    /// Waits until the child itself has exited. It is not reaped by that, nor its group touched.
    ///
    /// # Errors
    /// If the reactor can't watch any more: its runtime is going away.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing. Called again after it completed, it completes at once.
    pub async fn exited(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_exited(cx)).await
    }

    /// Waits until the child has exited, kills what is left of its group, reaps it, drops the token.
    ///
    /// # Errors
    /// If the reactor can't watch any more, or the child was reaped by another part of the program, so
    /// that its status is lost.
    ///
    /// # Cancel safety
    /// Dropping the future before it completes changes nothing: the child lives on, or is still to be reaped. Called
    /// again after it completed, it completes at once with the same status.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.exited().await?;
        poll_fn(|cx| self.0.poll_swept(cx)).await;
        self.0.reap()
    }
}
