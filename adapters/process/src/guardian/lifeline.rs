//! The host's end of the socket: what is asked of a guardian, and what is left to do without one.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::io::retry_on_intr;
use rustix::net::{SendFlags, send};
use rustix::process::{Pid, Signal, getpgid, kill_process, kill_process_group};

use super::frames::Order;
use super::itself::Itself;

/// How long a server that was killed may take to be gone.
const GRACE: Duration = Duration::from_secs(1);

/// What only this program holds of a guarded server: once it is closed, the guardian takes this program for gone.
#[derive(Debug)]
pub(crate) struct Lifeline {
    socket: UnixStream,
    /// A child of this program that is not reaped while there is this.
    guardian: Pid,
    server: Pid,
    itself: Option<Itself>,
}

impl Lifeline {
    /// `itself` stands for the server, where there is such a thing.
    pub(super) fn new(socket: UnixStream, guardian: Pid, server: Pid, itself: Option<OwnedFd>) -> Self {
        Self { socket, guardian, server, itself: itself.and_then(Itself::from_opened) }
    }

    pub(crate) const fn server(&self) -> Pid {
        self.server
    }

    /// Returns whether the server can be signalled without its guardian.
    pub(crate) const fn reaches_server(&self) -> bool {
        self.itself.is_some()
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

    /// Signals the server's group without the guardian, if the server is there.
    fn signal_abandoned(&self, signal: Signal) {
        let Some(itself) = &self.itself else { return };
        // While the server is there its number is its own, and so is that of its group.
        let group = getpgid(Some(self.server));
        if !itself.is_there() {
            return;
        }
        if group == Ok(self.server) {
            let _ = kill_process_group(self.server, signal);
        }
        itself.signal(self.server, signal);
    }

    /// Waits a while for a server to be dead that was killed without its guardian.
    pub(crate) fn wait_for_abandoned(&self) {
        if let Some(itself) = &self.itself {
            itself.has_ended(GRACE);
        }
    }
}

pub(super) fn order(socket: &UnixStream, order: Order) {
    #[cfg(not(target_vendor = "apple"))]
    let how = SendFlags::NOSIGNAL;
    // std has said so of the socket itself.
    #[cfg(target_vendor = "apple")]
    let how = SendFlags::empty();
    let _ = retry_on_intr(|| send(socket, &[order.to_byte()], how));
}
