//! The children of this process: the server, and the orphans of all that came of it.
//!
//! Nobody but this process reaps them. So the number of a child is its own until it is reaped here, and no signal goes
//! astray. A grandchild becomes a child as soon as what is between has ended: killing children until there are none
//! kills all descendants.

use std::fs;

use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, wait, waitid};

/// What has become of the server. It isn't reaped by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// Each stop is told once.
    Stopped(i32),
    Ended,
}

pub(super) fn look_at(server: Pid) -> Change {
    let ended = WaitIdOptions::EXITED.union(WaitIdOptions::NOHANG).union(WaitIdOptions::NOWAIT);
    match retry_on_intr(|| waitid(WaitId::Pid(server), ended)) {
        Ok(None) => {}
        Ok(Some(_)) | Err(_) => return Change::Ended,
    }
    let stopped = WaitIdOptions::STOPPED.union(WaitIdOptions::NOHANG);
    match retry_on_intr(|| waitid(WaitId::Pid(server), stopped)) {
        Ok(Some(status)) => Change::Stopped(status.stopping_signal().unwrap_or_default()),
        Ok(None) | Err(_) => Change::None,
    }
}

/// Reaps orphans that have ended.
pub(super) fn reap_others(server: Pid) {
    for child in children().into_iter().filter(|child| *child != server) {
        let _ = waitid(WaitId::Pid(child), WaitIdOptions::EXITED.union(WaitIdOptions::NOHANG));
    }
}

/// Sends SIGKILL to each child.
pub(super) fn kill_all() {
    for child in children() {
        let _ = kill_process(child, Signal::KILL);
    }
}

/// Reaps all that have ended; the server's status is kept. Returns whether there are others.
pub(super) fn reap_all(server: Pid, status: &mut Option<i32>) -> bool {
    loop {
        match retry_on_intr(|| wait(WaitOptions::NOHANG)) {
            Ok(Some((child, its))) => {
                if child == server {
                    *status = Some(its.as_raw());
                }
            }
            Ok(None) => return true,
            // The one error there is says that there are none.
            Err(_) => return false,
        }
    }
}

/// The children of this process, those that have ended and aren't reaped included. One that comes or goes meanwhile may
/// be missing.
fn children() -> Vec<Pid> {
    // There is one thread.
    match fs::read_to_string("/proc/thread-self/children") {
        Ok(listed) => listed.split_ascii_whitespace().filter_map(pid).collect(),
        Err(_) => children_by_parent(rustix::process::getpid()),
    }
}

/// The same where the kernel doesn't list them: by the parent that each process has.
fn children_by_parent(parent: Pid) -> Vec<Pid> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = processes.flatten().filter_map(|entry| pid(entry.file_name().to_str()?));
    numbers.filter(|number| parent_of(*number) == Some(parent)).collect()
}

fn parent_of(process: Pid) -> Option<Pid> {
    let stat = fs::read(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
    // Behind the name, which may hold anything, half a character included: the state, and the parent.
    pid(String::from_utf8_lossy(&stat).rsplit(')').next()?.split_ascii_whitespace().nth(1)?)
}

fn pid(text: &str) -> Option<Pid> {
    text.parse().ok().and_then(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::process::{Command, Stdio};

    use super::*;

    /// The system cuts names off after 15 bytes, wherever that is.
    #[test]
    fn a_process_is_found_by_its_parent_whatever_its_name() {
        let name = OsStr::from_bytes(b") \xc3 (");
        let path = std::env::temp_dir().join(format!("tenure-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        std::os::unix::fs::symlink("/bin/sleep", path.join(name)).unwrap();
        let mut child = Command::new(path.join(name)).arg("60").spawn().unwrap();
        std::fs::remove_dir_all(path).unwrap();
        let parent = parent_of(Pid::from_child(&child));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(parent, Some(rustix::process::getpid()));
    }

    /// Tests run on threads, each of which has children of its own; the other way sees those of all.
    #[test]
    fn both_ways_to_list_children_find_one() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = Pid::from_child(&child);
        assert_eq!(parent_of(pid), Some(rustix::process::getpid()));
        assert_eq!(children(), [pid]);
        assert!(children_by_parent(rustix::process::getpid()).contains(&pid));
        assert_eq!(look_at(pid), Change::None);
        kill_process(pid, Signal::STOP).unwrap();
        while look_at(pid) != Change::Stopped(Signal::STOP.as_raw()) {
            std::thread::yield_now();
        }
        assert_eq!(look_at(pid), Change::None, "a stop is told once");
        child.kill().unwrap();
        while look_at(pid) != Change::Ended {
            std::thread::yield_now();
        }
        // It isn't reaped by that.
        assert_eq!(children(), [pid]);
        child.wait().unwrap();
        assert_eq!(children(), []);
    }
}
