//! What it does about terminals, signals and readers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process};
use tenure_bounds::{blocking, mark};

use crate::support::{Folder, TENURE, is_heard, start};

pub(super) fn a_terminal_gets_colours_unless_they_are_forbidden(runtime: &str) {
    // `script` has a terminal for it.
    for (variable, coloured) in [("TERM=xterm", true), ("NO_COLOR=1", false), ("TERM=dumb", false)] {
        let mut command = Command::new("script");
        command.args(["-qec", &format!("{TENURE} demo --runtime {runtime}"), "/dev/null"]);
        command.env_remove("NO_COLOR").env("TERM", "xterm").env_remove("CLICOLOR_FORCE").env_remove("CI");
        let (name, value) = variable.split_once('=').unwrap();
        let Ok(output) = command.env(name, value).stdin(Stdio::null()).output() else { return };
        let text = String::from_utf8_lossy(&output.stdout);
        if !text.contains("11 of 11") {
            return; // Another `script` than the one of Linux.
        }
        assert_eq!(text.contains("\u{1b}[32m"), coloured, "{variable}: {text}");
    }
}

pub(super) fn a_signal_ends_it(runtime: &str) {
    for (signal, number) in [(Signal::INT, 2), (Signal::TERM, 15), (Signal::HUP, 1)] {
        if !is_heard(number) {
            continue;
        }
        let mut running = start(["demo", "--runtime", runtime]);
        // In the slow teardown of the first server.
        let mut stdout = BufReader::new(running.stdout()).lines();
        assert!(stdout.by_ref().map_while(Result::ok).any(|line| line.contains("close (force)")));
        running.signal(signal);
        // The pipe of standard error closes when the last server is gone.
        running.wait().died(number, "ended by");
    }
}

pub(super) fn a_reader_that_is_stuck_does_not_keep_it(runtime: &str) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    while writer.write(&[b'x'; 4096]).is_ok() || writer.write(b"x").is_ok() {}
    fcntl_setfl(&writer, flags).unwrap();
    let folder = Folder::new();
    let trace = folder.path("trace");
    let mut command = Command::new(TENURE);
    command.args(["demo", "--runtime", runtime, "--trace", trace.to_str().unwrap()]);
    command.stdin(Stdio::null()).stdout(writer);
    let mut child = mark(&mut command).spawn().unwrap();
    drop(command);
    // It has begun, and hears signals.
    blocking("the last line of the trace", || {
        while !std::fs::read_to_string(&trace).is_ok_and(|text| text.contains("checksum")) {
            std::thread::yield_now();
        }
    });
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let status = blocking("the program", || child.wait()).unwrap();
    // What there is to say was not read.
    assert_eq!(status.signal(), Some(15), "{status}");
    drop(reader);
}
