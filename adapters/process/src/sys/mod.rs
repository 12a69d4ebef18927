//! What each system does for children. Unix has all of it; elsewhere a child can't be started.
//!
//! A system provides
//!
//! - `Source`: what its children have to be watched for, with `try_read`, `try_write` and `try_ended`, which
//!   never block; on unix also `AsFd`. A type without values if nothing is to be watched.
//! - `Pipe<W>`: this program's end of a pipe, with `poll_read` and `poll_write`. On unix it is a watched
//!   source, `W`; a system whose pipes complete by other means (overlapped, or on a thread of their own)
//!   keeps these in it and needs no reactor, nor a value of `W`.
//! - `Process<W>`: the child and its group, with `pid`, `terminate`, `kill`, `try_wait`, `reap` and
//!   `poll_exited`; its drop ends the group and sees to the reaping.
//! - `spawn`, which makes them.
//!
//! Nothing outside names a file descriptor, but for `AsFd` of [`Source`](crate::Source).

// These two unixes have no `waitid`, by which a death is seen without reaping.
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
mod unix;
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
pub(crate) use unix::{Pipe, Process, Source, spawn};

#[cfg(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))))]
mod unsupported;
#[cfg(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))))]
pub(crate) use unsupported::{Pipe, Process, Source, spawn};

/// How the exit of a child is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watching {
    /// By a pidfd where there is one, else by a thread.
    Best,
    /// By a thread, as where there is no pidfd.
    #[cfg_attr(not(test), allow(dead_code, reason = "chosen by tests only"))]
    Thread,
}

/// What was started, in the system's types. Dropped, it closes the pipes, then ends the process.
#[derive(Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "nothing is ever started there"))]
pub(crate) struct Parts<W> {
    pub(crate) stdin: Pipe<W>,
    pub(crate) stdout: Pipe<W>,
    pub(crate) stderr: Option<Pipe<W>>,
    pub(crate) process: Process<W>,
}
