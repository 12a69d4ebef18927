//! What a session is told at its start.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rmcp::service::ClientLifecycleMode;
use tenure::{Config, Contradiction, Generation, KeepAlive, Retry};
use tenure_driver::TraceEvent;

use crate::stderr::OnLine;

/// How a session works. What isn't said stays as it is: each setting changes one thing.
///
/// ```
/// use std::time::Duration;
/// use tenure_rmcp::{KeepAlive, Options};
///
/// let options = Options::new()
///     .connect_timeout(Duration::from_secs(20))
///     .keep_alive(KeepAlive::Always)
///     .on_stderr(|generation, line| eprintln!("{generation}: {line}"));
/// # let _ = options;
/// ```
#[must_use]
pub struct Options {
    pub(crate) config: Config,
    pub(crate) lifecycle: ClientLifecycleMode,
    pub(crate) on_stderr: Option<OnStderr>,
    pub(crate) trace: Option<TraceSink>,
}

pub(crate) type OnStderr = Arc<dyn Fn(Generation, &str) + Send + Sync>;
pub(crate) type TraceSink = Box<dyn FnMut(&TraceEvent) + Send>;

impl Options {
    /// A session that stays for five minutes after its last use, with the deadlines of [`Config`].
    pub fn new() -> Self {
        Self {
            config: Config::default().keep_alive(KeepAlive::For(Duration::from_secs(300))),
            lifecycle: ClientLifecycleMode::Initialize,
            on_stderr: None,
            trace: None,
        }
    }

    /// How long the start of the server and rmcp's handshake may take together. Default 60 s.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.configure(|config| config.connect_timeout(timeout))
    }

    /// How long the server may take to end in order: its input is closed, then this long it is waited for. Then comes
    /// SIGTERM to its group ([`Config::abort_timeout`](field@Config::abort_timeout)), then SIGKILL. Default 3 s.
    pub fn stop_timeout(self, timeout: Duration) -> Self {
        self.configure(|config| config.stop_timeout(timeout))
    }

    /// What happens when no lease is held. Default: the session stays for five minutes.
    pub fn keep_alive(self, keep_alive: KeepAlive) -> Self {
        self.configure(|config| config.keep_alive(keep_alive))
    }

    /// Whether and how a failed connect is tried again. Default: no.
    pub fn retry(self, retry: Option<Retry>) -> Self {
        self.configure(|config| config.retry(retry))
    }

    /// Changes any setting of the session, from what they are now.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tenure_rmcp::{Options, Probe};
    ///
    /// let probe = Probe { interval: Duration::from_secs(30), timeout: Duration::from_secs(10) };
    /// let options = Options::new().configure(|config| config.probe(Some(probe)));
    /// # let _ = options;
    /// ```
    pub fn configure(mut self, change: impl FnOnce(Config) -> Config) -> Self {
        self.config = change(self.config);
        self
    }

    /// The settings of the session that contradict each other, or that are zero where that makes everything fail. They
    /// are taken as they are. Each is told when the client is made, by a warning of the crate `tracing`, as rmcp tells
    /// what it has to say.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tenure_rmcp::Options;
    ///
    /// let options = Options::new().connect_timeout(Duration::ZERO);
    /// let said: Vec<String> = options.contradictions().map(|it| it.to_string()).collect();
    /// assert_eq!(said, ["connect_timeout is zero: no connect can succeed"]);
    /// ```
    pub fn contradictions(&self) -> impl Iterator<Item = Contradiction> + use<> {
        self.config.contradictions()
    }

    pub(crate) fn tell_contradictions(&self) {
        for contradiction in self.contradictions() {
            tracing::warn!("settings of a session contradict each other: {contradiction}");
        }
    }

    /// How rmcp opens the session: by `initialize`, by `server/discover`, or by whichever the server has. Default:
    /// [`ClientLifecycleMode::Initialize`], as rmcp's own `serve`.
    pub fn lifecycle(mut self, lifecycle: ClientLifecycleMode) -> Self {
        self.lifecycle = lifecycle;
        self
    }

    /// Who is given what a server that is a child process says on its standard error, line by line. It is called from
    /// a task of its own, and must neither block nor panic. A line longer than 8 KiB comes in pieces; what is no UTF-8
    /// is replaced.
    ///
    /// Without it the servers' standard error is where the command says, this program's own by default. A command that
    /// pipes it is read too; the last lines then stand in [`ServerEnded`](crate::ServerEnded), as they do with this.
    pub fn on_stderr(mut self, on_line: impl Fn(Generation, &str) + Send + Sync + 'static) -> Self {
        self.on_stderr = Some(Arc::new(on_line));
        self
    }

    /// Who is given every input of the session's machine and what came of it, in order.
    pub fn trace(mut self, sink: impl FnMut(&TraceEvent) + Send + 'static) -> Self {
        self.trace = Some(Box::new(sink));
        self
    }
}

/// The listener of one generation.
pub(crate) fn on_line(on_stderr: Option<&OnStderr>, generation: Generation) -> Option<OnLine> {
    let on_stderr = on_stderr?.clone();
    Some(Box::new(move |line| on_stderr(generation, line)))
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("config", &self.config)
            .field("lifecycle", &self.lifecycle)
            .finish_non_exhaustive()
    }
}
