//! Ctrl-C and SIGTERM: the server's group ends in order, and the status says which it was.

use std::io::{BufRead as _, BufReader};

use rustix::process::Signal;

use crate::on_both_runtimes;
use crate::servers::{DEAF, NO_TOOLS, ORDERLY, called, raw};
use crate::support::{Folder, TENURE};

on_both_runtimes!(
    during_the_connect_the_server_ends_in_order,
    during_a_call_the_server_ends_in_order,
    during_the_end_the_server_still_ends_in_order,
    the_second_signal_hurries_the_server,
    a_deaf_server_is_killed_after_its_deadlines,
    a_reader_that_is_stuck_does_not_keep_the_program,
);

const BOTH: [(Signal, i32, &str); 2] = [(Signal::INT, 130, "SIGINT"), (Signal::TERM, 143, "SIGTERM")];

fn during_the_connect_the_server_ends_in_order(runtime: &str) {
    for (signal, status, name) in BOTH {
        let folder = Folder::new();
        let mut running =
            raw(runtime, &folder, &["tools"], &format!("read -r line; echo 'server: asked' >&2; {ORDERLY}"));
        running.until("server: asked").signal(signal);
        assert_eq!(running.wait().failed(status, name), "");
        assert_eq!(folder.text("end"), "orderly\n");
        folder.nothing_left();
    }
}

fn during_a_call_the_server_ends_in_order(runtime: &str) {
    for (signal, status, name) in BOTH {
        let folder = Folder::new();
        let mut running = called(runtime, &folder, &["call", "slow", "{}"], ORDERLY);
        running.until("server: called").signal(signal);
        assert_eq!(running.wait().failed(status, name), "");
        assert_eq!(folder.text("end"), "orderly\n");
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
    assert_eq!((ran.status, folder.text("end").as_str()), (143, "late\n"), "{ran:?}");
    folder.nothing_left();
}

fn the_second_signal_hurries_the_server(runtime: &str) {
    for (signal, status, name) in BOTH {
        let folder = Folder::new();
        let script = "trap 'echo hurried >\"$DIR/end\"; exit' TERM; cat >/dev/null; echo 'server: eof' >&2; sleep 1000 & wait";
        let command = ["tools", "--stop-timeout", "600s", "--abort-timeout", "600s"];
        let mut running = called(runtime, &folder, &command, script);
        running.until("server: called").signal(signal).until("server: eof").signal(Signal::INT);
        // The first says which it was.
        assert_eq!(running.wait().failed(status, name), "");
        assert_eq!(folder.text("end"), "hurried\n");
        folder.nothing_left();
    }
}

fn a_deaf_server_is_killed_after_its_deadlines(runtime: &str) {
    let folder = Folder::new();
    let command = ["tools", "--stop-timeout", "50ms", "--abort-timeout", "50ms"];
    let mut running = called(runtime, &folder, &command, DEAF);
    running.until("server: called").signal(Signal::INT);
    running.wait().failed(130, "SIGINT");
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
    running.wait().failed(143, "SIGTERM");
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
