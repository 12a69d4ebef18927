//! Whether this program has a controlling terminal, which may stop its children.

use rustix::fs::{Mode, OFlags, open};

/// Its children inherit it; without one none of them is stopped for reading from it.
pub(super) fn is_there_a_terminal() -> bool {
    let how = OFlags::RDONLY.union(OFlags::NOCTTY).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
    open("/dev/tty", how, Mode::empty()).is_ok()
}
