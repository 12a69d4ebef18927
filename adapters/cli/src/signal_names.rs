//! The signals that end a program by default and can be caught, but for those of a fault and SIGPIPE; and their names.

#[cfg(unix)]
use signal_hook::consts::{
    SIGALRM, SIGHUP, SIGINT, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ,
};

#[cfg(unix)]
const NAMED: &[(i32, &str)] = &[
    (SIGHUP, "SIGHUP"),
    (SIGINT, "SIGINT"),
    (SIGQUIT, "SIGQUIT"),
    (SIGALRM, "SIGALRM"),
    (SIGTERM, "SIGTERM"),
    (SIGUSR1, "SIGUSR1"),
    (SIGUSR2, "SIGUSR2"),
    (SIGVTALRM, "SIGVTALRM"),
    (SIGPROF, "SIGPROF"),
    (SIGXCPU, "SIGXCPU"),
    (SIGXFSZ, "SIGXFSZ"),
];

/// Elsewhere SIGIO is ignored by default, and the others don't exist.
#[cfg(any(target_os = "linux", target_os = "android"))]
const OTHERS: &[(i32, &str)] = &[
    (libc::SIGIO, "SIGIO"),
    (libc::SIGPWR, "SIGPWR"),
    #[cfg(not(any(target_arch = "mips", target_arch = "mips64", target_arch = "sparc64")))]
    (libc::SIGSTKFLT, "SIGSTKFLT"),
];
/// What a console tells its programs. The numbers are those that the C runtime has for the first two, and those of the
/// signals that mean the same for the others.
#[cfg(not(unix))]
pub(crate) mod events {
    pub(crate) const CTRL_C: i32 = 2;
    pub(crate) const CTRL_BREAK: i32 = 21;
    pub(crate) const CTRL_CLOSE: i32 = 1;
    pub(crate) const CTRL_LOGOFF: i32 = 14;
    pub(crate) const CTRL_SHUTDOWN: i32 = 15;
}
#[cfg(not(unix))]
const NAMED: &[(i32, &str)] = &[
    (events::CTRL_C, "CTRL_C_EVENT"),
    (events::CTRL_BREAK, "CTRL_BREAK_EVENT"),
    (events::CTRL_CLOSE, "CTRL_CLOSE_EVENT"),
    (events::CTRL_LOGOFF, "CTRL_LOGOFF_EVENT"),
    (events::CTRL_SHUTDOWN, "CTRL_SHUTDOWN_EVENT"),
];
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const OTHERS: &[(i32, &str)] = &[];

pub(crate) fn named() -> impl Iterator<Item = (i32, &'static str)> {
    NAMED.iter().chain(OTHERS).copied()
}

/// Returns whether it ends programs by default on every unix.
#[cfg(unix)]
pub(crate) fn is_everywhere(signal: i32) -> bool {
    NAMED.iter().any(|(number, _)| *number == signal)
}

/// What people call it.
pub(crate) fn name(signal: i32) -> String {
    let known = named().find(|(number, _)| *number == signal);
    known.map_or_else(|| format!("signal {signal}"), |(_, name)| name.to_owned())
}

/// Those that have only numbers.
#[cfg(target_os = "linux")]
pub(crate) fn real_time() -> std::ops::RangeInclusive<i32> {
    libc::SIGRTMIN()..=libc::SIGRTMAX()
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn real_time() -> std::ops::Range<i32> {
    0..0
}
