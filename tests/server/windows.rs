//! What a server does by means of the system: on Windows.

use std::os::windows::process::CommandExt as _;
use std::process::Stdio;

use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};
use winsafe::{HSTD, co};

use crate::out::fail;
use crate::sleeper::sleeper;

/// As long as this is kept, neither Ctrl-C nor Ctrl-Break ends the program: they are heard, and nobody cares.
pub(crate) fn ignore_request_to_end() -> (CtrlC, CtrlBreak) {
    match (ctrl_c(), ctrl_break()) {
        (Ok(c), Ok(r#break)) => (c, r#break),
        heard => fail(&format!("can't hear the console: {heard:?}")),
    }
}

/// A console stops nobody.
pub(crate) fn ask_terminal() {}

/// No process can be stopped by itself.
pub(crate) fn stop() {}

/// A process that means to be out of reach, which holds on to standard error alone; 0 if it may not be.
pub(crate) fn daemon() -> u32 {
    const DETACHED_PROCESS: u32 = 0x0000_0008;
    const CREATE_BREAKAWAY_FROM_JOB: u32 = 0x0100_0000;
    let mut sleep = sleeper();
    sleep.stdout(Stdio::null()).creation_flags(DETACHED_PROCESS | CREATE_BREAKAWAY_FROM_JOB);
    sleep.spawn().map_or(0, |child| child.id())
}

/// A pipe's two ends have nothing in common here.
pub(crate) fn make_stderr_nonblocking() {}

/// Nobody can write to it from here on.
pub(crate) fn close_input() {
    match HSTD::GetStdHandle(co::STD_HANDLE::INPUT) {
        // Dropped, it closes the handle that it names.
        Ok(input) => drop(input),
        Err(error) => fail(&format!("can't close its input: {error}")),
    }
}
