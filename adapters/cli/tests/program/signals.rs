//! Signals that end a program: the server's group ends in order, then the program dies by that signal.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process};
use tenure_bounds::{blocking, mark};

use crate::on_both_runtimes;
use crate::servers::{DEAF, HANDSHAKE, NO_TOOLS, ORDERLY, arguments, called, raw};
use crate::support::{Folder, TENURE, is_heard};

on_both_runtimes!(
    during_the_connect_the_server_ends_in_order,
    during_a_call_the_server_ends_in_order,
    every_signal_that_ends_a_program_ends_the_server_in_order_first,
    during_the_end_the_server_still_ends_in_order,
    the_second_signal_hurries_the_server,
    a_deaf_server_is_killed_after_its_deadlines,
    a_reader_that_is_stuck_does_not_keep_the_program,
    a_reader_of_standard_error_that_is_stuck_does_not_either,
);

const BOTH: [(Signal, i32, &str); 2] = [(Signal::INT, 2, "SIGINT"), (Signal::TERM, 15, "SIGTERM")];

fn during_the_connect_the_server_ends_in_order(runtime: &str) {
    for (signal, status, name) in BOTH.into_iter().filter(|(_, number, _)| is_heard(*number)) {
        let folder = Folder::new();
        let mut running =
            raw(runtime, &folder, &["tools"], &format!("read -r line; echo 'server: asked' >&2; {ORDERLY}"));
        running.until("server: asked").signal(signal);
        assert_eq!(running.wait().died(status, name), "");
        assert_eq!(folder.text("end"), "orderly\n");
        folder.nothing_left();
    }
}

fn during_a_call_the_server_ends_in_order(runtime: &str) {
    for (signal, status, name) in BOTH.into_iter().filter(|(_, number, _)| is_heard(*number)) {
        let folder = Folder::new();
        let mut running = called(runtime, &folder, &["call", "slow", "{}"], ORDERLY);
        running.until("server: called").signal(signal);
        assert_eq!(running.wait().died(status, name), "");
        assert_eq!(folder.text("end"), "orderly\n");
        folder.nothing_left();
    }
}

/// All that can be caught, but for those of a fault (SIGSEGV and the like) and SIGPIPE.
fn ending() -> Vec<(i32, String)> {
    let mut ending: Vec<(i32, String)> = [
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::QUIT, "SIGQUIT"),
        (Signal::TERM, "SIGTERM"),
        (Signal::USR1, "SIGUSR1"),
        (Signal::USR2, "SIGUSR2"),
        (Signal::ALARM, "SIGALRM"),
        (Signal::VTALARM, "SIGVTALRM"),
        (Signal::PROF, "SIGPROF"),
        (Signal::XCPU, "SIGXCPU"),
        (Signal::XFSZ, "SIGXFSZ"),
    ]
    .map(|(signal, name)| (signal.as_raw(), name.to_owned()))
    .to_vec();
    if cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))) {
        ending
            .extend([(16, "SIGSTKFLT"), (29, "SIGIO"), (30, "SIGPWR")].map(|(n, name)| (n, name.to_owned())));
        ending.extend([35, 50, 64].map(|number| (number, format!("signal {number}"))));
    }
    ending.retain(|(number, _)| is_heard(*number));
    ending
}

fn every_signal_that_ends_a_program_ends_the_server_in_order_first(runtime: &str) {
    for (signal, name) in ending() {
        let folder = Folder::new();
        let mut running = called(runtime, &folder, &["call", "slow", "{}"], ORDERLY);
        running.until("server: called").signal_number(signal);
        assert_eq!(running.wait().died(signal, &name), "");
        assert_eq!(folder.text("end"), "orderly\n", "{name}");
        folder.nothing_left();
    }
}

fn during_the_end_the_server_still_ends_in_order(runtime: &str) {
    let folder = Folder::new();
    // It ends when the test lets it.
    let script = format!(
        "{NO_TOOLS} cat >/dev/null; mkfifo \"$DIR/go\"; echo 'server: waits' >&2; read -r line <\"$DIR/go\"; echo late >\"$DIR/end\""
    );
    let mut running = called(runtime, &folder, &["tools", "-v", "--stop-timeout", "600s"], &script);
    running.until("server: waits").signal(Signal::TERM).until("shutdown (force)");
    folder.write("go", "on\n");
    let ran = running.wait();
    // The result was there before.
    assert_eq!((ran.status, folder.text("end").as_str()), (0, "late\n"), "{ran:?}");
    folder.nothing_left();
}

fn the_second_signal_hurries_the_server(runtime: &str) {
    for (signal, status, name) in BOTH.into_iter().filter(|(_, number, _)| is_heard(*number)) {
        let folder = Folder::new();
        let script = "trap 'echo hurried >\"$DIR/end\"; exit' TERM; cat >/dev/null; echo 'server: eof' >&2; sleep 1000 & wait";
        let command = ["tools", "--stop-timeout", "600s", "--abort-timeout", "600s"];
        let mut running = called(runtime, &folder, &command, script);
        running.until("server: called").signal(signal).until("server: eof").signal(Signal::TERM);
        // The first says which it was.
        assert_eq!(running.wait().died(status, name), "");
        assert_eq!(folder.text("end"), "hurried\n");
        folder.nothing_left();
    }
}

fn a_deaf_server_is_killed_after_its_deadlines(runtime: &str) {
    let folder = Folder::new();
    let command = ["tools", "--stop-timeout", "50ms", "--abort-timeout", "50ms"];
    let mut running = called(runtime, &folder, &command, DEAF);
    running.until("server: called").signal(Signal::TERM);
    running.wait().died(15, "SIGTERM");
    folder.nothing_left();
}

fn a_reader_that_is_stuck_does_not_keep_the_program(runtime: &str) {
    let folder = Folder::new();
    let script = format!("exec {TENURE} demo-server");
    let mut running = raw(runtime, &folder, &["ping", "--count", "4294967295"], &script);
    // The pipe runs full, or is about to.
    let mut stdout = BufReader::with_capacity(16, running.stdout());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    running.signal(Signal::TERM);
    running.wait().died(15, "SIGTERM");
    folder.nothing_left();

    // A result that nobody reads, larger than a pipe, after the session.
    let folder = Folder::new();
    let script = format!(
        r#"printf '{{"jsonrpc":"2.0","id":2,"result":{{"content":[],"x":"'; head -c 300000 /dev/zero | tr '\0' x; echo '"}}}}'; {ORDERLY}"#
    );
    let mut running = called(runtime, &folder, &["call", "a", "--json", "-v"], &script);
    let stdout = running.stdout();
    running.until("shut down; finished").signal(Signal::TERM);
    let ran = running.wait();
    assert_eq!(ran.status, 143, "{ran:?}");
    drop(stdout);
    folder.nothing_left();
}

fn a_reader_of_standard_error_that_is_stuck_does_not_either(runtime: &str) {
    // In a call, with lines that nobody reads; with an error line that nobody reads; with words of the server.
    for (verbose, stderr, script) in
        [("-v", "null", ORDERLY), ("--json", "null", "kill -9 $$"), ("--json", "inherit", ORDERLY)]
    {
        let folder = Folder::new();
        let (reader, mut writer) = std::io::pipe().unwrap();
        let flags = fcntl_getfl(&writer).unwrap();
        fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
        while writer.write(&[b'x'; 4096]).is_ok() || writer.write(b"x").is_ok() {}
        fcntl_setfl(&writer, flags).unwrap();
        let mut command = Command::new(TENURE);
        let command_line = ["call", "a", verbose, "--stderr", stderr, "--stop-timeout", "600s"];
        let script = format!("{HANDSHAKE} echo >\"$DIR/called\"; {script}");
        command.args(arguments(runtime, &folder, &command_line, &script)).stderr(writer);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = mark(&mut command).spawn().unwrap();
        drop(command);
        blocking("the call", || {
            while !folder.path("called").exists() {
                std::thread::yield_now();
            }
        });
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let status = blocking("the program", || child.wait()).unwrap();
        assert_eq!(status.signal(), Some(15), "{verbose} {status}");
        drop(reader);
        folder.nothing_left();
    }
}
