//! Processes by their ids: killed, and looked for. An id may be another's by now, so whoever kills says that it isn't.

use std::io;

/// Kills the process. `check` is asked once the process is held, where it can be: the right one is held if the check
/// passes.
///
/// # Errors
/// Those of the check; within, what the system says.
pub(crate) fn kill<E>(pid: u32, check: impl FnOnce() -> Result<(), E>) -> Result<io::Result<()>, E> {
    let held = sys::hold(pid);
    check()?;
    Ok(held.and_then(sys::kill))
}

pub(crate) fn exists(pid: u32) -> bool {
    sys::exists(pid)
}

#[cfg(unix)]
mod sys {
    use std::io;

    use rustix::process::{Pid, Signal, test_kill_process};

    fn numbered(pid: u32) -> io::Result<Pid> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        pid.ok_or_else(|| io::Error::other("no such process"))
    }

    pub(super) fn exists(pid: u32) -> bool {
        numbered(pid).is_ok_and(|pid| test_kill_process(pid).is_ok())
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn hold(pid: u32) -> io::Result<std::os::fd::OwnedFd> {
        use rustix::process::{PidfdFlags, pidfd_open};
        Ok(pidfd_open(numbered(pid)?, PidfdFlags::empty())?)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(clippy::needless_pass_by_value, reason = "it is held until it is killed")]
    pub(super) fn kill(held: std::os::fd::OwnedFd) -> io::Result<()> {
        Ok(rustix::process::pidfd_send_signal(&held, Signal::KILL)?)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn hold(pid: u32) -> io::Result<Pid> {
        numbered(pid)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn kill(pid: Pid) -> io::Result<()> {
        Ok(rustix::process::kill_process(pid, Signal::KILL)?)
    }
}

#[cfg(windows)]
mod sys {
    use std::io;

    use winsafe::guard::CloseHandleGuard;
    use winsafe::{HPROCESS, co};

    type Held = CloseHandleGuard<HPROCESS>;

    fn open(pid: u32, access: co::PROCESS) -> io::Result<Held> {
        HPROCESS::OpenProcess(access, false, pid).map_err(said)
    }

    fn said(error: co::ERROR) -> io::Error {
        io::Error::other(error)
    }

    /// One that has ended can be opened as long as somebody else holds it.
    pub(super) fn exists(pid: u32) -> bool {
        open(pid, co::PROCESS::SYNCHRONIZE)
            .is_ok_and(|process| process.WaitForSingleObject(Some(0)) != Ok(co::WAIT::OBJECT_0))
    }

    pub(super) fn hold(pid: u32) -> io::Result<Held> {
        open(pid, co::PROCESS::TERMINATE)
    }

    #[allow(clippy::needless_pass_by_value, reason = "it is held until it is killed")]
    pub(super) fn kill(held: Held) -> io::Result<()> {
        // The status that task managers give.
        held.TerminateProcess(1).map_err(said)
    }
}

#[cfg(not(any(unix, windows)))]
mod sys {
    use std::io;

    pub(super) fn exists(_: u32) -> bool {
        false
    }

    pub(super) fn hold(_: u32) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn kill((): ()) -> io::Result<()> {
        Ok(())
    }
}
