//! A process that does nothing.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::out::fail;

/// No process of these tests lives longer.
pub(crate) const LIFE: Duration = Duration::from_secs(60);

/// A child that sleeps; it holds on to this program's output.
pub(crate) fn sleeper() -> Command {
    let program = std::env::current_exe().unwrap_or_else(|error| fail(&format!("this program: {error}")));
    let mut sleeper = Command::new(program);
    sleeper.arg("--sleep").stdin(Stdio::null());
    sleeper
}
