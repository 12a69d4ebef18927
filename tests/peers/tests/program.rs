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

/// What a server has beside tools.
struct Offered {
    /// Of which eras it is.
    eras: &'static [&'static str],
    /// A resource, and words of it.
    resource: [&'static str; 2],
    /// A prompt, its arguments, and words of it.
    prompt: [&'static str; 3],
    /// A prompt, one of its arguments, what is typed of it, and what it may become.
    completion: [&'static str; 4],
}

/// One of ours, on an SDK of others.
const OURS: Offered = Offered {
    eras: &["modern", "legacy"],
    resource: ["peer://text", "hello"],
    prompt: ["greet", r#"{"name":"ada"}"#, "Greet ada."],
    completion: ["greet", "name", "a", "ada"],
};

/// All that isn't a tool, in each era that the server has: `tenure info`, `resources`, `read`, `prompts`, `prompt` and
/// `complete`, as text and as JSON.
fn browses(runtime: &str, server: &[&str], offered: &Offered) {
    let Offered { eras, resource: [uri, text], prompt: [prompt, arguments, message], completion } = offered;
    for era in *eras {
        let prints =
            |command: &[&str]| out(&tenure(runtime, &[command, &["--era", era]].concat(), server)).to_owned();
        let document = |command: &[&str]| -> Value {
            let printed = prints(&[command, &["--json"]].concat());
            serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
        };
        let info = document(&["info"]);
        assert_eq!((&info["era"], info["pid"].is_u64()), (&Value::from(*era), true), "{info}");
        assert!(prints(&["info"]).contains(&format!(", the {era} era")));
        assert!(prints(&["resources"]).lines().any(|line| line.starts_with(uri)), "{uri} is not listed");
        let listed = document(&["resources"]);
        let resources = listed["resources"].as_array().expect("a list");
        assert!(resources.iter().any(|resource| resource["uri"] == *uri), "{listed}");
        assert!(prints(&["read", uri]).contains(text));
        assert!(document(&["read", uri])["contents"][0]["text"].as_str().is_some_and(|it| it.contains(text)));
        assert!(prints(&["prompts"]).lines().any(|line| line.starts_with(prompt)), "{prompt} is not listed");
        let shown = prints(&["prompt", prompt, arguments]);
        assert!(shown.starts_with("user: ") && shown.contains(message), "{shown}");
        assert_eq!(document(&["prompt", prompt, arguments])["messages"][0]["role"], "user");
        let [prompt, argument, typed, value] = completion;
        let completed = prints(&["complete", "--prompt", prompt, argument, typed]);
        assert!(completed.lines().any(|line| line == *value), "{completed}");
    }
}

fn rmcp(runtime: &str) {
    let server = [env!("CARGO_BIN_EXE_peer-rmcp")];
    browses(runtime, &server, &OURS);
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
        let offered = Offered {
            eras: &["legacy"],
            resource: ["demo://resource/static/document/features.md", "Features"],
            prompt: ["simple-prompt", "{}", "prompt"],
            completion: ["completable-prompt", "department", "E", "Engineering"],
        };
        browses(runtime, &server, &offered);
        lists(runtime, &server, &["echo", "get-sum"]);
        let called = tenure(runtime, &["call", "get-sum", r#"{"a":1,"b":2}"#], &server);
        assert!(out(&called).contains('3'), "{}", out(&called));
    }
}

fn sdk(runtime: &str) {
    if let Some(script) = installed("sdk", "sdk.mjs") {
        browses(runtime, &["node", script.to_str().expect("text")], &OURS);
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

/// A short soak in each era, with chaos.
fn many_cycles_leave_nothing_behind(runtime: &str) {
    for era in ["modern", "legacy"] {
        let args = [
            "soak",
            "--cycles",
            "150",
            "--sessions",
            "3",
            "--seed",
            "9",
            "--chaos",
            "--era",
            era,
            "--call",
            "echo",
            "--arguments",
            r#"{"text":"hello"}"#,
            "--max-growth",
            "64M",
            "--json",
        ];
        let output = tenure(runtime, &args, &[env!("CARGO_BIN_EXE_peer-rmcp")]);
        let told: Value = serde_json::from_str(out(&output)).expect("one JSON document");
        assert_eq!((&told["good"], &told["wrong"]), (&true.into(), &serde_json::json!({})), "{told}");
        assert!(told["calls"].as_u64().is_some_and(|calls| calls > 0), "{told}");
    }
}

macro_rules! on_both {
    ($($name:ident),+) => {
        mod tokio { $(#[test] fn $name() { super::$name("tokio"); })+ }
        mod smol { $(#[test] fn $name() { super::$name("smol"); })+ }
    };
}

on_both!(rmcp, everything, sdk, time, over_http, many_cycles_leave_nothing_behind);
