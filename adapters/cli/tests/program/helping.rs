//! Help, and what is said of wrong usage.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt as _;

use crate::support::{run, start};

const COMMANDS: [&str; 6] = ["demo", "tools", "call", "ping", "graph", "replay"];

#[test]
fn there_is_help_for_everything() {
    let all = run(["--help"]).held();
    for command in COMMANDS {
        assert!(all.contains(&format!("\n  {command} ")), "{all}");
        let help = run([command, "--help"]).held();
        assert!(help.contains("\nExamples:\n  tenure ") && help.contains("Usage: tenure "), "{help}");
        assert_eq!(run(["help", command]).held(), help);
    }
    assert!(all.contains("Exit status: ") && !all.contains("demo-server"), "{all}");
    assert!(run(["--version"]).held().starts_with("tenure "));
}

#[test]
fn help_for_a_reader_that_went_away_is_no_panic() {
    for arguments in [&["--help"][..], &["tools", "--help"], &["--version"], &["graph"]] {
        let mut running = start(arguments);
        drop(running.stdout());
        running.wait().held();
    }
}

#[test]
fn wrong_usage_is_one_line() {
    let server = ["--", "true"];
    let wrong: &[(&[&str], &str)] = &[
        (&[], "--help"),
        (&["nonsense"], "'nonsense'"),
        (&["tools"], "<COMMAND>"),
        (&["tools", "--"], "<COMMAND>"),
        (&["tools", "true"], "'true'"),
        (&["call", "--", "true"], "<TOOL>"),
        (&["call", "a", "{}", "{}", "--", "true"], "'{}'"),
        (&["replay"], "<TRACE>"),
        (&["graph", "--format", "png"], "mermaid, dot"),
        (&["demo", "--runtime", "none"], "tokio, smol"),
        (&["tools", "a\nb\x1b[2J"], "a b"),
    ];
    for (arguments, words) in wrong {
        assert_eq!(run(*arguments).failed(2, words), "");
    }
    let options: &[(&[&str], &str)] = &[
        (&["ping", "--count", "0"], "--count"),
        (&["ping", "--count", "4294967296"], "--count"),
        (&["ping", "--count", "-1"], "'-1'"),
        (&["tools", "--connect-timeout", "5"], "--connect-timeout"),
        (&["tools", "--connect-timeout", ""], "--connect-timeout"),
        (&["tools", "--connect-timeout", "99999999999999999999s"], "--connect-timeout"),
        (&["tools", "--env", "=x"], "NAME=VALUE"),
        (&["tools", "--env", "X"], "NAME=VALUE"),
        (&["tools", "--stderr", "/no/such/folder/file"], "/no/such/folder/file"),
        (&["tools", "--trace", "/no/such/folder/file"], "/no/such/folder/file"),
        (&["call", "a", "[1]"], "JSON object"),
        (&["call", "a", "null"], "JSON object"),
        (&["call", "a", ""], "no JSON"),
        (&["call", "a", "{"], "no JSON"),
        (&["call", "a", "{} {}"], "no JSON"),
    ];
    for (arguments, words) in options {
        assert_eq!(run(arguments.iter().chain(&server)).failed(2, words), "");
    }
}

#[test]
fn arguments_that_are_no_text_are_no_panic() {
    let odd = OsString::from_vec(b"od\xffd".to_vec());
    let odd = odd.as_os_str();
    let text = OsStr::new;
    run([odd]).failed(2, "--help");
    run([text("call"), odd, text("--"), text("true")]).failed(2, "UTF-8");
    run([text("call"), text("a"), odd, text("--"), text("true")]).failed(2, "UTF-8");
    run([text("tools"), text("--env"), odd, text("--"), text("true")]).failed(2, "UTF-8");
    run([text("replay"), odd]).failed(2, "can't read the trace od\u{fffd}d");
    run([text("tools"), text("--cwd"), odd, text("--"), text("true")]).failed(3, "working directory");
    run([text("tools"), text("--"), odd]).failed(3, "not found");
    run([text("tools"), text("--"), text("/bin/sh"), text("-c"), text("exit 5"), odd])
        .failed(3, "exit status: 5");
}
