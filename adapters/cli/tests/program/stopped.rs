//! The program is stopped, as Ctrl-Z or a lid that is shut does it, for longer than its deadlines.

use std::time::Duration;

use rustix::process::Signal;
use tenure_bounds::blocking;

use crate::on_both_runtimes;
use crate::servers::{HANDSHAKE, ORDERLY, arguments};
use crate::support::{Folder, Running, start};

on_both_runtimes!(what_was_answered_while_the_program_was_stopped_counts);

/// Time enough to stop a program on a busy machine.
const DEADLINE: Duration = Duration::from_secs(4);

/// Waits until the program is stopped; answers then, and shows that it has.
const MEANWHILE: &str = r#"mkfifo "$DIR/go"; echo 'server: waits' >&2; read -r go <"$DIR/go""#;

/// The program with a server that gives this answer while the program is stopped, and goes on with that.
fn stopped(runtime: &str, folder: &Folder, command: &[&str], before: &str, answer: &str) -> Running {
    let script = format!("{before}\n{MEANWHILE}; echo '{answer}'; echo >\"$DIR/answered\"; {ORDERLY}");
    let mut running = start(arguments(runtime, folder, command, &script));
    running.until("server: waits").signal(Signal::STOP).until_stopped();
    folder.write_pipe("go", "on\n");
    blocking("the answer", || {
        while !folder.path("answered").exists() {
            std::thread::yield_now();
        }
    });
    running
}

fn what_was_answered_while_the_program_was_stopped_counts(runtime: &str) {
    let folders = [(); 3].map(|()| Folder::new());
    let [calling, pinging, connecting] = &folders;
    let call = ["call", "slow", "--call-timeout", "4s"];
    let result = r#"{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"done"}]}}"#;
    let call = stopped(runtime, calling, &call, HANDSHAKE, result);
    let ping = ["ping", "--call-timeout", "4s"];
    let ping = stopped(runtime, pinging, &ping, HANDSHAKE, r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    let info = ["info", "--connect-timeout", "4s"];
    let ready = r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"slow","version":"1"}}}"#;
    let info = stopped(runtime, connecting, &info, "read -r line", ready);
    // The last of the deadlines began before this.
    std::thread::sleep(DEADLINE);
    let [call, ping, info] = [call, ping, info].map(|mut running| {
        running.signal(Signal::CONT);
        running.wait().held()
    });
    assert_eq!(call, "done\n");
    assert!(ping.starts_with("ping 1: "), "{ping}");
    assert!(info.contains("slow 1"), "{info}");
    folders.iter().for_each(Folder::nothing_left);
}
