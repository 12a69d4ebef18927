//! The host's end of the socket: what is asked of a guardian, and what is left to do without one.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
#[cfg(target_os = "linux")]
use std::time::Duration;

use rustix::io::retry_on_intr;
use rustix::net::{SendFlags, send};
use rustix::process::{Pid, Signal, kill_process};

use super::frames::Order;

/// How long a server that was killed may take to be gone.
#[cfg(target_os = "linux")]
const GRACE: Duration = Duration::from_secs(1);

/// What only this program holds of a guarded server: once it is closed, the guardian takes this program for gone.
#[derive(Debug)]
pub(crate) struct Lifeline {
    socket: UnixStream,
    /// A child of this program that is not reaped while there is this.
    guardian: Pid,
    server: Pid,
    /// The server, whatever its number means later.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there is no such thing"))]
    pidfd: Option<OwnedFd>,
}

impl Lifeline {
    pub(super) const fn new(socket: UnixStream, guardian: Pid, server: Pid, pidfd: Option<OwnedFd>) -> Self {
        Self { socket, guardian, server, pidfd }
    }

    pub(crate) const fn server(&self) -> Pid {
        self.server
    }

    /// Another descriptor of the same socket, to read reports from.
    pub(crate) fn reports(&self) -> io::Result<OwnedFd> {
        Ok(self.socket.try_clone()?.into())
    }

    /// Has the guardian do what the signal is for: to the server's group, or, for SIGKILL, to all that came of the
    /// server. A guardian that has ended has left nothing, unless somebody killed it.
    pub(crate) fn signal(&self, signal: Signal, guardian_is_there: bool) {
        if !guardian_is_there {
            self.signal_abandoned(signal);
            return;
        }
        let order = match signal {
            Signal::KILL => Order::Kill,
            Signal::TERM => Order::Terminate,
            // The guardian continues what it terminates.
            _ => return,
        };
        // One that doesn't hear any more is at its end.
        self::order(&self.socket, order);
        // One that somebody has stopped hears again. Its number is its own.
        let _ = kill_process(self.guardian, Signal::CONT);
    }

    /// Signals the server's group without the guardian, if the server is there. Returns whether it is.
    #[cfg(target_os = "linux")]
    fn signal_abandoned(&self, signal: Signal) -> bool {
        use rustix::process::{getpgid, kill_process_group, pidfd_send_signal};

        let Some(pidfd) = &self.pidfd else { return false };
        // While the server is there its number is its own, and so is that of its group.
        let group = getpgid(Some(self.server));
        if pidfd_is_dead(pidfd, Duration::ZERO) {
            return false;
        }
        if group == Ok(self.server) {
            let _ = kill_process_group(self.server, signal);
        }
        pidfd_send_signal(pidfd, signal).is_ok()
    }

    /// Its number may be another's, and nothing tells.
    #[cfg(not(target_os = "linux"))]
    fn signal_abandoned(&self, _: Signal) -> bool {
        false
    }

    /// Waits a while for a server to be dead that was killed without its guardian.
    pub(crate) fn wait_for_abandoned(&self) {
        #[cfg(target_os = "linux")]
        if let Some(pidfd) = &self.pidfd {
            pidfd_is_dead(pidfd, GRACE);
        }
    }
}

/// Whether it is, or becomes so in this time. One that is dead isn't anybody's to reap but its parent's.
#[cfg(target_os = "linux")]
fn pidfd_is_dead(pidfd: &OwnedFd, within: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let within = Timespec::try_from(within).ok();
    matches!(retry_on_intr(|| poll(&mut [PollFd::new(pidfd, PollFlags::IN)], within.as_ref())), Ok(1..))
}

pub(super) fn order(socket: &UnixStream, order: Order) {
    #[cfg(not(target_vendor = "apple"))]
    let how = SendFlags::NOSIGNAL;
    // std has said so of the socket itself.
    #[cfg(target_vendor = "apple")]
    let how = SendFlags::empty();
    let _ = retry_on_intr(|| send(socket, &[order.to_byte()], how));
}
