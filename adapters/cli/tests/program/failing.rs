//! Servers that misbehave: a status, one line, and nothing left running.

use std::process::{Command, Stdio};

use crate::on_both_runtimes;
use crate::servers::{DEAF, ORDERLY, arguments, called, embedded, raw};
#[cfg(windows)]
use crate::support::on_a_console;
use crate::support::{Folder, TENURE, exit, run, start_as};

on_both_runtimes!(
    a_missing_program_is_no_connection,
    a_missing_folder_is_no_connection,
    a_server_that_exits_at_once_is_no_connection,
    a_server_that_closes_its_output_is_no_connection,
    a_server_that_never_answers_meets_the_connect_deadline,
    #[cfg(unix)]
    a_script_without_its_first_line_is_explained,
    a_deaf_server_that_never_answers_is_killed,
    garbage_is_no_handshake,
    a_refused_handshake_is_told_in_one_line,
    an_unknown_version_is_no_connection,
    no_time_at_all_is_wrong_usage,
    a_call_without_an_answer_meets_its_deadline,
    an_unknown_tool_is_the_servers_error,
    an_error_of_many_lines_is_one_line,
    a_list_of_tools_that_is_none_is_printed_as_it_came,
    an_oversized_answer_is_told,
    a_server_that_dies_under_a_call_is_lost,
    a_later_ping_that_fails_keeps_the_earlier_ones,
);

/// A deadline that passes, but not before the server has begun: where Wine is the system, that takes a while.
const SOON: &str = if cfg!(windows) { "5s" } else { "300ms" };

fn a_missing_program_is_no_connection(runtime: &str) {
    let arguments = ["tools", "--runtime", runtime, "--", "/no/such/program"];
    assert_eq!(run(arguments).failed(3, "`/no/such/program`: not found"), "");
    run(["tools", "--runtime", runtime, "--", ""]).failed(3, "can't start");
}

fn a_missing_folder_is_no_connection(runtime: &str) {
    embedded(runtime, &["tools", "--cwd", "/no/such/folder"])
        .failed(3, "working directory `/no/such/folder`");
}

fn a_server_that_exits_at_once_is_no_connection(runtime: &str) {
    let folder = Folder::new();
    raw(runtime, &folder, &["tools"], "exit 7").wait().failed(3, &format!("the server ended: {}", exit(7)));
    folder.nothing_left();
}

fn a_server_that_closes_its_output_is_no_connection(runtime: &str) {
    let folder = Folder::new();
    let mut tenure = Command::new(TENURE);
    tenure
        .args(arguments(runtime, &folder, &["tools"], &format!("exec >&-; {ORDERLY}")))
        .stdin(Stdio::null());
    // Without it the server has a console of its own, whose host holds the server's output as well, if it is Wine's.
    #[cfg(windows)]
    on_a_console(&mut tenure);
    start_as(tenure).wait().failed(3, "closed its output");
    folder.nothing_left();
}

fn a_server_that_never_answers_meets_the_connect_deadline(runtime: &str) {
    let folder = Folder::new();
    let command = ["ping", "--connect-timeout", SOON];
    assert_eq!(raw(runtime, &folder, &command, ORDERLY).wait().failed(4, "the connect deadline passed"), "");
    assert_eq!(folder.text("end"), "orderly\n");
    folder.nothing_left();
}

#[cfg(unix)]
fn a_script_without_its_first_line_is_explained(runtime: &str) {
    let folder = Folder::new();
    let script = folder.path("script");
    tenure_bounds::executable(&script, "echo no\n");
    let ran = run(["tools", "--runtime", runtime, "--", script.to_str().unwrap()]);
    // Some systems take it for a script of the shell.
    assert!(
        ran.status == 3 && (ran.stderr[0].contains("#!") || !ran.stderr[0].contains("format")),
        "{ran:?}"
    );
}

fn a_deaf_server_that_never_answers_is_killed(runtime: &str) {
    let folder = Folder::new();
    let command = ["ping", "--connect-timeout", SOON, "--stop-timeout", "50ms", "--abort-timeout", "50ms"];
    raw(runtime, &folder, &command, DEAF).wait().failed(4, "the connect deadline passed");
    folder.nothing_left();
}

fn garbage_is_no_handshake(runtime: &str) {
    let folder = Folder::new();
    let script = format!("echo garbage; printf '\\377\\000\\n[]\\n{{}}\\n'; {ORDERLY}");
    let command = ["tools", "--json", "--connect-timeout", SOON];
    let text = raw(runtime, &folder, &command, &script).wait().failed(4, "the connect deadline");
    assert!(text.starts_with(r#"{"error":{"kind":"deadline","code":null,"#), "{text}");
    folder.nothing_left();
}

fn a_refused_handshake_is_told_in_one_line(runtime: &str) {
    let folder = Folder::new();
    let answer =
        r#"printf '%s\n' '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"go\naway\u001b[2J"}}'"#;
    let script = format!("read -r line; {answer}; {ORDERLY}");
    raw(runtime, &folder, &["tools"], &script).wait().failed(3, "go away\u{fffd}[2J");
    folder.nothing_left();
}

fn an_unknown_version_is_no_connection(runtime: &str) {
    let folder = Folder::new();
    let answer = r#"echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"1066-10-14","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}'"#;
    let script = format!("read -r line; {answer}; {ORDERLY}");
    raw(runtime, &folder, &["tools"], &script).wait().failed(3, "1066-10-14");
    folder.nothing_left();
}

fn no_time_at_all_is_wrong_usage(runtime: &str) {
    for option in ["--connect-timeout", "--call-timeout"] {
        embedded(runtime, &["tools", option, "0s"]).failed(2, "no time at all is too short");
    }
    embedded(runtime, &["call", "wait", "--call-timeout", "1ns"]).failed(4, "the call deadline passed");
    // Steps of the teardown may be skipped.
    embedded(runtime, &["tools", "--stop-timeout", "0s", "--abort-timeout", "0s"]).held();
}

fn a_call_without_an_answer_meets_its_deadline(runtime: &str) {
    let ran = embedded(runtime, &["call", "wait", "--call-timeout", "100ms"]);
    assert_eq!(ran.failed(4, "the call deadline passed"), "");
}

fn an_unknown_tool_is_the_servers_error(runtime: &str) {
    // All arguments together may have 32767 characters on Windows.
    let long = "x".repeat(if cfg!(windows) { 30_000 } else { 100_000 });
    for name in ["", "nothing", "--", "\u{202e}", &long] {
        let command = if name == "--" { vec!["call", "-x"] } else { vec!["call", name] };
        if name == "--" {
            embedded(runtime, &command).failed(2, "'-x'");
        } else {
            assert_eq!(embedded(runtime, &command).failed(1, "no such tool"), "");
        }
    }
}

fn an_error_of_many_lines_is_one_line(runtime: &str) {
    let folder = Folder::new();
    let script = format!(
        r#"printf '{{"jsonrpc":"2.0","id":2,"error":{{"code":1,"message":"a\\nb'; head -c 100000 /dev/zero | tr '\0' x; echo '"}}}}'; {ORDERLY}"#
    );
    let ran = called(runtime, &folder, &["tools"], &script).wait();
    assert!(ran.stderr.iter().all(|line| line.len() < 1100), "{} bytes", ran.stderr[0].len());
    ran.failed(1, "a b");
}

fn a_list_of_tools_that_is_none_is_printed_as_it_came(runtime: &str) {
    let folder = Folder::new();
    for result in ["7", "{\"tools\":7}", "{}"] {
        let script = format!("echo '{{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{result}}}'; {ORDERLY}");
        let ran = called(runtime, &folder, &["tools"], &script).wait();
        assert_eq!(ran.held_with("printed as it came: ListToolsResult"), format!("{result}\n"));
        folder.nothing_left();
    }
}

fn an_oversized_answer_is_told(runtime: &str) {
    let folder = Folder::new();
    // For Wine std is built unoptimised: seventeen million bytes take the shell and the program ten seconds, twice.
    let (limit, large, bytes): (&[&str], _, _) =
        if cfg!(windows) { (&["--max-message", "1M"], "2M", 1_500_000) } else { (&[], "17M", 17_000_000) };
    let script = format!(
        r#"printf '{{"jsonrpc":"2.0","id":2,"result":"'; head -c {bytes} /dev/zero | tr '\0' x; echo '"}}'; {ORDERLY}"#
    );
    called(runtime, &folder, &[&["call", "a"], limit].concat(), &script).wait().failed(1, "too large");
    // As large as is allowed.
    let command = ["call", "a", "--json", "--max-message", large];
    let ran = called(runtime, &folder, &command, &script).wait();
    assert_eq!((ran.status, ran.stdout.len()), (0, bytes + 3));
    folder.nothing_left();
}

fn a_server_that_dies_under_a_call_is_lost(runtime: &str) {
    let folder = Folder::new();
    called(runtime, &folder, &["tools"], "exit 9").wait().failed(3, &exit(9));
    #[cfg(unix)]
    called(runtime, &folder, &["tools"], "kill -9 $$").wait().failed(3, "SIGKILL");
    folder.nothing_left();
}

fn a_later_ping_that_fails_keeps_the_earlier_ones(runtime: &str) {
    let folder = Folder::new();
    let script = r#"echo '{"jsonrpc":"2.0","id":2,"result":{}}'; read -r line; exit 3"#;
    let text = called(runtime, &folder, &["ping", "--count", "5"], script).wait().failed(3, &exit(3));
    assert!(text.starts_with("ping 1: ") && text.lines().count() == 1, "{text:?}");
    let ran = called(runtime, &folder, &["ping", "--count", "5", "--json"], script).wait();
    assert!(ran.failed(3, &exit(3)).starts_with(r#"{"error":{"kind":"lost","code":null,"#));
}

// The device that is always full.
#[cfg(unix)]
#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else { return };
    let mut command = Command::new(TENURE);
    let output = command.arg("graph").stdout(full).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{said}");
}

#[test]
fn nobody_reading_errors_is_no_panic() {
    let folder = Folder::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(TENURE);
    command.args(arguments("tokio", &folder, &["tools", "-v"], "exit 1")).stderr(writer);
    assert_eq!(command.output().unwrap().status.code(), Some(3));
}
