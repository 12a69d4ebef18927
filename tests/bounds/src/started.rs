//! What a test has started: by a mark in the environment.

use std::process::Command;
use std::thread::{self, ThreadId};

use rustix::process::{Pid, Signal, kill_process};

/// Marks what `command` starts as started by the test of this thread.
pub fn mark(command: &mut Command) -> &mut Command {
    command.env(Mark::of_this_thread().0, "1")
}

/// Kills what the test of this thread has started, for those that wait by means of their own.
pub fn kill_started() {
    Mark::of_this_thread().kill_all();
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
    pub(crate) fn kill_all(&self) {
        for _ in 0..100 {
            let left = self.left();
            if left.is_empty() {
                break;
            }
            for pid in left {
                let _ = kill_process(pid, Signal::KILL);
            }
            thread::yield_now();
        }
    }

    /// Which processes bear the mark; none where there is no /proc.
    fn left(&self) -> Vec<Pid> {
        let sought = format!("{}=", self.0).into_bytes();
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
