//! Results on standard output.

use std::io;

use crate::exit::{Failed, USAGE};
use crate::out;

/// Writes to standard output. A reader that went away is no failure of ours.
pub(crate) fn print(text: &str) -> Result<(), Failed> {
    out::end_line();
    printed(out::write(text))
}

/// What became of a write to standard output.
pub(crate) fn printed(written: io::Result<()>) -> Result<(), Failed> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failed::new(USAGE, format!("can't write the result: {error}")))
        }
        _ => Ok(()),
    }
}
