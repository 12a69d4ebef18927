//! The signals that end a program: heard while there is a session, which ends in order first.
//!
//! Heard are all that end a program by default and can be caught, but for those of a fault (SIGSEGV and the like) and
//! SIGPIPE: a reader that went away is told by the write that fails. What was inherited is not trusted: blocked signals
//! are let through, and the ends of children are not ignored. SIGHUP, SIGINT and SIGQUIT that were ignored from the
//! start stay ignored: that is how `nohup` and a shell's background jobs ask for it.
//!
//! On Windows heard is what a console tells: Ctrl-C, Ctrl-Break, that its window is closed, the end of the user's
//! session or of the system.

use smol::channel::Receiver;

use crate::exit::{Failed, LOST};

/// The signals that ask the program to end, as they come.
pub(crate) struct Signals {
    received: Receiver<i32>,
}

/// Makes what was inherited fit. To be called before there is another thread.
pub(crate) fn prepare() {
    #[cfg(unix)]
    unix::prepare();
}

impl Signals {
    /// Listens from here on. Where signals can't be heard, none ever comes.
    pub(crate) fn listen() -> Self {
        let (send, received) = smol::channel::unbounded();
        #[cfg(unix)]
        unix::listen(send);
        #[cfg(windows)]
        windows::listen(send);
        #[cfg(not(any(unix, windows)))]
        drop(send);
        Self { received }
    }

    /// The next signal's number.
    pub(crate) async fn next(&self) -> i32 {
        match self.received.recv().await {
            Ok(signal) => signal,
            Err(_) => futures_lite::future::pending().await,
        }
    }

    /// Hears no more: from here on a signal ends the program at once.
    ///
    /// # Errors
    /// A signal came that nobody has taken yet.
    pub(crate) fn close(self) -> Result<(), Failed> {
        self.received.close();
        self.received.try_recv().map_or(Ok(()), |signal| Err(Failed::by_signal(signal)))
    }
}

/// Ends the program by this signal, so that who waits for it sees that; without a core dump, as nothing is wrong with
/// the program. Returns if that can't be.
pub(crate) fn die_by(signal: i32) {
    #[cfg(unix)]
    unix::die_by(signal);
    #[cfg(windows)]
    windows::die(signal);
    #[cfg(not(any(unix, windows)))]
    let _ = signal;
}

/// Says why the program ends now: the session is over, and what is left is somebody who doesn't read.
#[cfg(any(unix, windows))]
fn end_by(signal: i32) -> ! {
    let failed = Failed::by_signal(signal);
    crate::out::last_words(&format!("tenure: {}", failed.why));
    die_by(signal);
    std::process::exit(i32::from(failed.status));
}

/// What takes our place in order to die by a signal.
pub(crate) fn raise(signal: i32) -> Result<(), Failed> {
    #[cfg(unix)]
    {
        unix::no_core_dump();
        let _ = signal_hook::low_level::raise(signal);
    }
    // It was not deadly.
    Err(Failed::new(LOST, format!("{} was not deadly", crate::signal_names::name(signal))))
}

#[cfg(unix)]
mod unix {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT};
    use smol::channel::Sender;

    use crate::signal_names::{is_everywhere, named, real_time};

    pub(super) fn prepare() {
        // Best effort: where it can't be, what is blocked stays so.
        let _ = nix::sys::signal::SigSet::all().thread_unblock();
        // Heard, the ends of children are not ignored, and children of ours start with the default.
        let _ = signal_hook::flag::register(SIGCHLD, Arc::new(AtomicBool::new(false)));
    }

    pub(super) fn listen(send: Sender<i32>) {
        let ignored = Ignored::inherited();
        let Ok(mut signals) = signal_hook::iterator::Signals::new::<_, i32>([]) else { return };
        for signal in named().map(|(signal, _)| signal).chain(real_time()) {
            if ![SIGHUP, SIGINT, SIGQUIT].contains(&signal) || !ignored.has(signal) {
                // One that can't be heard here doesn't keep the others from it.
                let _ = signals.add_signal(signal);
            }
        }
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if send.try_send(signal).is_err() {
                    super::end_by(signal);
                }
            }
        });
    }

    /// The signals that were ignored when the program was started. Only Linux says.
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

    pub(super) fn die_by(signal: i32) {
        no_core_dump();
        if is_everywhere(signal) {
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
        // Of the others, signal-hook doesn't know the default. What takes our place has the default for all that we
        // heard; it sends itself the signal.
        // On Linux that works also if the file is gone.
        let programs = [Some("/proc/self/exe".into()), std::env::current_exe().ok()];
        for program in programs.into_iter().flatten() {
            let _: std::io::Error = Command::new(program).arg("die-by").arg(signal.to_string()).exec();
        }
    }

    /// By default SIGQUIT and some others leave a core dump.
    pub(super) fn no_core_dump() {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        // Where core dumps are piped to a program, the limit is not asked.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_ignored_signal_is_a_bit_of_the_mask() {
            let ignored = Ignored(0b101);
            assert!(ignored.has(1) && !ignored.has(2) && ignored.has(3));
            assert!(!ignored.has(0) && !ignored.has(-1) && !ignored.has(65) && !ignored.has(i32::MAX));
        }

        #[test]
        fn no_signal_of_a_fault_is_heard() {
            use signal_hook::consts::{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGPIPE, SIGSEGV, SIGSYS, SIGTRAP};
            let heard: Vec<i32> = named().map(|(signal, _)| signal).chain(real_time()).collect();
            for fault in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGPIPE, SIGSEGV, SIGSYS, SIGTRAP] {
                assert!(!heard.contains(&fault), "{fault}");
            }
        }
    }
}

#[cfg(windows)]
mod windows {
    use futures_lite::future::{block_on, or};
    use smol::channel::Sender;
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};

    use crate::signal_names::events::{CTRL_BREAK, CTRL_C, CTRL_CLOSE, CTRL_LOGOFF, CTRL_SHUTDOWN};

    /// What a program has for its status that Ctrl-C has ended: consoles and their shells know it.
    const STATUS_CONTROL_C_EXIT: u32 = 0xC000_013A;

    /// From here on none of them ends the program at once. The last three give it a few seconds.
    pub(super) fn listen(send: Sender<i32>) {
        // None of this needs a runtime. Without a console there is nothing to hear.
        let (Ok(mut c), Ok(mut r#break)) = (ctrl_c(), ctrl_break()) else { return };
        let (Ok(mut close), Ok(mut logoff), Ok(mut shutdown)) =
            (ctrl_close(), ctrl_logoff(), ctrl_shutdown())
        else {
            return;
        };
        std::thread::spawn(move || {
            loop {
                let asked = or(async { c.recv().await.map(|()| CTRL_C) }, async {
                    r#break.recv().await.map(|()| CTRL_BREAK)
                });
                let over = or(async { logoff.recv().await.map(|()| CTRL_LOGOFF) }, async {
                    shutdown.recv().await.map(|()| CTRL_SHUTDOWN)
                });
                let closed = async { close.recv().await.map(|()| CTRL_CLOSE) };
                let Some(signal) = block_on(or(asked, or(closed, over))) else { return };
                if send.try_send(signal).is_err() {
                    super::end_by(signal);
                }
            }
        });
    }

    /// Windows has one status for all of them.
    pub(super) fn die(_: i32) -> ! {
        std::process::exit(STATUS_CONTROL_C_EXIT.cast_signed())
    }
}
