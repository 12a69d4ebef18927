//! Signals, groups of processes, named pipes.

use std::fs;
use std::process::Command;
use std::time::Instant;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, test_kill_process_group, waitpid};
use tenure_bounds::{blocking, kill_started};

use super::{Folder, PATIENCE, Running};

impl Running {
    pub(crate) fn signal(&mut self, signal: Signal) -> &mut Self {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, signal).unwrap();
        self
    }

    /// By number, for those that have no name.
    pub(crate) fn signal_number(&mut self, signal: i32) -> &mut Self {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("/bin/sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
        self
    }

    /// Waits until the program is stopped, all of its threads.
    pub(crate) fn until_stopped(&mut self) -> &mut Self {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).unwrap();
        let options = WaitOptions::UNTRACED;
        let waited = blocking("the program to stop", || waitpid(Some(pid), options)).unwrap();
        assert!(waited.is_some_and(|(_, status)| status.stopped()), "{waited:?}");
        self
    }
}

impl Folder {
    /// To a pipe with a name, once somebody has made it and reads it.
    pub(crate) fn write_pipe(&self, name: &str, bytes: &str) {
        let path = self.path(name);
        blocking("the named pipe", || {
            while !path.exists() {
                std::thread::yield_now();
            }
            fs::write(&path, bytes)
        })
        .unwrap();
    }

    /// The server has written its id down here, and is gone.
    #[track_caller]
    pub(crate) fn nothing_left_of_it(&self) {
        blocking("the server's id", || {
            while !fs::read_to_string(self.path("pid")).is_ok_and(|pid| pid.ends_with('\n')) {
                std::thread::yield_now();
            }
        });
        self.nothing_left();
    }

    /// Nothing runs in the group of the server that wrote its id down here.
    #[track_caller]
    pub(crate) fn nothing_left(&self) {
        let group = self.text("pid").trim().parse().ok().and_then(Pid::from_raw).unwrap();
        let deadline = Instant::now() + PATIENCE;
        // What was killed with its parent is reaped by another process, in that one's time.
        while test_kill_process_group(group).is_ok() && !only_zombies(group) {
            if Instant::now() >= deadline {
                kill_started();
                panic!("waited {PATIENCE:?} for group {} to be gone", group.as_raw_nonzero());
            }
            std::thread::yield_now();
        }
    }
}

/// Where there is /proc: whether all members of the group have ended.
fn only_zombies(group: Pid) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return false };
    let wanted = group.as_raw_nonzero().to_string();
    let stats: Vec<String> =
        processes.flatten().filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok()).collect();
    !stats.is_empty()
        && stats.iter().all(|stat| {
            // After the name in brackets: state, parent, group.
            let rest: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            rest.get(2) != Some(&wanted.as_str()) || rest.first() == Some(&"Z")
        })
}
