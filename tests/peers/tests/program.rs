//! The program `tenure` against servers that others wrote, on both runtimes.

use std::process::{Command, Output};

use serde_json::Value;
use tenure_peers::server::Server;
use tenure_peers::{installed, tenure_bin};

/// Runs `tenure` with `args` and the server after `--`, or with its URL.
fn tenure(runtime: &str, args: &[&str], server: &[&str]) -> Output {
    let mut command = Command::new(tenure_bin());
    command.args(args).args(["--runtime", runtime]);
    // They are slow to start, and to end, on a busy machine.
    command.args(["--connect-timeout", "120s", "--stop-timeout", "60s"]);
    match server {
        [url] if url.starts_with("http://") => command.args(["--url", url]),
        server => command.args(["--stderr", "null", "--"]).args(server),
    };
    command.output().expect("tenure starts")
}

fn out(output: &Output) -> &str {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    std::str::from_utf8(&output.stdout).expect("text")
}

/// `tenure tools` lists them, as lines and as JSON, and `tenure ping` is answered.
fn lists(runtime: &str, server: &[&str], tools: &[&str]) {
    let output = tenure(runtime, &["tools"], server);
    let names: Vec<&str> = out(&output).lines().filter_map(|line| line.split_whitespace().next()).collect();
    let output = tenure(runtime, &["tools", "--json"], server);
    let document: Value = serde_json::from_str(out(&output)).expect("one JSON document");
    let listed = document["tools"].as_array().expect("a list");
    assert_eq!(listed.len(), names.len());
    for tool in tools {
        assert!(names.contains(tool), "{tool} is not among {names:?}");
        assert!(listed.iter().any(|listed| listed["name"] == *tool), "{tool} is not in the document");
    }
    let output = tenure(runtime, &["ping", "--count", "3"], server);
    assert_eq!(out(&output).lines().count(), 3);
    eprintln!("{runtime}: {} lists {} tools", server[0], names.len());
}

fn rmcp(runtime: &str) {
    let server = [env!("CARGO_BIN_EXE_peer-rmcp")];
    lists(runtime, &server, &["add", "echo", "fail", "slow"]);
    let called = tenure(runtime, &["call", "echo", r#"{"text":"hello"}"#], &server);
    assert_eq!(out(&called), "hello\n");
    let failed = tenure(runtime, &["call", "fail"], &server);
    assert_eq!(failed.status.code(), Some(1));
    let late = tenure(runtime, &["call", "slow", r#"{"ms":60000}"#, "--call-timeout", "100ms"], &server);
    assert_eq!(late.status.code(), Some(4));
}

fn everything(runtime: &str) {
    if let Some(program) = installed("everything", "node_modules/.bin/mcp-server-everything") {
        let server = [program.to_str().expect("text"), "stdio"];
        lists(runtime, &server, &["echo", "get-sum"]);
        let called = tenure(runtime, &["call", "get-sum", r#"{"a":1,"b":2}"#], &server);
        assert!(out(&called).contains('3'), "{}", out(&called));
    }
}

fn time(runtime: &str) {
    if let Some(python) = installed("time", "bin/python") {
        let server = [python.to_str().expect("text"), "-m", "mcp_server_time"];
        lists(runtime, &server, &["get_current_time", "convert_time"]);
    }
}

/// The same over HTTP, in either era; and when the server is gone.
fn over_http(runtime: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peer-rmcp"));
    command.arg("http").env_remove("PEER_PAGES");
    let server = Server::start(command).expect("it listens");
    let url = server.url();
    lists(runtime, &[&url], &["add", "echo", "fail", "slow"]);
    let called = tenure(runtime, &["call", "echo", r#"{"text":"hello"}"#], &[&url]);
    assert_eq!(out(&called), "hello\n");
    let failed = tenure(runtime, &["call", "fail"], &[&url]);
    assert_eq!(failed.status.code(), Some(1));
    let late = tenure(runtime, &["call", "slow", r#"{"ms":60000}"#, "--call-timeout", "100ms"], &[&url]);
    assert_eq!(late.status.code(), Some(4));
    for (era, version) in [("modern", "2026-07-28"), ("legacy", "2025-11-25")] {
        let info = tenure(runtime, &["info", "--era", era], &[&url]);
        assert!(out(&info).contains(version), "{}", out(&info));
    }
    drop(server);
    let gone = tenure(runtime, &["tools"], &[&url]);
    assert_eq!(gone.status.code(), Some(3), "{}", String::from_utf8_lossy(&gone.stderr));
}

macro_rules! on_both {
    ($($name:ident),+) => {
        mod tokio { $(#[test] fn $name() { super::$name("tokio"); })+ }
        mod smol { $(#[test] fn $name() { super::$name("smol"); })+ }
    };
}

on_both!(rmcp, everything, time, over_http);
