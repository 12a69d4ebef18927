//! What a server does by means of the system: on unix.

use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use rustix::process::{Pid, setpgid};

use crate::out::fail;

/// Becomes this program once more, with SIGTERM ignored.
pub(crate) fn ignore_request_to_end() {
    // An ignored signal stays ignored across exec.
    let error = Command::new("/bin/sh")
        .args(["-c", "trap '' TERM; exec \"$0\" \"$@\""])
        .args(std::env::args().filter(|arg| arg != "--ignore-sigterm"))
        .exec();
    fail(&format!("/bin/sh: {error}"));
}

/// Moves to the group of a child of its own and becomes a shell, which notes in a file that SIGTERM ended it.
pub(crate) fn leave_group(note: &str) -> ! {
    let mut sleep = Command::new("sleep");
    sleep.arg("60").process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
    let moved = sleep.spawn().and_then(|child| Ok(setpgid(None, Some(Pid::from_child(&child)))?));
    if let Err(error) = moved {
        fail(&format!("can't leave its group: {error}"));
    }
    let script = "trap 'echo in order >\"$0\"; exit' TERM; echo moved; sleep 60 & wait";
    let error = Command::new("/bin/sh").args(["-c", script, note]).exec();
    fail(&format!("/bin/sh: {error}"));
}

/// As one does for a password.
pub(crate) fn ask_terminal() {
    if let Ok(mut terminal) = std::fs::File::open("/dev/tty") {
        let _ = terminal.read(&mut [0]);
    }
}

/// Stops this process.
pub(crate) fn stop() {
    let _ = Command::new("kill").args(["-STOP", &std::process::id().to_string()]).status();
}

/// A process out of reach, which holds on to standard error alone.
pub(crate) fn daemon() -> u32 {
    let mut sleep = Command::new("setsid");
    sleep.args(["sleep", "60"]).stdin(Stdio::null()).stdout(Stdio::null());
    sleep.spawn().map_or(0, |child| child.id())
}

/// Of all who hold it.
pub(crate) fn make_stderr_nonblocking() {
    // A descriptor is one, whatever std takes it for.
    let stderr = std::io::stderr().as_fd().try_clone_to_owned().map(UnixStream::from);
    let made = stderr.and_then(|stderr| stderr.set_nonblocking(true));
    if made.is_err() {
        std::process::exit(74);
    }
}

/// Nobody can write to it from here on.
pub(crate) fn close_input() {
    // The pipe is closed when something else takes its place.
    let closed = std::fs::File::open("/dev/null").map(rustix::stdio::dup2_stdin);
    if !matches!(closed, Ok(Ok(()))) {
        fail("can't close its input");
    }
}
