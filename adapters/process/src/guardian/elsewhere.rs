//! Where there are no guardians.

use std::ffi::OsString;
use std::process::ExitCode;

/// Returns: no program is started as a guardian on this platform.
pub const fn run() {}

/// Says that there are no guardians on this platform.
#[must_use]
pub fn guard(_: impl IntoIterator<Item = OsString>) -> ExitCode {
    eprintln!(
        "tenure: there are no guardians on this platform: servers end by other means, or can't be started"
    );
    ExitCode::from(2)
}
