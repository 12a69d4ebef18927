//! How a server is started.

use std::fmt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tenure::Generation;
use tenure_process::guardian::Guardian;

use crate::wire::stderr::{Hook, StderrLine};
use crate::wire::stdio::env::{self, Kept};

/// How a server is started: by which command, with which environment, and who hears its standard error.
///
/// A [`Command`] becomes one, and so does a closure that makes a command for each generation:
///
/// ```
/// use std::process::Command;
/// use tenure_mcp::ServerCommand;
///
/// # fn fresh_token() -> String { String::new() }
/// # fn takes(_: impl Into<ServerCommand>) {}
/// // The same each time.
/// takes(Command::new("mcp-server-time"));
///
/// // Each generation with a token of its own.
/// takes(|| {
///     let mut command = Command::new("mcp-server-git");
///     command.env("TOKEN", fresh_token());
///     command
/// });
///
/// // Nothing of this program's environment but what programs need, and its log lines in this program's log.
/// takes(
///     ServerCommand::new(Command::new("mcp-server-time"))
///         .env_clear(ServerCommand::ENV_TO_KEEP)
///         .on_stderr(|generation, line| eprintln!("time {generation}: {line}")),
/// );
/// ```
///
/// Arguments, working directory and standard error are as the command says; standard input, standard output and
/// process group (on Windows: creation flags) are set here.
///
/// A name as people write it, `npx` or `uvx`, is found on Windows too by [`command`](crate::command), which makes a
/// [`Command`] for it: most of these are scripts there.
#[must_use]
pub struct ServerCommand {
    source: Source,
    kept: Option<Kept>,
    on_stderr: Option<Hook>,
    guardian: Option<Guardian>,
}

enum Source {
    One(Mutex<Reused>),
    Made(Box<dyn Fn() -> Command + Send + Sync>),
}

/// A command that starts one generation as it starts the next.
struct Reused {
    command: Command,
    prepared: bool,
}

impl ServerCommand {
    /// The variables that most programs need and that hold no secret: what
    /// [`env_clear`](Self::env_clear) is mostly told to keep. On unix `HOME`, `LANG`, `LANGUAGE`, `LC_*`, `LOGNAME`,
    /// `PATH`, `SHELL`, `TERM`, `TMPDIR`, `TZ` and `USER`; on Windows their like.
    pub const ENV_TO_KEEP: &'static [&'static str] = env::TO_KEEP;

    /// A server that is started by the same command in each generation.
    pub fn new(command: Command) -> Self {
        Self::of(Source::One(Mutex::new(Reused { command, prepared: false })))
    }

    /// A server for each of whose generations `make` makes the command, as late as possible: for a token that
    /// doesn't live long, say. It is called from the driver's task, so it must not block for long.
    pub fn from_fn(make: impl Fn() -> Command + Send + Sync + 'static) -> Self {
        Self::of(Source::Made(Box::new(make)))
    }

    const fn of(source: Source) -> Self {
        Self { source, kept: None, on_stderr: None, guardian: None }
    }

    /// Of this program's own environment the server gets these variables alone, and those which the command itself
    /// sets. A name that ends in `*` stands for all that begin so. Default: it gets all of them, secrets too.
    ///
    /// What is kept is read when the command is made, and once if it is the same for all generations. Values that begin
    /// with `()`, which some shells take for functions, are not kept.
    ///
    /// ```
    /// use std::process::Command;
    /// use tenure_mcp::ServerCommand;
    ///
    /// let command = ServerCommand::new(Command::new("mcp-server-git"))
    ///     .env_clear(ServerCommand::ENV_TO_KEEP.iter().copied().chain(["SSH_AUTH_SOCK", "GIT_*"]));
    /// # let _ = command;
    /// ```
    pub fn env_clear<S: AsRef<str>>(mut self, keep: impl IntoIterator<Item = S>) -> Self {
        self.kept = Some(Kept::new(keep));
        self
    }

    /// Who is given each line that the server writes to its standard error, with the generation. One listener: a later
    /// call replaces the earlier one. Default: standard error goes where the command says, which is this program's own
    /// unless it says otherwise.
    ///
    /// With this, standard error is a pipe, whatever the command says: the server doesn't hold this program's own
    /// standard error, and can't change it for this program (by making it non-blocking, as some runtimes do). The
    /// last lines also stand in the error when a connect fails or a session is lost. That they do, too, when the
    /// command asks for a pipe (`command.stderr(Stdio::piped())`) and nobody is given the lines.
    ///
    /// It is called from the driver's task, in order, and until the process has ended, so also while the session is
    /// torn down; it must neither block nor panic, hand on what takes time. While it runs, nothing else of the
    /// session does. A server that writes without an end calls it without an end: once for each line.
    ///
    /// ```
    /// use std::process::Command;
    /// use tenure_mcp::ServerCommand;
    ///
    /// let command = ServerCommand::new(Command::new("mcp-server-git")).on_stderr(|generation, line| {
    ///     // As it is, to look into; displayed, it is fit for a terminal or a log.
    ///     if line.text().starts_with("ERROR") {
    ///         eprintln!("git {generation}: {line}");
    ///     }
    /// });
    /// # let _ = command;
    /// ```
    pub fn on_stderr(
        mut self,
        on_line: impl Fn(Generation, &StderrLine<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.on_stderr = Some(Arc::new(on_line));
        self
    }

    /// Starts the server under this guardian, so that nothing of it survives this program, however that ends; see
    /// [`tenure_process::guardian`]. The command is one that the guardian made.
    ///
    /// When this program is gone the server has as long as when its session is closed: the session's
    /// [stop](tenure::Config::stop_timeout) and [abort](tenure::Config::abort_timeout) timeouts, unless the guardian
    /// was told others.
    ///
    /// ```
    /// use tenure_mcp::{Guardian, ServerCommand};
    ///
    /// // The path of `tenure`; or `Guardian::this_program()`, if its main begins with `guardian::run()`.
    /// let guardian = Guardian::new("/usr/bin/tenure");
    /// let mut command = guardian.command("npx");
    /// command.args(["-y", "@modelcontextprotocol/server-everything"]);
    /// let command = ServerCommand::new(command).guarded(guardian);
    /// # let _ = command;
    /// ```
    pub fn guarded(mut self, guardian: Guardian) -> Self {
        self.guardian = Some(guardian);
        self
    }

    /// The command for the next generation.
    pub(super) fn with<T>(&self, use_it: impl FnOnce(&mut Command) -> T) -> T {
        match &self.source {
            Source::One(reused) => {
                let mut reused = reused.lock().unwrap_or_else(PoisonError::into_inner);
                if !std::mem::replace(&mut reused.prepared, true) {
                    self.prepare(&mut reused.command);
                }
                use_it(&mut reused.command)
            }
            Source::Made(make) => {
                let mut command = make();
                self.prepare(&mut command);
                use_it(&mut command)
            }
        }
    }

    pub(super) const fn guardian(&self) -> Option<&Guardian> {
        self.guardian.as_ref()
    }

    pub(super) fn hook(&self) -> Option<Hook> {
        self.on_stderr.clone()
    }

    fn prepare(&self, command: &mut Command) {
        if let Some(kept) = &self.kept {
            kept.apply(command, std::env::vars_os());
        }
        if self.on_stderr.is_some() {
            command.stderr(Stdio::piped());
        }
    }
}

impl From<Command> for ServerCommand {
    fn from(command: Command) -> Self {
        Self::new(command)
    }
}

impl<F: Fn() -> Command + Send + Sync + 'static> From<F> for ServerCommand {
    fn from(make: F) -> Self {
        Self::from_fn(make)
    }
}

/// The program alone: arguments and environment may hold secrets.
impl fmt::Debug for ServerCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ServerCommand");
        if let Source::One(reused) = &self.source
            && let Ok(reused) = reused.try_lock()
        {
            shown.field("program", &reused.command.get_program());
        }
        shown.finish_non_exhaustive()
    }
}
