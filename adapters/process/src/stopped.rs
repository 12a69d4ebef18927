//! What stopped a child.

use std::fmt;

use crate::sys;

/// A child was stopped: it does nothing until it is continued, and isn't dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    signal: i32,
}

impl Stopped {
    pub(crate) const fn new(signal: i32) -> Self {
        Self { signal }
    }

    /// The number of the signal that stopped it.
    pub const fn signal(self) -> i32 {
        self.signal
    }

    /// Returns whether the terminal did (`SIGTTIN`, `SIGTTOU`), and not somebody who may continue it later.
    ///
    /// A child is in a group of its own, which a terminal takes for a background job: it stops the whole group
    /// when one of it reads from the terminal or changes its settings, as every prompt for a password does.
    /// Continued, the child would try the same again.
    pub fn by_terminal(self) -> bool {
        sys::stopped_by_terminal(self.signal)
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match sys::name_of_stop(self.signal) {
            Some(name) => write!(f, "stopped by {name}"),
            None => write!(f, "stopped by signal {}", self.signal),
        }
    }
}
