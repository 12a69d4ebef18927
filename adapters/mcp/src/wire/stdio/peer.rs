//! What is known of a server that is a child process.

use std::future::poll_fn;
use std::io;
use std::process::ExitStatus;
use std::task::Poll;

use async_trait::async_trait;
use futures_lite::future;
use tenure_driver::Failure;
use tenure_process::{ChildOutput, Process, Stopped, Watched, display_status};

use crate::wire::Peer;
use crate::wire::stderr::{Stderr, StderrTail};

/// How a server ended that was not asked to.
#[derive(Debug, thiserror::Error)]
#[error("the server ended: {}", display_status(*.0))]
pub struct ServerEnded(pub ExitStatus);

/// The terminal stopped a server, which would wait for ever. It was ended.
#[derive(Debug, thiserror::Error)]
#[error(
    "the server waits for the terminal ({0}): it runs in the background and tried to use the terminal, to ask for \
     a password perhaps. Give it what it asks for in its environment or its arguments, or start it without a \
     terminal (setsid)"
)]
pub struct ServerStopped(pub Stopped);

pub(super) struct ChildPeer<W: Watched> {
    process: Process<W>,
    stderr: Stderr<ChildOutput<W>>,
}

impl<W: Watched> ChildPeer<W> {
    pub(super) const fn new(process: Process<W>, stderr: Stderr<ChildOutput<W>>) -> Self {
        Self { process, stderr }
    }

    /// Waits for the end of the process, and reads its standard error meanwhile.
    async fn wait(&mut self) -> io::Result<ExitStatus> {
        let Self { process, stderr } = self;
        let reading = async { match stderr.keep_reading().await {} };
        let ended = future::or(process.wait(), reading).await;
        // All that it wrote is in the pipe by now.
        stderr.read_rest();
        ended
    }

    /// Waits until the process ends, or is stopped for good.
    async fn stops(&mut self) -> Option<Stopped> {
        let Self { process, stderr } = self;
        let stopped = poll_fn(|cx| {
            if process.poll_exited(cx).is_ready() {
                return Poll::Ready(None);
            }
            loop {
                match process.poll_stopped(cx) {
                    Poll::Ready(stopped) if stopped.by_terminal() => return Poll::Ready(Some(stopped)),
                    // Whoever did that may continue it.
                    Poll::Ready(_) => {}
                    Poll::Pending => return Poll::Pending,
                }
            }
        });
        let reading = async { match stderr.keep_reading().await {} };
        future::or(stopped, reading).await
    }
}

#[async_trait]
impl<W: Watched> Peer for ChildPeer<W> {
    async fn ended(&mut self) -> Option<Failure> {
        if let Some(stopped) = self.stops().await {
            // It would ask again.
            return Some(Failure::new(ServerStopped(stopped)).permanent());
        }
        Some(match self.wait().await {
            Ok(status) => Failure::new(ServerEnded(status)),
            Err(error) => Failure::new(error),
        })
    }

    async fn unwound(&mut self) -> Result<(), Failure> {
        self.wait().await?;
        Ok(())
    }

    fn hurry(&mut self) {
        self.process.hurry();
    }

    fn pid(&self) -> Option<u32> {
        Some(self.process.pid())
    }

    fn stderr_tail(&self) -> Option<StderrTail> {
        Some(self.stderr.tail())
    }

    fn explain(&mut self, failure: Failure) -> Failure {
        self.process.read_directly();
        self.stderr.read_rest();
        let tail = self.stderr.tail();
        if tail.is_empty() { failure } else { failure.with_note(tail.to_string()) }
    }
}
