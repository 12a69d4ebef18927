//! The signals that stop a process.

use rustix::process::Signal;

/// Returns whether the terminal stops background jobs by it.
pub(crate) fn stopped_by_terminal(signal: i32) -> bool {
    [Signal::TTIN, Signal::TTOU].into_iter().any(|stop| stop.as_raw() == signal)
}

/// What it is called.
pub(crate) fn name_of_stop(signal: i32) -> Option<&'static str> {
    let names = [
        (Signal::TTIN, "SIGTTIN"),
        (Signal::TTOU, "SIGTTOU"),
        (Signal::TSTP, "SIGTSTP"),
        (Signal::STOP, "SIGSTOP"),
    ];
    names.into_iter().find_map(|(stop, name)| (stop.as_raw() == signal).then_some(name))
}
