//! What a test has started: by a mark in the environment.

use std::process::Command;
use std::thread::{self, ThreadId};

/// Marks what `command` starts as started by the test of this thread.
pub fn mark(command: &mut Command) -> &mut Command {
    command.env(Mark::of_this_thread().0, "1")
}

/// Kills what the test of this thread has started, for those that wait by means of their own.
pub fn kill_started() {
    Mark::of_this_thread().kill_all();
}

/// What the test of this thread has started and what runs: the process ids; none where there is no /proc.
pub fn started() -> Vec<u32> {
    Mark::of_this_thread().left()
}

/// The name of an environment variable. A test's own program keeps those of the test that started it.
#[derive(Clone, Debug)]
pub(crate) struct Mark(String);

impl Mark {
    pub(crate) fn of_this_thread() -> Self {
        Self::of(thread::current().id())
    }

    fn of(thread: ThreadId) -> Self {
        let number: String = format!("{thread:?}").chars().filter(char::is_ascii_digit).collect();
        Self(format!("TENURE_TEST_{}_{number}", std::process::id()))
    }

    /// Kills all that bears the mark, until nothing does: what is killed may have been starting more.
    #[cfg_attr(windows, allow(clippy::unused_self, reason = "nothing is known by its mark there"))]
    pub(crate) fn kill_all(&self) {
        #[cfg(unix)]
        unix::kill_all(&self.0);
    }

    #[cfg_attr(windows, allow(clippy::unused_self, reason = "nothing is known by its mark there"))]
    fn left(&self) -> Vec<u32> {
        #[cfg(unix)]
        return unix::left(&self.0)
            .into_iter()
            .map(|pid| pid.as_raw_nonzero().get().unsigned_abs())
            .collect();
        #[cfg(windows)]
        Vec::new()
    }
}

#[cfg(unix)]
mod unix {
    use rustix::process::{Pid, Signal, kill_process};

    pub(super) fn kill_all(mark: &str) {
        for _ in 0..100 {
            let left = left(mark);
            if left.is_empty() {
                break;
            }
            for pid in left {
                let _ = kill_process(pid, Signal::KILL);
            }
            std::thread::yield_now();
        }
    }

    /// Which processes bear the mark; none where there is no /proc.
    pub(super) fn left(mark: &str) -> Vec<Pid> {
        let sought = format!("{mark}=").into_bytes();
        let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
        processes
            .flatten()
            .filter_map(|entry| {
                let pid = entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw)?;
                // That of a process that has ended is empty.
                let environment = std::fs::read(entry.path().join("environ")).ok()?;
                environment.split(|byte| *byte == 0).any(|it| it.starts_with(&sought)).then_some(pid)
            })
            .collect()
    }
}
