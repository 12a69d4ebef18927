//! Children on Windows.
//!
//! Each child is the first of a job of its own, which all that it starts belongs to, and which none of it can leave
//! ([`job`]). It is started suspended, put into its job and resumed ([`start`]). A thread waits for it and for the end
//! of the job ([`watch`]); a thread for each of its pipes reads ahead or writes behind ([`output`], [`input`]). So no
//! runtime has anything to watch.

mod chunk;
mod console;
mod directly;
mod input;
mod job;
mod output;
mod pipe;
mod start;
#[cfg(test)]
mod tests;
mod watch;

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use shared_child::SharedChild;

use self::job::KillOnClose;
pub(crate) use self::pipe::Pipe;
use self::start::{Started as Child, start};
use self::watch::Watch;
use super::parts::{Parts, Watching};
pub(crate) use super::unwatched::Source;
use crate::error::SpawnError;
use crate::reactor::{Reactor, Watched};

/// What [`spawn`] makes, watched by `R`.
type Started<R> = Parts<Pipe<<R as Reactor>::Watched>, Process<<R as Reactor>::Watched>>;

pub(crate) fn spawn<R: Reactor>(
    _: &R,
    command: &mut Command,
    token: Box<dyn Send>,
    _: Watching,
) -> Result<Started<R>, SpawnError> {
    let Child { leader, job, members, can_be_asked, stdin, stdout, stderr } = start(command)?;
    // Should anything below fail the job ends the tree.
    let (watch, job) = Watch::start(Arc::clone(&leader), job, members, token)
        .map_err(|error| SpawnError::io(command, "watching for its exit", error))?;
    let directly = watch.directly();
    let process = Process { leader, job: Mutex::new(Some(job)), watch, can_be_asked, _watched: PhantomData };
    let pipes_failed = |error| SpawnError::io(command, "setting up its pipes", error);
    Ok(Parts {
        stdin: Pipe::writing(stdin).map_err(pipes_failed)?,
        stdout: Pipe::reading(stdout, Arc::clone(&directly)).map_err(pipes_failed)?,
        stderr: stderr.map(|stderr| Pipe::reading(stderr, directly)).transpose().map_err(pipes_failed)?,
        process,
    })
}

/// A child, and the job in which it and all that it has started is.
pub(crate) struct Process<W> {
    leader: Arc<SharedChild>,
    /// While it is held the job lives.
    job: Mutex<Option<KillOnClose>>,
    watch: Watch,
    can_be_asked: bool,
    _watched: PhantomData<fn() -> W>,
}

impl<W> Process<W> {
    pub(crate) fn pid(&self) -> u32 {
        self.leader.id()
    }

    /// An exit can't be asked for once the child has exited: what it left is ended by the sweep.
    pub(crate) fn terminate(&self) -> io::Result<()> {
        if self.leader.try_wait()?.is_some() {
            return Ok(());
        }
        if !self.can_be_asked {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "the child has no console in common with this program, by which it could be asked to end",
            ));
        }
        console::ask_to_end(self.pid())
    }

    pub(crate) fn kill(&self) -> io::Result<()> {
        // First the leader alone, by its handle: what ends by its job seems to have succeeded.
        let killed = self.leader.kill();
        self.let_go();
        killed
    }

    /// Ends whatever of the tree is alive.
    fn let_go(&self) {
        let job = self.job.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(job);
    }

    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if !self.watch.has_exited()? {
            return Ok(None);
        }
        self.let_go();
        if self.watch.sweep() { self.watch.status().transpose() } else { Ok(None) }
    }

    /// Ends what is left of the tree; ready when nothing is.
    pub(crate) fn poll_swept(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.let_go();
        self.watch.poll_swept(cx)
    }

    /// For a tree that is swept.
    pub(crate) fn reap(&mut self) -> io::Result<ExitStatus> {
        self.watch.status().unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
    }

    pub(crate) fn read_directly(&self) {
        self.watch.directly().ask();
    }

    /// Nothing stops a process there.
    #[allow(clippy::unused_self, reason = "the same on each system")]
    pub(crate) fn poll_stopped(&mut self, _: &mut Context<'_>) -> Poll<i32> {
        Poll::Pending
    }
}

impl<W: Watched> Process<W> {
    pub(crate) fn poll_exited(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch.poll_exited(cx).map(Ok)
    }
}

impl<W> Drop for Process<W> {
    fn drop(&mut self) {
        self.let_go();
        self.watch.sweep();
    }
}

impl<W> fmt::Debug for Process<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("pid", &self.pid())
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}

pub(crate) fn stopped_by_terminal(_: i32) -> bool {
    false
}

pub(crate) fn name_of_stop(_: i32) -> Option<&'static str> {
    None
}
