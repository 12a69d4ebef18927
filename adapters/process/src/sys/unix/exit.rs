//! Looking for a child's exit without reaping it, and for what stops it.

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

/// What becomes of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It was stopped, by that signal.
    Stopped(i32),
    /// It has exited, or was reaped.
    Exited,
}

/// Where `child` is now.
pub(super) fn look(child: &WaitId<'_>) -> rustix::io::Result<Exit> {
    wait_by(child, WaitIdOptions::NOHANG)
}

/// Blocks until the child `pid` has exited.
pub(super) fn block_until_exit(pid: Pid) -> rustix::io::Result<Exit> {
    wait_by(&WaitId::Pid(pid), WaitIdOptions::empty())
}

/// Blocks until `child` is stopped or has exited. A stop is told once: its report is taken from the system.
pub(super) fn block_until_change(child: &WaitId<'_>) -> Change {
    let either = WaitIdOptions::STOPPED.union(WaitIdOptions::EXITED).union(WaitIdOptions::NOWAIT);
    match retry_on_intr(|| waitid(child.clone(), either)) {
        Ok(Some(status)) if status.stopped() || status.trapped() => {
            // Without EXITED, so that nothing is reaped. None is left if the child was continued meanwhile.
            let _ = waitid(child.clone(), WaitIdOptions::STOPPED.union(WaitIdOptions::NOHANG));
            Change::Stopped(status.stopping_signal().or(status.trapping_signal()).unwrap_or_default())
        }
        // The one error there is says that there is no such child: that one has exited, too.
        Ok(_) | Err(_) => Change::Exited,
    }
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
