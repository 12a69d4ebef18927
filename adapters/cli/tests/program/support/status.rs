//! How a program ends by a signal, and by which.

use std::process::ExitStatus;

/// The status as a shell tells it, and the signal.
#[cfg(unix)]
pub(super) fn told(status: ExitStatus) -> (i32, Option<i32>) {
    use std::os::unix::process::ExitStatusExt as _;
    assert!(!status.core_dumped(), "{status}");
    let signal = status.signal();
    (status.code().unwrap_or_else(|| 128 + signal.unwrap_or_default()), signal)
}

/// The status. Nobody dies by a signal here.
#[cfg(windows)]
pub(super) fn told(status: ExitStatus) -> (i32, Option<i32>) {
    (status.code().unwrap(), None)
}

/// How the system calls the end with this status.
pub(crate) fn exit(status: i32) -> String {
    format!("exit {}: {status}", if cfg!(windows) { "code" } else { "status" })
}

/// Returns whether the program hears this signal: SIGHUP, SIGINT and SIGQUIT that are ignored here (by `nohup`, say)
/// are ignored there too.
#[cfg(unix)]
pub(crate) fn is_heard(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    ![1, 2, 3].contains(&signal) || ignored & (1 << (signal - 1)) == 0
}
