//! What this process has: descriptors (handles, on Windows), memory, threads, and processes that it has started. Only
//! Linux and Windows say.

use std::ffi::OsStr;

mod count;
#[cfg(not(windows))]
mod proc;
#[cfg(windows)]
mod windows;
#[cfg(not(windows))]
use proc as sys;
#[cfg(windows)]
use windows as sys;

pub(super) use count::Census;
use count::MARK;

impl Census {
    /// Counts now; `None` where it can't be known. `mark` is the value of the servers' variable.
    pub(super) fn take(mark: &str) -> Option<Self> {
        sys::take(mark)
    }
}

/// A value for the mark that no other soak has.
pub(super) fn mark() -> String {
    let time = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("{}-{}", std::process::id(), time.as_micros())
}

/// Where servers are marked.
pub(super) fn variable() -> &'static OsStr {
    OsStr::new(MARK)
}
