//! The signals that a guardian hears: the ends of children, and what it passes on to the server.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;

use nix::sys::signal::SigSet;
use signal_hook::consts::{
    SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU,
    SIGUSR1, SIGUSR2, SIGVTALRM, SIGWINCH, SIGXCPU, SIGXFSZ,
};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;

/// What is passed on.
const PASSED_ON: [i32; 17] = [
    SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1,
    SIGUSR2, SIGVTALRM, SIGWINCH, SIGXCPU, SIGXFSZ,
];

/// What else would end this process: signals of this system's own, which are passed on as well, and real-time signals,
/// which are not.
fn of_this_system() -> Vec<i32> {
    #[allow(unused_mut, reason = "where there is no Linux there are none")]
    let mut signals = Vec::new();
    #[cfg(target_os = "linux")]
    {
        use nix::libc;
        signals.push(libc::SIGPWR);
        // These processors have none.
        #[cfg(not(any(
            target_arch = "mips",
            target_arch = "mips32r6",
            target_arch = "mips64",
            target_arch = "mips64r6",
            target_arch = "sparc",
            target_arch = "sparc64"
        )))]
        signals.push(libc::SIGSTKFLT);
        signals.extend(libc::SIGRTMIN()..=libc::SIGRTMAX());
    }
    signals
}

/// Heard by handlers: what the server gets by `exec` is the default, as it would without a guardian. What was ignored
/// from the start stays so, here and there.
pub(super) struct Signals {
    delivery: SignalDelivery<UnixStream, SignalOnly>,
    /// What was blocked from the start, and is for the server again.
    blocked: SigSet,
}

impl Signals {
    pub(super) fn hear() -> io::Result<Self> {
        let blocked = SigSet::thread_get_mask()?;
        let ignored = Ignored::inherited();
        let heard = PASSED_ON.into_iter().chain(of_this_system());
        let heard = heard.filter(|signal| !ignored.has(*signal)).chain([SIGCHLD]);
        let (read, write) = UnixStream::pair()?;
        let delivery = SignalDelivery::with_pipe(read, write, SignalOnly, heard)?;
        SigSet::all().thread_unblock()?;
        Ok(Self { delivery, blocked })
    }

    /// Does this with the signals blocked that were so from the start.
    pub(super) fn as_inherited<T>(&mut self, start: impl FnOnce() -> T) -> T {
        // Where it can't be set it hasn't been changed either.
        let _ = self.blocked.thread_set_mask();
        let started = start();
        let _ = SigSet::all().thread_unblock();
        started
    }

    /// What is readable once one has come.
    pub(super) fn watched(&self) -> BorrowedFd<'_> {
        self.delivery.get_read().as_fd()
    }

    /// Those to be passed on that have come since; never blocks.
    pub(super) fn pending(&mut self) -> impl Iterator<Item = i32> {
        self.delivery.pending().filter(|signal| *signal != SIGCHLD)
    }
}

/// The signals that were ignored when this process was started. Only Linux says.
struct Ignored(u64);

impl Ignored {
    fn inherited() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        Self(mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0))
    }

    fn has(&self, signal: i32) -> bool {
        let bit = u32::try_from(signal.saturating_sub(1)).ok().and_then(|shift| 1_u64.checked_shl(shift));
        bit.is_some_and(|bit| self.0 & bit != 0)
    }
}
