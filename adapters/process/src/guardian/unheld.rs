//! Where nothing stands for a process: its number may be another's later, and nothing tells.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::process::{Pid, Signal};

/// There is no such thing.
#[derive(Debug)]
pub(super) enum Itself {}

#[cfg_attr(not(feature = "guardian"), allow(dead_code, reason = "opened by guardians"))]
pub(super) const fn open(_: Pid) -> Option<OwnedFd> {
    None
}

#[cfg_attr(not(feature = "guardian"), allow(dead_code, reason = "watched by guardians"))]
impl Itself {
    pub(super) fn from_opened(_: OwnedFd) -> Option<Self> {
        None
    }

    pub(super) const fn watched(&self) -> Option<BorrowedFd<'_>> {
        match *self {}
    }

    pub(super) const fn is_there(&self) -> bool {
        match *self {}
    }

    pub(super) const fn has_ended(&self, _: Duration) -> bool {
        match *self {}
    }

    pub(super) const fn signal(&self, _: Pid, _: Signal) {
        match *self {}
    }
}
