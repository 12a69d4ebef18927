//! Children on unix.

mod exit;
mod leader;
mod source;
#[cfg(test)]
mod tests;
mod watch;

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::task::{Context, Poll};

use rustix::process::Signal;

use self::leader::Leader;
pub(crate) use self::source::{Pipe, Source};
use self::watch::Watch;
use super::{Parts, Watching};
use crate::error::SpawnError;
use crate::reactor::{Reactor, Watched};

pub(crate) fn spawn<R: Reactor>(
    reactor: &R,
    command: &mut Command,
    token: Box<dyn Send>,
    watching: Watching,
) -> Result<Parts<R::Watched>, SpawnError> {
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|source| SpawnError::starting(command, source))?;
    let stdin = child.stdin.take().map(OwnedFd::from);
    let stdout = child.stdout.take().map(OwnedFd::from);
    let stderr = child.stderr.take().map(OwnedFd::from);

    // From here on the leader ends and reaps the child, should anything below fail or panic.
    let leader = Leader::new(child, token);
    let watch = Watch::new(reactor, leader.pid(), watching)
        .map_err(|source| SpawnError::io(command, "watching for its exit", source))?;
    let process = Process { leader, watch };
    let pipe = |fd: OwnedFd| Pipe::new(reactor, fd);
    let pipes_failed = |source| SpawnError::io(command, "setting up its pipes", source);
    let stdin = stdin.ok_or_else(no_pipe).and_then(pipe);
    let stdout = stdout.ok_or_else(no_pipe).and_then(pipe);
    let stderr = stderr.map(pipe).transpose();
    Ok(Parts {
        stdin: stdin.map_err(pipes_failed)?,
        stdout: stdout.map_err(pipes_failed)?,
        stderr: stderr.map_err(pipes_failed)?,
        process,
    })
}

fn no_pipe() -> io::Error {
    io::Error::other("the standard library made no pipe")
}

/// A leader and the watch for its exit.
#[derive(Debug)]
pub(crate) struct Process<W> {
    leader: Leader,
    watch: Watch<W>,
}

impl<W> Process<W> {
    pub(crate) fn pid(&self) -> u32 {
        self.leader.pid().as_raw_nonzero().get().unsigned_abs()
    }

    pub(crate) fn terminate(&self) -> io::Result<()> {
        self.leader.signal(Signal::TERM)?;
        // A stopped process keeps SIGTERM pending; sent in this order, it is what it wakes up to.
        self.leader.signal(Signal::CONT)
    }

    pub(crate) fn kill(&self) -> io::Result<()> {
        self.leader.signal(Signal::KILL)
    }

    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.leader.has_exited()? { self.leader.reap().map(Some) } else { Ok(None) }
    }

    /// Blocks until the leader has exited.
    pub(crate) fn reap(&mut self) -> io::Result<ExitStatus> {
        self.leader.reap()
    }
}

impl<W: Watched> Process<W> {
    pub(crate) fn poll_exited(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch.poll_exited(cx)
    }
}

impl<W> Drop for Process<W> {
    fn drop(&mut self) {
        // A thread that waits for this child already can reap it too. Otherwise the leader's own drop
        // sees to it.
        if let Watch::Thread(thread, _) = &self.watch
            && let Some(unreaped) = self.leader.take()
        {
            thread.kill_and_reap(unreaped);
        }
    }
}
