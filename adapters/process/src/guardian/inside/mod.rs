//! The guardian's side: a process of one thread that starts a server, and outlives it.
//!
//! Nothing here may end it before the server: no error is an end, and no signal that is heard; which those are, and why
//! not those of faults, [`signals`] says.

mod family;
mod host;
mod signals;
mod watch;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};

use rustix::process::Pid;

use self::host::Host;
use self::signals::Signals;
use self::watch::Watch;
#[cfg(target_os = "linux")]
use super::frames::NAME_OF_THREAD;
use super::frames::{NAME, Report};

/// Something was wrong with how it was started.
const USAGE: u8 = 2;

/// Plays the guardian if this program was started as one by [`Guardian::new`](super::Guardian::new) without
/// arguments, and ends with that; returns if it wasn't. To be called first in `main`: before there is another thread,
/// and before anything is read, printed or opened.
pub fn run() {
    let mut words = std::env::args_os();
    if words.next().is_some_and(|name| name == NAME) {
        std::process::exit(i32::from(play(words)));
    }
}

/// Plays the guardian for this command line of a server's; with what this returns the program is to end. For programs
/// that were started by [`Guardian::arg`](super::Guardian::arg) with what tells them so. To be called as [`run`] is.
#[must_use]
pub fn guard(command_line: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::from(play(command_line.into_iter()))
}

fn play(command_line: impl Iterator<Item = OsString>) -> u8 {
    match begin(command_line) {
        Ok(Some(watch)) => {
            watch.run();
            0
        }
        Ok(None) => 0,
        Err(error) => {
            eprintln!("tenure: a guardian is started by a program that has servers: {error}");
            USAGE
        }
    }
}

/// Starts the server, if that can be.
fn begin(mut command_line: impl Iterator<Item = OsString>) -> io::Result<Option<Watch>> {
    let nowhere = File::options().read(true).write(true).open("/dev/null")?;
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    let (start, pipes) = host::receive_start(&socket)?;
    rustix::stdio::dup2_stdin(&nowhere)?;
    let program = command_line.next().ok_or_else(|| io::Error::other("no command"))?;
    prepare();
    let host = Host::of(socket);
    let mut signals = Signals::hear()?;
    let mut command = Command::new(program);
    command.args(command_line).process_group(0);
    let spawned = signals.as_inherited(|| spawn(command, pipes));
    // The server's standard error was this process's own until here.
    let _ = rustix::stdio::dup2_stderr(&nowhere);
    match spawned {
        Ok(server) => {
            host.started(server);
            Ok(Some(Watch::new(server, host, signals, start)))
        }
        Err(error) => {
            host.report(Report::Failed(error.raw_os_error().unwrap_or_default()));
            Ok(None)
        }
    }
}

/// The pipes are closed here as soon as the server has them.
fn spawn(mut command: Command, [stdin, stdout]: [OwnedFd; 2]) -> io::Result<Pid> {
    let server = command.stdin(stdin).stdout(stdout).stderr(Stdio::inherit()).spawn()?;
    // Not reaped by its drop: that is up to who watches it.
    Ok(Pid::from_child(&server))
}

/// Has its name, and orphans among the descendants become its children.
fn prepare() {
    #[cfg(target_os = "linux")]
    {
        // Where it can't be had the other one stands.
        let _ = rustix::thread::set_name(NAME_OF_THREAD);
        // Since Linux 3.4 this doesn't fail.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}
