//! What is watched on unix: file descriptors.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::retry_on_intr;
#[cfg(target_os = "linux")]
use rustix::process::{Pid, WaitId};

#[cfg(target_os = "linux")]
use super::exit::{Exit, look};

#[derive(Debug)]
pub(crate) enum Source {
    /// This program's end, non-blocking.
    Pipe(OwnedFd),
    /// A pidfd: readable once the process has exited, and never read.
    #[cfg(target_os = "linux")]
    Exit(OwnedFd),
}

impl Source {
    /// Only this end becomes non-blocking; the child's is a file description of its own.
    pub(super) fn pipe(fd: OwnedFd) -> io::Result<Self> {
        let flags = fcntl_getfl(&fd)?;
        fcntl_setfl(&fd, flags.union(OFlags::NONBLOCK))?;
        Ok(Self::Pipe(fd))
    }

    /// `None` where there is no such thing: an old kernel, or a sandbox that doesn't know it.
    #[cfg(target_os = "linux")]
    pub(super) fn exit(pid: Pid) -> io::Result<Option<Self>> {
        use rustix::io::Errno;
        use rustix::process::{PidfdFlags, pidfd_open};

        match pidfd_open(pid, PidfdFlags::empty()) {
            // One version of Linux can open a pidfd but not wait for one.
            Ok(pidfd) => Ok(look(&WaitId::PidFd(pidfd.as_fd())).is_ok().then_some(Self::Exit(pidfd))),
            // A thread would be one more thing that there is no room for.
            Err(errno @ (Errno::MFILE | Errno::NFILE | Errno::NOMEM)) => Err(errno.into()),
            Err(_) => Ok(None),
        }
    }

    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Pipe(fd) => Ok(retry_on_intr(|| rustix::io::read(fd, &mut *buffer))?),
            #[cfg(target_os = "linux")]
            Self::Exit(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Pipe(fd) => Ok(retry_on_intr(|| rustix::io::write(fd, bytes))?),
            #[cfg(target_os = "linux")]
            Self::Exit(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Asks the system about the child: that a pidfd is ready decides nothing. A pidfd stays this child's
    /// for ever, while its number may be another's later.
    pub(crate) fn try_ended(&self) -> io::Result<()> {
        match self {
            Self::Pipe(_) => Err(io::ErrorKind::Unsupported.into()),
            #[cfg(target_os = "linux")]
            Self::Exit(pidfd) => match look(&WaitId::PidFd(pidfd.as_fd()))? {
                Exit::Zombie | Exit::Gone => Ok(()),
                Exit::NotYet => Err(io::ErrorKind::WouldBlock.into()),
            },
        }
    }
}

impl AsFd for Source {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Pipe(fd) => fd.as_fd(),
            #[cfg(target_os = "linux")]
            Self::Exit(fd) => fd.as_fd(),
        }
    }
}
