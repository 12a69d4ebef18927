//! What it does by means of the system.

use std::io;

use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};
use winsafe::{HSTD, co};

pub(crate) type Deaf = (CtrlC, CtrlBreak);

/// They are heard, and nobody cares.
pub(crate) fn ignore_request_to_end() -> io::Result<Deaf> {
    Ok((ctrl_c()?, ctrl_break()?))
}

pub(crate) fn close_output() {
    // Dropped, it closes the handle that it names.
    drop(HSTD::GetStdHandle(co::STD_HANDLE::OUTPUT));
}
