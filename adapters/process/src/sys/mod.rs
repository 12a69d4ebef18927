//! The system's side: real on unix, an honest no elsewhere.

// These two unixes have no `waitid`, by which a death is seen without reaping.
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
mod unix;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
pub(crate) use unix::{Process, read, spawn, write};

#[cfg(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))))]
mod unsupported;
#[cfg(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))))]
pub(crate) use unsupported::{Process, read, spawn, write};

/// How the exit of a child is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watching {
    /// By a pidfd where there is one, else by a thread.
    Best,
    /// By a thread, as where there is no pidfd.
    #[cfg_attr(not(test), allow(dead_code, reason = "chosen by tests only"))]
    Thread,
}

/// What was started, before it is dressed up. Dropped, it closes the pipes, then ends the process.
#[derive(Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "nothing is ever started there"))]
pub(crate) struct Parts<F> {
    pub(crate) stdin: F,
    pub(crate) stdout: F,
    pub(crate) stderr: Option<F>,
    pub(crate) process: Process<F>,
}
