//! Looking for a child's exit without reaping it.

use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// Where a child is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    NotYet,
    /// Dead and not reaped: its number, and its group's, can't be anybody else's.
    Zombie,
    /// Reaped already.
    Gone,
}

/// Where `child` is now.
pub(super) fn look(child: &WaitId<'_>) -> rustix::io::Result<Exit> {
    wait_by(child, WaitIdOptions::NOHANG)
}

/// Blocks until the child `pid` has exited.
pub(super) fn block_until_exit(pid: Pid) -> rustix::io::Result<Exit> {
    wait_by(&WaitId::Pid(pid), WaitIdOptions::empty())
}

fn wait_by(child: &WaitId<'_>, how: WaitIdOptions) -> rustix::io::Result<Exit> {
    let options = how.union(WaitIdOptions::EXITED).union(WaitIdOptions::NOWAIT);
    match retry_on_intr(|| waitid(child.clone(), options)) {
        Ok(Some(_)) => Ok(Exit::Zombie),
        Ok(None) => Ok(Exit::NotYet),
        Err(Errno::CHILD) => Ok(Exit::Gone),
        Err(errno) => Err(errno),
    }
}
