//! What the program inherits, and what it shares with others: dispositions of signals, blocked signals, a terminal.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::on_both_runtimes;
use crate::servers::{DEAF, HANDSHAKE, NO_TOOLS, ORDERLY, arguments};
use crate::support::{Folder, Running, TENURE, is_heard, start_as};

on_both_runtimes!(
    ignored_ends_of_children_leave_nothing_behind,
    an_ignored_hangup_stays_ignored,
    an_ignored_sigterm_is_heard,
    blocked_signals_are_heard,
    a_broken_pipe_kills_nobody_however_it_is_inherited,
    a_server_is_ended_by_a_broken_pipe_as_programs_are,
    a_terminal_that_is_closed_ends_the_server,
);

/// The program, started by one that ignores this signal. Only the newer `env` of GNU can do that for every signal.
fn ignoring(signal: &str, arguments: Vec<OsString>) -> Option<Running> {
    env(&format!("--ignore-signal={signal}"), arguments)
}

/// The program, started by `env` with this option, if it is known there.
fn env(option: &str, arguments: Vec<OsString>) -> Option<Running> {
    let known = Command::new("env").args([option, "true"]).stderr(Stdio::null()).status();
    if !known.is_ok_and(|status| status.success()) {
        skipped(&format!("env has no {option}, as that of GNU from 8.31 on has"));
        return None;
    }
    let mut command = Command::new("env");
    command.args([option, TENURE]).args(arguments).stdin(Stdio::null());
    Some(start_as(command))
}

/// Says that a test is not played here, to people too: the test harness keeps what is printed by its macros.
fn skipped(why: &str) {
    let thread = std::thread::current();
    let _ = writeln!(std::io::stderr(), "SKIPPED: {}: {why}", thread.name().unwrap_or_default());
}

fn call(runtime: &str, folder: &Folder, script: &str) -> Vec<OsString> {
    let command = ["tools", "--stop-timeout", "50ms", "--abort-timeout", "50ms"];
    arguments(runtime, folder, &command, &format!("{HANDSHAKE}{script}"))
}

fn ignored_ends_of_children_leave_nothing_behind(runtime: &str) {
    let folder = Folder::new();
    let Some(running) = ignoring("CHLD", call(runtime, &folder, &format!("{NO_TOOLS} {DEAF}"))) else {
        return;
    };
    assert_eq!(running.wait().held(), "");
    folder.nothing_left();
    // It is told how the server ended.
    let folder = Folder::new();
    let Some(running) = ignoring("CHLD", call(runtime, &folder, "exit 9")) else { return };
    running.wait().failed(3, "exit status: 9");
}

fn an_ignored_hangup_stays_ignored(runtime: &str) {
    let folder = Folder::new();
    let script = format!(
        "mkfifo \"$DIR/go\"; echo 'server: waits' >&2; read -r line <\"$DIR/go\"; {NO_TOOLS} {ORDERLY}"
    );
    let Some(mut running) = ignoring("HUP", call(runtime, &folder, &script)) else { return };
    running.until("server: waits").signal(Signal::HUP);
    folder.write("go", "on\n");
    assert_eq!(running.wait().held(), "");
    folder.nothing_left();
}

fn an_ignored_sigterm_is_heard(runtime: &str) {
    let folder = Folder::new();
    let Some(mut running) = ignoring("TERM", call(runtime, &folder, ORDERLY)) else { return };
    running.until("server: called").signal(Signal::TERM);
    running.wait().died(15, "SIGTERM");
    folder.nothing_left();
}

fn blocked_signals_are_heard(runtime: &str) {
    for (signal, name) in [
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::TERM, "SIGTERM"),
        (Signal::USR1, "SIGUSR1"),
    ] {
        // What is ignored here stays so.
        if !is_heard(signal.as_raw()) {
            skipped(&format!("{name} is ignored"));
            continue;
        }
        let folder = Folder::new();
        let blocked = "--block-signal=HUP,INT,TERM,USR1,CHLD";
        let Some(mut running) = env(blocked, call(runtime, &folder, ORDERLY)) else { return };
        running.until("server: called").signal(signal);
        running.wait().died(signal.as_raw(), name);
        folder.nothing_left();
    }
}

/// Whoever started the program may have left it either way.
const INHERITED: [&str; 2] = ["--ignore-signal=PIPE", "--default-signal=PIPE"];

fn a_broken_pipe_kills_nobody_however_it_is_inherited(runtime: &str) {
    for option in INHERITED {
        // Nobody reads the result.
        let folder = Folder::new();
        let script = format!("{} {ORDERLY}", NO_TOOLS.replace("[]", r#"[{"name":"a","inputSchema":{}}]"#));
        let Some(mut running) = env(option, call(runtime, &folder, &script)) else { return };
        drop(running.stdout());
        assert_eq!(running.wait().held(), "");
        folder.nothing_left();
        // Its server reads nothing of what it is sent, and is there.
        let folder = Folder::new();
        let (ready, _) = HANDSHAKE.rsplit_once("read -r line\nread -r line").unwrap();
        let deaf = format!("{}\nsleep 1000", ready.replacen("echo", "exec 0<&-\necho", 1));
        let command = ["tools", "--stop-timeout", "50ms", "--abort-timeout", "50ms"];
        let Some(running) = env(option, arguments(runtime, &folder, &command, &deaf)) else { return };
        running.wait().failed(3, "the server takes no calls any more");
        folder.nothing_left();
    }
}

fn a_server_is_ended_by_a_broken_pipe_as_programs_are(runtime: &str) {
    if !Path::new("/proc/self/status").exists() {
        return skipped("there is no /proc");
    }
    for option in INHERITED {
        let folder = Folder::new();
        let script = format!("cat /proc/self/status >\"$DIR/status\"; {NO_TOOLS} {ORDERLY}");
        let Some(running) = env(option, call(runtime, &folder, &script)) else { return };
        assert_eq!(running.wait().held(), "");
        let status = folder.text("status");
        let mask = |name: &str| {
            let mask = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            u64::from_str_radix(mask.trim(), 16).unwrap() & 1 << (Signal::PIPE.as_raw() - 1)
        };
        assert_eq!((mask("SigIgn:"), mask("SigBlk:")), (0, 0), "{option}: {status}");
    }
}

fn a_terminal_that_is_closed_ends_the_server(runtime: &str) {
    if !Path::new("/usr/bin/setsid").exists() {
        return skipped("there is no /usr/bin/setsid");
    }
    if !is_heard(1) {
        return skipped("SIGHUP is ignored");
    }
    let folder = Folder::new();
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    // Nobody else is to hold the window.
    fcntl_setfd(&terminal, FdFlags::CLOEXEC).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let line = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    // The leader of a session with this terminal, as a shell's window is.
    let mut command = Command::new("/usr/bin/setsid");
    command.args(["--ctty", TENURE]).args(call(runtime, &folder, ORDERLY)).stdin(line);
    let mut running = start_as(command);
    running.until("server: called");
    drop(terminal);
    assert_eq!(running.wait().died(1, "SIGHUP"), "");
    folder.nothing_left();
}
