//! Starting a child.

use std::process::Command;

use crate::error::SpawnError;
use crate::guardian::Guardian;
use crate::pipe::{ChildOutput, ChildStdin};
use crate::process::Process;
use crate::reactor::Reactor;
use crate::sys::{self, Parts, Watching};

/// A child that was started: its pipes and its process.
///
/// Dropping it closes the pipes and then ends the process, as [`Process`] says.
#[derive(Debug)]
#[must_use = "dropping a child kills it"]
pub struct Child<W> {
    stdin: ChildStdin<W>,
    stdout: ChildOutput<W>,
    stderr: Option<ChildOutput<W>>,
    process: Process<W>,
}

/// Starts `command` as the leader of a process group of its own, with its standard input and output
/// piped.
///
/// Environment, working directory and standard error are as the command says (standard error goes to
/// this program's own by default); its standard input, standard output and process group are set here.
/// The command can be used again, for a next generation.
///
/// `token` is held until the child has been reaped, whoever reaps it, and then dropped. It is dropped
/// at once if the child can't be started. It may be dropped on another thread.
///
/// Starting a process blocks for as long as the system takes for it, typically a millisecond.
///
/// # Errors
/// See [`SpawnError`]; no process is left then.
///
/// # Panics
/// If `reactor` does; no process is left then.
pub fn spawn<R: Reactor>(
    reactor: &R,
    command: &mut Command,
    token: impl Send + 'static,
) -> Result<Child<R::Watched>, SpawnError> {
    spawn_watched(reactor, command, Box::new(token), Watching::Best)
}

/// The same, with a [guardian](crate::guardian) in between, so that nothing of the child survives this program.
/// `command` is one that [`Guardian::command`] made.
///
/// All is as without a guardian, but that the [`Process`] tells of the child's exit when all that came of the child is
/// gone, and that signals go by the guardian: that one isn't allowed is not told. It takes twice the time to start.
///
/// The guardian is started by the call itself, which blocks as [`spawn`] does and borrows `command` no longer. The
/// future waits for it to say that the child runs, which a thread of that time does: nothing else blocks.
///
/// Where there are no guardians this is [`spawn`]; on Windows that is as much: the kernel ends the child's job with
/// this program.
///
/// # Errors
/// See [`SpawnError`]; no process is left then. A program that plays no guardian is waited for up to ten seconds, and
/// one more for its end.
///
/// # Cancel safety
/// A future that is dropped before it completed leaves nothing: the guardian ends, with all that came of the child, and
/// a program that is none is killed after a second. The token is dropped once that is done.
///
/// # Panics
/// The future does if `reactor` does; no process is left then.
pub fn spawn_guarded<R: Reactor, T: Send + 'static>(
    reactor: &R,
    guardian: &Guardian,
    command: &mut Command,
    token: T,
) -> impl Future<Output = Result<Child<R::Watched>, SpawnError>> + Send + use<R, T> {
    #[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
    {
        let spawned = sys::spawn_guarded(reactor, guardian, command, Box::new(token));
        async { spawned.await.map(Child::of) }
    }
    #[cfg(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))))]
    {
        let _ = guardian;
        std::future::ready(spawn(reactor, command, token))
    }
}

/// Tests choose how the child is watched.
pub(crate) fn spawn_watched<R: Reactor>(
    reactor: &R,
    command: &mut Command,
    token: Box<dyn Send>,
    watching: Watching,
) -> Result<Child<R::Watched>, SpawnError> {
    sys::spawn(reactor, command, token, watching).map(Child::of)
}

impl<W> Child<W> {
    fn of(parts: Parts<sys::Pipe<W>, sys::Process<W>>) -> Self {
        Self {
            stdin: ChildStdin::new(parts.stdin),
            stdout: ChildOutput::new(parts.stdout),
            stderr: parts.stderr.map(ChildOutput::new),
            process: Process::new(parts.process),
        }
    }

    /// The child's process id, which is also the id of its group.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Takes the child's standard error, if the command asked for a pipe there: for whoever shows or keeps what the
    /// child says of itself.
    ///
    /// Read it: a child that fills the pipe waits. If it isn't taken it is closed by
    /// [`split`](Self::split), and writing to it then fails in the child.
    ///
    /// ```
    /// use std::process::{Command, Stdio};
    ///
    /// use futures_lite::AsyncReadExt as _;
    /// use tenure_smol::SmolReactor;
    ///
    /// # smol::block_on(async {
    /// let mut command = Command::new("sh");
    /// command.args(["-c", "echo oops >&2"]).stderr(Stdio::piped());
    /// let mut child = tenure_process::spawn(&SmolReactor::new(), &mut command, ())?;
    /// let mut said = String::new();
    /// if let Some(mut stderr) = child.take_stderr() {
    ///     stderr.read_to_string(&mut said).await?;
    /// }
    /// assert_eq!(said, "oops\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn take_stderr(&mut self) -> Option<ChildOutput<W>> {
        self.stderr.take()
    }

    /// The child's input, its output and its process.
    ///
    /// Dropping the input asks a well-behaved child to end, and does nothing to any other. Dropping the
    /// [`Process`] ends any child.
    pub fn split(self) -> (ChildStdin<W>, ChildOutput<W>, Process<W>) {
        (self.stdin, self.stdout, self.process)
    }
}
