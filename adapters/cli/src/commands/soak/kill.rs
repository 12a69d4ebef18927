//! Killing a server.

use tenure_mcp::{Error, Lease};

/// Kills the process of the lease's server, if there still is one: never one that has its number by now. The process is
/// held on to first, and is the right one if the session is still the one it was.
pub(super) async fn kill(lease: &Lease) -> Result<(), Error> {
    let Some(pid) = lease.server_pid().await? else { return Ok(()) };
    // One that has ended meanwhile can't be killed.
    let _ = crate::processes::kill(pid, || lease.check())?;
    Ok(())
}
