//! The host's side: starting a guardian and, by it, a server.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::process::{Pid, Signal, kill_process_group};

use super::Guardian;
use super::frames::{NAME, Order, Report, Start};
use super::lifeline::Lifeline;
use super::received::receive;
use crate::error::SpawnError;

/// How long a guardian may take to say that the server runs.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what is no guardian may take to end by itself.
const GRACE: Duration = Duration::from_secs(1);

/// A server that runs under a guardian.
#[derive(Debug)]
pub(crate) struct Started {
    /// The guardian's process.
    pub(crate) guardian: Child,
    pub(crate) stdin: OwnedFd,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: Option<OwnedFd>,
    pub(crate) lifeline: Lifeline,
}

/// A guardian that was asked to start a server and hasn't said a word yet.
pub(crate) struct Asked {
    child: Child,
    socket: UnixStream,
    stdin: OwnedFd,
    stdout: OwnedFd,
    server: Command,
    program: PathBuf,
}

/// Ends the wait for a word that nobody wants any more.
#[derive(Debug)]
pub(crate) struct Unwanted(UnixStream);

/// Starts the guardian, and has it start the server that `command` names.
///
/// The guardian gets the other end of a socket as its standard input; the server's ends of its pipes are passed on
/// that. So no descriptor is ever open to another child of this program: all are closed by `exec` from the beginning.
pub(crate) fn ask(guardian: &Guardian, command: &mut Command) -> Result<(Asked, Unwanted), SpawnError> {
    let server = server(guardian, command)?;
    let failed = |error| SpawnError::guardian(&server, &guardian.program, error);
    if std::env::args_os().next().is_some_and(|name| name == NAME) {
        return Err(failed(io::Error::other(PLAYS_NONE)));
    }
    let (ours, theirs) = UnixStream::pair().map_err(failed)?;
    let (server_stdin, stdin) = io::pipe().map_err(failed)?;
    let (stdout, server_stdout) = io::pipe().map_err(failed)?;
    send_start(&ours, guardian, [server_stdin.as_fd(), server_stdout.as_fd()]).map_err(failed)?;
    drop((server_stdin, server_stdout));
    let unwanted = Unwanted(ours.try_clone().map_err(failed)?);

    let child = spawn(command, theirs).map_err(|error| {
        // Also the guardian starts in the server's working directory.
        SpawnError::entering(&server).unwrap_or_else(|| failed(error))
    })?;
    let (stdin, stdout, program) = (stdin.into(), stdout.into(), guardian.program.clone());
    Ok((Asked { child, socket: ours, stdin, stdout, server, program }, unwanted))
}

impl Asked {
    /// Blocks until the guardian has said its first word, and for no longer than the patience. What has failed has
    /// ended when this returns, which takes no longer than the grace.
    pub(crate) fn wait(self) -> Result<Started, SpawnError> {
        let wrong = match answer(&self.socket) {
            Ok((Some(Report::Started(number)), itself)) => match Pid::from_raw(number) {
                Some(number) => return Ok(self.started(number, itself)),
                None => self.failed(io::Error::other(NO_GUARDIAN)),
            },
            Ok((Some(Report::Failed(errno)), _)) => {
                SpawnError::starting(&self.server, io::Error::from_raw_os_error(errno))
            }
            Ok(_) => self.failed(io::Error::other(NO_GUARDIAN)),
            Err(error) => self.failed(error),
        };
        self.give_up();
        Err(wrong)
    }

    fn started(mut self, server: Pid, itself: Option<OwnedFd>) -> Started {
        let stderr = self.child.stderr.take().map(OwnedFd::from);
        let lifeline = Lifeline::new(self.socket, Pid::from_child(&self.child), server, itself);
        Started { guardian: self.child, stdin: self.stdin, stdout: self.stdout, stderr, lifeline }
    }

    pub(crate) fn failed(&self, error: io::Error) -> SpawnError {
        SpawnError::guardian(&self.server, &self.program, error)
    }

    /// Ends what was started, a guardian or not. Blocks for no longer than the grace.
    pub(crate) fn give_up(mut self) {
        // A guardian ends of that, and all that came of its server with it.
        super::lifeline::order(&self.socket, Order::Kill);
        let _ = self.socket.shutdown(Shutdown::Both);
        let until = Instant::now().checked_add(GRACE);
        while until.is_some_and(|until| Instant::now() < until) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

impl Unwanted {
    /// Whoever [waits](Asked::wait) gives up, unless the server runs: that ends, too.
    pub(crate) fn tell(&self) {
        super::lifeline::order(&self.0, Order::Kill);
        // To who waits it is as if the guardian had ended; what is sent to that arrives.
        let _ = self.0.shutdown(Shutdown::Read);
    }
}

const PLAYS_NONE: &str = "this program was started as a guardian and doesn't play one: let its main begin with \
                          tenure_process::guardian::run()";
const NO_GUARDIAN: &str = "it ended without a word: it must be a program that begins with \
                           tenure_process::guardian::run(), of this version";
const SILENT: &str = "it said nothing in 10 seconds: it must be a program that begins with \
                      tenure_process::guardian::run(), of this version";
const NOT_ITS_COMMAND: &str = "the command is not one of this guardian's: make it with Guardian::command";

/// The server's command as far as errors tell of it.
fn server(guardian: &Guardian, command: &Command) -> Result<Command, SpawnError> {
    let Some(program) = guardian.server_of(command) else {
        let error = io::Error::other(NOT_ITS_COMMAND);
        return Err(SpawnError::guardian(command, &guardian.program, error));
    };
    let mut server = Command::new(program);
    if let Some(directory) = command.get_current_dir() {
        server.current_dir(directory);
    }
    Ok(server)
}

fn spawn(command: &mut Command, theirs: UnixStream) -> io::Result<Child> {
    command.process_group(0).stdin(OwnedFd::from(theirs)).stdout(Stdio::null());
    let spawned = command.spawn();
    // The command lives on, and must not hold the guardian's end.
    command.stdin(Stdio::null());
    spawned
}

fn send_start(to: &UnixStream, guardian: &Guardian, pipes: [BorrowedFd<'_>; 2]) -> io::Result<()> {
    let [stop, abort] = guardian.timeouts();
    let bytes = Start { stop, abort }.to_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut along = SendAncillaryBuffer::new(&mut space);
    along.push(SendAncillaryMessage::ScmRights(&pipes));
    // Nobody is gone yet who could make this a signal.
    let sent = retry_on_intr(|| sendmsg(to, &[IoSlice::new(&bytes)], &mut along, SendFlags::empty()))?;
    if sent == bytes.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Waits for the guardian's first word, and what stands for the server with it.
fn answer(from: &UnixStream) -> io::Result<(Option<Report>, Option<OwnedFd>)> {
    let until = Instant::now().checked_add(PATIENCE);
    loop {
        let left = until.map_or(PATIENCE, |until| until.saturating_duration_since(Instant::now()));
        let left = Timespec::try_from(left).map_err(|_| Errno::INVAL)?;
        match poll(&mut [PollFd::new(from, PollFlags::IN)], Some(&left)) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::TimedOut, SILENT)),
            Ok(_) => break,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    let mut bytes = [0; Report::LENGTH];
    let (length, pidfd) = match receive(from, &mut bytes) {
        Ok((length, descriptors)) => (length, descriptors.into_iter().next()),
        // It is gone, and has not read what it was sent.
        Err(Errno::CONNRESET) => (0, None),
        Err(errno) => return Err(errno.into()),
    };
    let report = bytes.get(..length).and_then(Report::from_bytes);
    Ok((report, pidfd))
}
