//! A result that has come is printed at once, and nothing that happens later takes it back.

#[cfg(unix)]
use std::io::Read as _;
use std::io::{BufRead as _, BufReader};
#[cfg(unix)]
use std::{path::Path, process::Command};

#[cfg(unix)]
use rustix::process::Signal;
use tenure_bounds::blocking;
#[cfg(unix)]
use tenure_bounds::mark;

use crate::on_both_runtimes;
#[cfg(unix)]
use crate::servers::{DEAF, HANDSHAKE, ORDERLY, arguments};
use crate::servers::{NO_TOOLS, called};
use crate::support::Folder;
#[cfg(unix)]
use crate::support::{TENURE, is_heard};

on_both_runtimes!(
    it_is_printed_before_the_server_has_ended,
    an_error_is_told_before_the_server_has_ended,
    #[cfg(unix)]
    ctrl_c_meanwhile_does_not_take_it_back,
    #[cfg(unix)]
    a_trace_that_cannot_be_written_does_not_take_it_back,
    #[cfg(unix)]
    a_full_disk_ends_the_server_in_order_and_is_a_failure,
);

const ANSWER: &str =
    r#"echo '{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"done"}]}}';"#;
/// Ends when the test lets it, whatever happens to its input.
const WAITS: &str = "cat >/dev/null; mkfifo \"$DIR/go\"; echo 'server: waits' >&2; read -r line <\"$DIR/go\"";

fn it_is_printed_before_the_server_has_ended(runtime: &str) {
    for (command, answer, expected) in
        [(&["call", "a"][..], ANSWER, "done\n"), (&["tools", "--json"], NO_TOOLS, "{\"tools\":[]}\n")]
    {
        let folder = Folder::new();
        let command: Vec<&str> = command.iter().copied().chain(["--stop-timeout", "600s"]).collect();
        let mut running = called(runtime, &folder, &command, &format!("{answer} {WAITS}"));
        running.until("server: waits");
        let mut stdout = BufReader::new(running.stdout());
        let mut line = String::new();
        blocking("the result", || stdout.read_line(&mut line)).unwrap();
        folder.write("go", "on\n");
        assert_eq!((line.as_str(), running.wait().status), (expected, 0));
        folder.nothing_left();
    }
}

fn an_error_is_told_before_the_server_has_ended(runtime: &str) {
    let folder = Folder::new();
    let error = r#"echo '{"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"no such thing"}}';"#;
    // Force: its leases are revoked, and its input is closed.
    let command = ["call", "a", "--stop-timeout", "600s"];
    let mut running = called(runtime, &folder, &command, &format!("{error} {WAITS}"));
    running.until("no such thing");
    // Until this is read the server goes on.
    folder.write_pipe("go", "on\n");
    running.wait().failed(1, "no such thing");
    folder.nothing_left();
}

#[cfg(unix)]
fn ctrl_c_meanwhile_does_not_take_it_back(runtime: &str) {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        if !is_heard(signal.as_raw()) {
            continue;
        }
        let folder = Folder::new();
        let command = ["call", "a", "--stop-timeout", "600s", "--abort-timeout", "50ms"];
        let mut running = called(runtime, &folder, &command, &format!("{ANSWER} {DEAF}"));
        running.until("server: eof");
        let mut stdout = BufReader::new(running.stdout());
        let mut text = String::new();
        blocking("the result", || stdout.read_line(&mut text)).unwrap();
        // The first forces the end, which is under way; the second hurries it.
        running.signal(signal).until("hurries").signal(signal);
        blocking("the rest", || stdout.read_to_string(&mut text)).unwrap();
        let ran = running.wait();
        assert_eq!((text.as_str(), ran.status, ran.signal), ("done\n", 0, None), "{ran:?}");
        folder.nothing_left();
    }
}

// By the device that is always full.
#[cfg(unix)]
fn a_trace_that_cannot_be_written_does_not_take_it_back(runtime: &str) {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let folder = Folder::new();
    let command = ["call", "a", "--trace", "/dev/full"];
    let ran = called(runtime, &folder, &command, &format!("{ANSWER} cat >/dev/null")).wait();
    assert_eq!(ran.held_with("the trace /dev/full is incomplete"), "done\n");
    // A failure keeps its own status.
    let ran = called(runtime, &folder, &["call", "a", "--trace", "/dev/full"], "exit 9").wait();
    assert_eq!((ran.status, ran.stderr.len()), (3, 2), "{ran:?}");
    assert!(ran.stderr[1].contains("incomplete"));
    folder.nothing_left();
}

// By the device that is always full.
#[cfg(unix)]
fn a_full_disk_ends_the_server_in_order_and_is_a_failure(runtime: &str) {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else { return };
    let folder = Folder::new();
    let script = format!("{HANDSHAKE}{ANSWER} {ORDERLY}");
    let mut command = Command::new(TENURE);
    command.args(arguments(runtime, &folder, &["call", "a", "--json"], &script)).stdout(full);
    let output = blocking("the program", || mark(&mut command).output()).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), folder.text("end").as_str()), (Some(2), "orderly\n"), "{said}");
    assert!(said.contains("can't write the result"), "{said}");
    folder.nothing_left();
}
