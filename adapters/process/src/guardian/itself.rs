//! What stands for one process, whatever its number means later.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags, fstat, openat};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, Signal, kill_process, pidfd_send_signal};

/// How long one look at a folder is from the next.
const LOOK: Duration = Duration::from_millis(1);

/// A process itself.
#[derive(Debug)]
pub(super) enum Itself {
    /// Readable once the process has ended.
    Pidfd(OwnedFd),
    /// Its folder in /proc, which is nobody else's: there is nothing in it once the process is reaped.
    Folder(OwnedFd),
}

/// What can be handed to another process. Nobody may reap `process` meanwhile.
#[cfg_attr(not(any(feature = "guardian", test)), allow(dead_code, reason = "opened by guardians"))]
pub(super) fn open(process: Pid) -> Option<OwnedFd> {
    use rustix::process::{PidfdFlags, pidfd_open};

    pidfd_open(process, PidfdFlags::empty()).ok().or_else(|| open_folder(process))
}

/// The same on a kernel without pidfds, or in a sandbox that doesn't know them.
#[cfg_attr(not(any(feature = "guardian", test)), allow(dead_code, reason = "opened by guardians"))]
fn open_folder(process: Pid) -> Option<OwnedFd> {
    let how = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
    rustix::fs::open(format!("/proc/{}", process.as_raw_nonzero()), how, Mode::empty()).ok()
}

impl Itself {
    #[allow(clippy::unnecessary_wraps, reason = "elsewhere there is no such thing")]
    pub(super) fn from_opened(opened: OwnedFd) -> Option<Self> {
        let is_folder =
            fstat(&opened).is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Directory);
        Some(if is_folder { Self::Folder(opened) } else { Self::Pidfd(opened) })
    }

    /// What is readable once it has ended, if anything is.
    #[cfg_attr(not(feature = "guardian"), allow(dead_code, reason = "watched by guardians"))]
    pub(super) fn watched(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::Pidfd(pidfd) => Some(pidfd.as_fd()),
            Self::Folder(_) => None,
        }
    }

    /// Returns whether it is known to be there: then its number is its own.
    pub(super) fn is_there(&self) -> bool {
        match self {
            Self::Pidfd(pidfd) => has_ended(pidfd, Duration::ZERO) == Some(false),
            Self::Folder(folder) => is_dead(folder) == Some(false),
        }
    }

    /// Returns whether it is known to have ended, now or within this time. Only its parent can reap it.
    pub(super) fn has_ended(&self, within: Duration) -> bool {
        let folder = match self {
            Self::Pidfd(pidfd) => return has_ended(pidfd, within) == Some(true),
            Self::Folder(folder) => folder,
        };
        let until = Instant::now().checked_add(within);
        while is_dead(folder) != Some(true) {
            if until.is_none_or(|until| Instant::now() >= until) {
                return false;
            }
            std::thread::sleep(LOOK);
        }
        true
    }

    /// Signals it, who has this number if it was there a moment ago.
    pub(super) fn signal(&self, number: Pid, signal: Signal) {
        let _ = match self {
            Self::Pidfd(pidfd) => pidfd_send_signal(pidfd, signal),
            Self::Folder(_) => kill_process(number, signal),
        };
    }
}

fn has_ended(pidfd: &OwnedFd, within: Duration) -> Option<bool> {
    let within = Timespec::try_from(within).ok()?;
    let mut ended = [PollFd::new(pidfd, PollFlags::IN)];
    retry_on_intr(|| poll(&mut ended, Some(&within))).ok().map(|ready| ready > 0)
}

/// `None` if there is no room to look, say.
fn is_dead(folder: &OwnedFd) -> Option<bool> {
    match stat(folder) {
        Ok(stat) => says_dead(&String::from_utf8_lossy(&stat)),
        Err(Errno::NOENT | Errno::SRCH) => Some(true),
        Err(_) => None,
    }
}

fn says_dead(stat: &str) -> Option<bool> {
    // Behind the name, which may hold anything: the state, and 17 fields later the threads.
    let mut fields = stat.rsplit(')').next()?.split_ascii_whitespace();
    let is_zombie = matches!(fields.next()?, "Z" | "X" | "x");
    let threads: u32 = fields.nth(16)?.parse().ok()?;
    // The first of a process's threads may end before the others; then it looks like this.
    Some(is_zombie && threads <= 1)
}

fn stat(folder: &OwnedFd) -> rustix::io::Result<Vec<u8>> {
    let file = openat(folder, "stat", OFlags::RDONLY.union(OFlags::CLOEXEC), Mode::empty())?;
    let mut stat = Vec::new();
    match File::from(file).read_to_end(&mut stat) {
        Ok(_) => Ok(stat),
        Err(error) => Err(Errno::from_io_error(&error).unwrap_or(Errno::IO)),
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    const BOUND: Duration = Duration::from_secs(20);

    fn cat() -> (Child, Pid) {
        let child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = Pid::from_child(&child);
        (child, pid)
    }

    /// The two, opened each as its own kind.
    fn both(process: Pid) -> [Itself; 2] {
        let both = [open(process), open_folder(process)];
        let both = both.map(|opened| opened.and_then(Itself::from_opened).unwrap());
        assert!(matches!(both, [Itself::Pidfd(_), Itself::Folder(_)]), "{both:?}");
        both
    }

    #[test]
    fn a_process_is_seen_to_end_by_both_before_and_after_it_is_reaped() {
        let (mut child, pid) = cat();
        let both = both(pid);
        for itself in &both {
            let began = Instant::now();
            assert!(itself.is_there() && !itself.has_ended(Duration::ZERO));
            assert!(!itself.has_ended(Duration::from_millis(20)));
            assert!(began.elapsed() >= Duration::from_millis(20), "it is waited for");
        }
        drop(child.stdin.take());
        assert!(both.iter().all(|itself| itself.has_ended(BOUND) && !itself.is_there()));
        child.wait().unwrap();
        assert!(both.iter().all(|itself| itself.has_ended(Duration::ZERO) && !itself.is_there()));
    }

    #[test]
    fn a_process_is_dead_when_its_last_thread_is() {
        let stat = |state, threads| {
            format!("7 (a) Z 1) {state} 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 {threads} 0 99")
        };
        for (state, threads, dead) in
            [("R", 1, false), ("S", 3, false), ("Z", 2, false), ("Z", 1, true), ("X", 0, true)]
        {
            assert_eq!(says_dead(&stat(state, threads)), Some(dead), "{state} {threads}");
        }
        assert_eq!(says_dead(""), None);
        assert_eq!(says_dead("7 (a) Z 1 7"), None);
    }

    #[test]
    fn a_pidfd_alone_is_watched() {
        let (mut child, pid) = cat();
        let [pidfd, folder] = both(pid);
        let watched = pidfd.watched().unwrap();
        assert_eq!(has_ended(&watched.try_clone_to_owned().unwrap(), Duration::ZERO), Some(false));
        assert!(folder.watched().is_none());
        drop(child.stdin.take());
        assert_eq!(has_ended(&watched.try_clone_to_owned().unwrap(), BOUND), Some(true));
        child.wait().unwrap();
    }

    #[test]
    fn each_signals_its_process() {
        for which in 0..2 {
            let (mut child, pid) = cat();
            let itself = &both(pid)[which];
            itself.signal(pid, Signal::KILL);
            assert!(itself.has_ended(BOUND), "{itself:?}");
            assert!(!child.wait().unwrap().success());
        }
    }
}
