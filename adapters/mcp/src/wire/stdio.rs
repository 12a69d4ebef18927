//! A server that is a child process, spoken to over its standard input and output.

use std::fmt;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tenure_driver::Failure;
use tenure_process::{Process, Reactor, Watched};

use crate::wire::{Linger, Peer, Transport, Wire};

/// Starts the server as a child process of its own group for each generation.
///
/// Stop closes its standard input, abort sends SIGTERM to the group, discard sends SIGKILL to the group
/// and reaps it (MCP 2025-11-25, basic/lifecycle, "Shutdown").
pub struct Stdio<R> {
    reactor: R,
    command: Mutex<Command>,
}

impl<R: Reactor> Stdio<R> {
    /// A server that `command` starts. Its environment, working directory and standard error are as the
    /// command says; the rest is set here.
    pub const fn new(reactor: R, command: Command) -> Self {
        Self { reactor, command: Mutex::new(command) }
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
        let mut command = self.command.lock().unwrap_or_else(PoisonError::into_inner);
        // A program that can't be started now can't be started in a second either.
        let child = tenure_process::spawn(&self.reactor, &mut command, linger)
            .map_err(|error| Failure::new(error).permanent())?;
        let (stdin, stdout, process) = child.split();
        Ok(Wire::lines(stdout, stdin, ChildPeer(process)))
    }
}

/// How a server ended that was not asked to.
#[derive(Debug, thiserror::Error)]
#[error("the server ended: {0}")]
pub struct ServerEnded(pub ExitStatus);

struct ChildPeer<W>(Process<W>);

#[async_trait]
impl<W: Watched> Peer for ChildPeer<W> {
    async fn ended(&mut self) -> Option<Failure> {
        Some(match self.0.wait().await {
            Ok(status) => Failure::new(ServerEnded(status)),
            Err(error) => Failure::new(error),
        })
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        self.0.wait().await?;
        Ok(())
    }

    fn hurry(&mut self) {
        // What can't be signalled is gone, or is dropped soon.
        let _ = self.0.terminate();
    }
}
