//! The jobs around a child and all that it starts.
//!
//! There are two, one in the other, since a job that is ended by its last handle can't be asked anything afterwards:
//! the outer one ends the tree, the inner one tells who is left of it. Neither allows anybody to break away, so that
//! whatever a member starts is a member. No handle is inherited; this program's are closed by the kernel when it ends,
//! however that comes about.

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};

use win32job::{ExtendedLimitInfo, Job};

/// The handle by which a tree lives: dropped, the kernel ends each process of it.
#[derive(Debug)]
pub(super) struct KillOnClose(Job);

/// Who is left of a tree.
#[derive(Debug)]
pub(super) struct Members(Job);

/// An empty tree.
pub(super) fn new() -> io::Result<(KillOnClose, Members)> {
    let job = Job::create_with_limit_info(&limits())?;
    Ok((KillOnClose(job), Members(Job::create()?)))
}

/// Of the outer one: nobody outlives its last handle.
fn limits() -> ExtendedLimitInfo {
    let mut limits = ExtendedLimitInfo::new();
    limits.limit_kill_on_job_close();
    limits
}

/// Puts a process into it, and all that the process will start.
pub(super) fn assign(job: &KillOnClose, members: &Members, process: BorrowedHandle<'_>) -> io::Result<()> {
    // The library takes handles by their number.
    let number = process.as_raw_handle().addr().cast_signed();
    job.0.assign_process(number)?;
    members.0.assign_process(number)?;
    Ok(())
}

impl Members {
    /// Returns whether nobody is. An answer that can't be had says that somebody is: there are more than the library
    /// lists.
    pub(super) fn are_gone(&self) -> bool {
        self.0.query_process_id_list().is_ok_and(|members| members.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The library tells them to nobody but who debugs.
    fn flags(limits: &ExtendedLimitInfo) -> String {
        let told = format!("{limits:?}");
        let (_, flags) = told.split_once("LimitFlags: ").unwrap();
        flags.split_once(',').unwrap().0.to_owned()
    }

    #[test]
    fn a_tree_ends_with_its_rope_and_nobody_may_break_away() {
        // KILL_ON_JOB_CLOSE, and neither BREAKAWAY_OK nor SILENT_BREAKAWAY_OK.
        let expected = format!("JOB_OBJECT_LIMIT({})", 0x2000);
        assert_eq!(flags(&limits()), expected);
        // Wine 8 keeps to a job's limits, and tells nobody which they are.
        if std::env::var_os("WINEHOMEDIR").is_some() {
            return;
        }
        let (job, members) = new().unwrap();
        let told = |job: &Job| flags(&job.query_extended_limit_info().unwrap());
        assert_eq!((told(&job.0), told(&members.0)), (expected, "JOB_OBJECT_LIMIT(0)".to_owned()));
    }
}
