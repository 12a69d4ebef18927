//! A server that is a child process, spoken to over its standard input and output.

pub(crate) mod command;
mod env;
mod peer;

use std::fmt;

use async_trait::async_trait;
use tenure_driver::Failure;
use tenure_process::Reactor;
use tenure_process::guardian::Guardian;

use self::command::ServerCommand;
use self::peer::ChildPeer;
pub use self::peer::{ServerEnded, ServerStopped};
use crate::wire::stderr::Stderr;
use crate::wire::{Linger, Transport, Wire};

/// Starts the server as a child process of its own group for each generation.
///
/// Stop closes its standard input, abort sends SIGTERM to the group, discard sends SIGKILL to the group
/// and reaps it (MCP 2025-11-25, basic/lifecycle, "Shutdown"). On Windows the group is a job: abort sends Ctrl-Break,
/// or ends the job at once where nobody can be asked (a program without a console), discard ends the job.
///
/// How it is started, and who reads its standard error, is the [`ServerCommand`]'s. The process id is told by
/// [`Wire::pid`].
///
/// With [`guarded`](Self::guarded) all that came of the server ends with the session, and also when this program is
/// killed or crashes.
///
/// # A server that is stopped
/// The terminal stops a server that reads from it or changes its settings, as each prompt for a password does:
/// the server is in a process group of its own, which is a background job to the terminal. Nobody continues it,
/// so the session is lost at once, with [`ServerStopped`], and the server is ended. A server that somebody stops
/// by hand (SIGSTOP, SIGTSTP) is one that somebody continues: its session goes on, within its deadlines.
///
/// # Examples
/// To know or to change what goes on between the session and the server, open the wire in a transport of your
/// own:
///
/// ```
/// use async_trait::async_trait;
/// use tenure_mcp::{Failure, Linger, Stdio, Transport, Wire};
/// use tenure_process::Reactor;
///
/// struct Announced<R>(Stdio<R>);
///
/// #[async_trait]
/// impl<R: Reactor> Transport for Announced<R> {
///     async fn open(&self, linger: Linger) -> Result<Wire, Failure> {
///         let generation = linger.generation();
///         let wire = self.0.open(linger).await?;
///         if let Some(pid) = wire.pid() {
///             eprintln!("{generation} is process {pid}");
///         }
///         // `wire.into_parts()` and `Wire::new` put something in between.
///         Ok(wire)
///     }
/// }
/// ```
pub struct Stdio<R> {
    reactor: R,
    command: ServerCommand,
}

impl<R: Reactor> Stdio<R> {
    /// A server that `command` starts: a [`Command`](std::process::Command), a closure that makes one for each
    /// generation, or a [`ServerCommand`] for what else can be said of it.
    pub fn new(reactor: R, command: impl Into<ServerCommand>) -> Self {
        Self { reactor, command: command.into() }
    }

    /// Starts the server under this guardian; see [`ServerCommand::guarded`]. It gives the server the session's own
    /// stop and abort timeouts, unless it was told others.
    #[must_use]
    pub fn guarded(self, guardian: Guardian) -> Self {
        Self { command: self.command.guarded(guardian), ..self }
    }
}

impl<R> fmt::Debug for Stdio<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdio").field("command", &self.command).finish_non_exhaustive()
    }
}

#[async_trait]
impl<R: Reactor> Transport for Stdio<R> {
    async fn open(&self, linger: Linger) -> Result<Wire, Failure> {
        let generation = linger.generation();
        let reactor = &self.reactor;
        let spawned = match self.command.guardian() {
            Some(guardian) => {
                let guardian = &guardian.clone().or_timeouts(linger.teardown.stop, linger.teardown.abort);
                let started =
                    |command: &mut _| tenure_process::spawn_guarded(reactor, guardian, command, linger);
                self.command.with(started).await
            }
            None => self.command.with(|command| tenure_process::spawn(reactor, command, linger)),
        };
        // A program that can't be started now can't be started in a second either.
        let mut child = spawned.map_err(|error| Failure::new(error).permanent())?;
        let stderr = Stderr::new(child.take_stderr(), self.command.hook(), generation);
        let (stdin, stdout, process) = child.split();
        Ok(Wire::lines(stdout, stdin, ChildPeer::new(process, stderr)))
    }
}
