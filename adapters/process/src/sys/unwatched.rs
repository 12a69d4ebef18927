//! What a runtime watches where it has nothing to watch, since nothing is ever started, or threads wait for all of it.

use std::io;

#[derive(Debug)]
pub(crate) enum Source {}

impl Source {
    pub(crate) fn try_read(&self, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) fn try_write(&self, _: &[u8]) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) fn try_ended(&self) -> io::Result<()> {
        match *self {}
    }
}

/// Some unixes are unsupported, too.
#[cfg(unix)]
impl std::os::fd::AsFd for Source {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match *self {}
    }
}
