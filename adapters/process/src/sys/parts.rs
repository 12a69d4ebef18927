//! What every system takes and gives when it starts a child.

/// How the exit of a child is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watching {
    /// By a pidfd where there is one, else by a thread.
    Best,
    /// By a thread, as where there is no pidfd.
    #[cfg_attr(not(all(test, unix)), allow(dead_code, reason = "chosen by tests only"))]
    Thread,
}

/// What was started, in the system's types. Dropped, it closes the pipes, then ends the process.
#[derive(Debug)]
#[cfg_attr(not(any(unix, windows)), allow(dead_code, reason = "nothing is ever started there"))]
pub(crate) struct Parts<Pipe, Process> {
    pub(crate) stdin: Pipe,
    pub(crate) stdout: Pipe,
    pub(crate) stderr: Option<Pipe>,
    pub(crate) process: Process,
}
