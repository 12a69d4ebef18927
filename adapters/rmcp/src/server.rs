//! A server that is a child process, as the runner of its generation holds it.

use std::fmt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use futures_lite::{AsyncReadExt as _, future};
use rmcp::RoleClient;
use rmcp::transport::async_rw::AsyncRwTransport;
use tenure_driver::{Failure, Linger};
use tenure_process::{ChildOutput, ChildStdin, Process, Reactor, display_status};
use tenure_tokio::TokioReactor;

use crate::handle::Handle;
use crate::pipe::{self, Held, Reading, Writing};
use crate::stderr::{OnLine, Stderr};
use crate::wire::Wire;

type Watched = <TokioReactor as Reactor>::Watched;

/// rmcp's own message streams, over the server's pipes.
pub(crate) type Lines =
    AsyncRwTransport<RoleClient, Reading<ChildOutput<Watched>>, Writing<ChildStdin<Watched>>>;

/// How long what a server said before its end may take to be read, once it is gone.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long the end of a server is waited for that has closed its output.
const PATIENCE: Duration = Duration::from_millis(100);

/// The server and the runner's handles of its pipes. Dropping it kills its process group and closes the pipes.
pub(crate) struct Server {
    input: Held<ChildStdin<Watched>>,
    output: Held<ChildOutput<Watched>>,
    stderr: Option<Stderr>,
    process: Process<Watched>,
    status: Option<ExitStatus>,
}

impl Server {
    /// Starts it. With `on_stderr` its standard error is piped and handed on by the line.
    pub(crate) fn start(
        mut command: Command,
        on_stderr: Option<OnLine>,
        wire: &Wire,
        linger: Linger<Handle>,
    ) -> Result<(Self, Lines), Failure> {
        if on_stderr.is_some() {
            command.stderr(Stdio::piped());
        }
        // A program that can't be started now can't be started in a second either.
        let mut child = tenure_process::spawn(&TokioReactor::new(), &mut command, linger)
            .map_err(|error| Failure::new(error).permanent())?;
        let stderr = child.take_stderr();
        let stderr = stderr.map(|pipe| Stderr::read(pipe, on_stderr.unwrap_or_else(|| Box::new(|_| {}))));
        let (input, output, process) = child.split();
        let (input, writing) = pipe::input(input, wire.clone());
        let (output, reading) = pipe::output(output);
        let lines = AsyncRwTransport::new(reading, writing);
        Ok((Self { input, output, stderr, process, status: None }, lines))
    }

    /// Completes when the server has ended by itself and what it said before was read.
    ///
    /// Cancel-safe.
    pub(crate) async fn gone(&mut self) {
        self.reap().await;
        self.last_words().await;
    }

    /// rmcp reads what is left, and its transport tells of the end. Should that not come, this is the end.
    async fn last_words(&mut self) {
        self.output.last_words();
        tokio::time::sleep(LAST_WORDS).await;
    }

    async fn reap(&mut self) {
        if let Ok(status) = self.process.wait().await {
            self.status = Some(status);
        }
    }

    /// As [`gone`](Self::gone), but one whose input was found closed is waited for a moment only: it mostly is about to
    /// end. If it doesn't, what it says is heard as before.
    pub(crate) async fn gone_or_deaf(&mut self, wire: &Wire) {
        let deaf = async {
            wire.broken().await;
            tokio::time::sleep(PATIENCE).await;
        };
        future::or(self.reap(), deaf).await;
        if self.has_ended() {
            self.last_words().await;
        }
    }

    /// Why the session is lost, as well as it can be said at this point: how a server ended says more than that its
    /// output did, and mostly comes at once.
    pub(crate) async fn what_happened(&mut self, otherwise: Failure) -> Failure {
        if self.status.is_none() {
            let _ = tokio::time::timeout(PATIENCE, self.reap()).await;
        }
        let Some(status) = self.status else { return otherwise };
        let stderr = match &mut self.stderr {
            Some(stderr) => stderr.tail().await,
            None => Vec::new(),
        };
        let has_words = !stderr.is_empty();
        let failure = Failure::new(ServerEnded { status, stderr });
        if has_words { failure.confidential() } else { failure }
    }

    pub(crate) const fn has_ended(&self) -> bool {
        self.status.is_some()
    }

    /// Asks it to end, as the protocol has it: closes its standard input, at once.
    pub(crate) fn close_input(&mut self) {
        drop(self.input.take());
    }

    /// Waits for its end. What it says meanwhile is read and dropped, so that it never waits for a reader.
    pub(crate) async fn unwound(&mut self) {
        let mut output = self.output.take();
        let ended = async {
            if let Ok(status) = self.process.wait().await {
                self.status = Some(status);
            }
        };
        let discarding = async {
            let mut buffer = [0; 4096];
            if let Some(output) = &mut output {
                while output.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
            }
            future::pending::<()>().await;
        };
        future::or(ended, discarding).await;
        // What it said last is in the pipe still.
        if let Some(stderr) = &mut self.stderr {
            stderr.read_to_end().await;
        }
    }

    /// Asks its process group to hurry.
    pub(crate) fn hurry(&self) {
        self.process.hurry();
    }
}

/// How a server ended that was not asked to. It is the reason in [`SessionError::Lost`](crate::SessionError::Lost)
/// and [`SessionError::ConnectFailed`](crate::SessionError::ConnectFailed), by
/// [`Failure::downcast_ref`](tenure_driver::Failure::downcast_ref).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub struct ServerEnded {
    /// Its exit status, or the signal that ended it.
    pub status: ExitStatus,
    /// The last lines of its standard error, if that was piped ([`Options::on_stderr`](crate::Options::on_stderr)):
    /// at most ten, shortened, without control characters.
    pub stderr: Vec<String>,
}

impl fmt::Display for ServerEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server ended: {}", display_status(self.status))?;
        if !self.stderr.is_empty() {
            write!(f, "; its last words: {}", self.stderr.join(" | "))?;
        }
        Ok(())
    }
}

/// A server closed its input or its output without ending.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the server closed its input or its output")]
#[non_exhaustive]
pub struct PipeClosed;
