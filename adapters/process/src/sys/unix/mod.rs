//! Children on unix.

mod exit;
mod guarded;
mod leader;
mod pipe;
mod source;
mod starting;
mod stops;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(test)]
mod tests;
mod thread;
mod watch;

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::task::{Context, Poll};

use rustix::process::Signal;

use self::guarded::Guarded;
use self::leader::Leader;
use self::pipe::Directly;
pub(crate) use self::pipe::Pipe;
pub(crate) use self::source::Source;
use self::starting::{Begun, Starting};
pub(crate) use self::stops::{name_of_stop, stopped_by_terminal};
use self::watch::Watch;
use super::parts::{Parts, Watching};
use crate::error::SpawnError;
use crate::guardian::{self, Guardian};
use crate::reactor::{Reactor, Watched};

/// What [`spawn`] makes, watched by `R`.
type Started<R> = Parts<Pipe<<R as Reactor>::Watched>, Process<<R as Reactor>::Watched>>;

pub(crate) fn spawn<R: Reactor>(
    reactor: &R,
    command: &mut Command,
    token: Box<dyn Send>,
    watching: Watching,
) -> Result<Started<R>, SpawnError> {
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|source| SpawnError::starting(command, source))?;
    let stdin = child.stdin.take().map(OwnedFd::from);
    let stdout = child.stdout.take().map(OwnedFd::from);
    let stderr = child.stderr.take().map(OwnedFd::from);

    // From here on the leader ends and reaps the child, should anything below fail or panic.
    let leader = Leader::new(child, token);
    watch(reactor, command, leader, None, [stdin, stdout, stderr], watching)
}

/// The same, with a guardian in between. It is started here; the future waits for its first word.
pub(crate) fn spawn_guarded<R: Reactor>(
    reactor: &R,
    guardian: &Guardian,
    command: &mut Command,
    token: Box<dyn Send>,
) -> impl Future<Output = Result<Started<R>, SpawnError>> + Send + use<R> {
    let starting = guardian::ask(guardian, command).and_then(|asked| Starting::new(asked, token));
    // What errors tell of.
    let command = Command::new(command.get_program());
    let reactor = reactor.clone();
    async move {
        let Begun { leader, server, is_in_reach, reports, pipes } = starting?.await?;
        let guarded = reports
            .and_then(|reports| Guarded::new(&reactor, server, is_in_reach, reports))
            .map_err(|source| SpawnError::io(&command, "watching its guardian", source))?;
        watch(&reactor, &command, leader, Some(guarded), pipes, Watching::Best)
    }
}

fn watch<R: Reactor>(
    reactor: &R,
    command: &Command,
    leader: Leader,
    guarded: Option<Guarded<R::Watched>>,
    [stdin, stdout, stderr]: [Option<OwnedFd>; 3],
    watching: Watching,
) -> Result<Started<R>, SpawnError> {
    let watch = Watch::new(reactor, leader.pid(), watching, guarded.is_some())
        .map_err(|source| SpawnError::io(command, "watching for its exit", source))?;
    let process = Process { leader, watch, guarded, directly: Directly::default() };
    let pipe = |fd: OwnedFd| Pipe::new(reactor, fd, process.directly.clone());
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
    /// If the leader is the guardian of the child.
    guarded: Option<Guarded<W>>,
    directly: Directly,
}

impl<W> Process<W> {
    pub(crate) fn pid(&self) -> u32 {
        let pid = self.guarded.as_ref().map_or_else(|| self.leader.pid(), Guarded::server);
        pid.as_raw_nonzero().get().unsigned_abs()
    }

    pub(crate) fn terminate(&self) -> io::Result<()> {
        self.leader.signal(Signal::TERM)?;
        // A stopped process keeps SIGTERM pending; sent in this order, it is what it wakes up to.
        self.leader.signal(Signal::CONT)
    }

    pub(crate) fn kill(&self) -> io::Result<()> {
        self.leader.signal(Signal::KILL)
    }

    pub(crate) fn read_directly(&self) {
        self.directly.set();
    }
}

impl<W: Watched> Process<W> {
    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.leader.has_exited()? { self.reap().map(Some) } else { Ok(None) }
    }

    /// The group is killed at once, when the leader is reaped.
    #[allow(clippy::unused_self, reason = "the same on each system")]
    pub(crate) fn poll_swept(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    /// Blocks until the leader has exited.
    pub(crate) fn reap(&mut self) -> io::Result<ExitStatus> {
        self.directly.set();
        let status = self.leader.reap();
        match &mut self.guarded {
            Some(guarded) => guarded.status(status),
            None => status,
        }
    }

    /// Ready with the signal that stopped the child.
    pub(crate) fn poll_stopped(&mut self, cx: &mut Context<'_>) -> Poll<i32> {
        let stopped = match &mut self.guarded {
            Some(guarded) => guarded.poll_stopped(cx),
            None => self.watch.poll_stopped(cx),
        };
        if stopped.is_ready() {
            self.directly.set();
        }
        stopped
    }

    pub(crate) fn poll_exited(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let exited = self.watch.poll_exited(cx);
        if exited.is_ready() {
            self.directly.set();
        }
        exited
    }
}

impl<W> Drop for Process<W> {
    fn drop(&mut self) {
        // A thread that waits for this child already can reap it too. Otherwise the leader's own drop
        // sees to it.
        let is_dead = || self.leader.has_exited().unwrap_or(false);
        if let Some(thread) = self.watch.reaper(is_dead)
            && let Some(unreaped) = self.leader.take()
        {
            thread.kill_and_reap(unreaped);
        }
    }
}
