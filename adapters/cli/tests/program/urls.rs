//! Servers that are reached over HTTP: `--url` in place of a command.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::on_both_runtimes;
use crate::support::{Ran, TENURE, run, start_as};
use crate::web::{SESSION, Web, modern};

on_both_runtimes!(
    every_command_takes_a_url,
    every_command_takes_a_url_of_a_server_of_the_modern_era,
    headers_go_unencrypted_to_another_machine_only_where_that_is_allowed,
    info_shows_the_session_cut_short,
    headers_and_tokens_are_sent_and_never_shown,
    a_server_that_is_not_there_is_one_that_could_not_be_connected_to,
    what_the_server_answers_instead_decides_the_status,
    an_answer_that_breaks_off_is_a_loss,
    deadlines_hold_over_http_too,
    a_session_that_the_server_forgot_costs_a_call_nothing,
    sessions_over_http_are_soaked,
);

/// A command on the server.
fn on(web: &Web, runtime: &str, command: &[&str]) -> Ran {
    at(&web.url(), runtime, command)
}

fn at(url: &str, runtime: &str, command: &[&str]) -> Ran {
    at_as(url, runtime, "legacy", command)
}

fn at_as(url: &str, runtime: &str, era: &str, command: &[&str]) -> Ran {
    run(command.iter().copied().chain(["--runtime", runtime, "--era", era, "--url", url]))
}

/// Each command that needs nothing but a request, on a server of these eras.
fn each_command(web: &Web, runtime: &str, era: &[&str]) {
    let url = web.url();
    let rest = ["--runtime", runtime, "--url", &url];
    let on = |command: &[&str]| run(command.iter().chain(era).chain(&rest));
    let shown: [(&[&str], &str); 9] = [
        (&["info"], "web 1"),
        (&["tools"], "says it again"),
        (&["call", "echo"], "hi\n"),
        (&["resources"], "file:///b  b\n"),
        (&["prompts"], "greet  says hello\n"),
        (&["prompt", "greet"], "user: hello\n"),
        (&["complete", "--prompt", "greet", "who", "A"], "Ada\n"),
        (&["ping"], "ms"),
        (&["request", "tools/list", "--json"], "\"echo\""),
    ];
    for (command, words) in shown {
        let text = on(command).held();
        assert!(text.contains(words), "{command:?} {era:?}: {text}");
    }
    on(&["read", "file:///a"]).failed(1, "what?");
}

fn every_command_takes_a_url(runtime: &str) {
    for era in [&["--era", "legacy"][..], &["--era", "auto"], &[]] {
        let web = Web::new();
        each_command(&web, runtime, era);
        let named = |name: &str| web.heard().iter().filter(|heard| heard.name() == name).count();
        assert_eq!((named("initialize"), named("DELETE")), (10, 10), "each session is ended, {era:?}");
        assert_eq!(named("server/discover"), if era.contains(&"legacy") { 0 } else { 10 }, "{era:?}");
    }
}

fn every_command_takes_a_url_of_a_server_of_the_modern_era(runtime: &str) {
    for era in [&["--era", "modern"][..], &["--era", "auto"], &[]] {
        let web = Web::answering(|heard| Some(modern(heard)));
        each_command(&web, runtime, era);
        for heard in web.heard() {
            assert_eq!(heard.headers["mcp-protocol-version"], "2026-07-28", "{era:?}: {heard:?}");
            assert_eq!(heard.headers["mcp-method"], heard.name(), "{era:?}");
        }
    }
    let legacy = Web::new();
    at_as(&legacy.url(), runtime, "modern", &["tools"]).failed(3, "");
    let modern = Web::answering(|heard| Some(modern(heard)));
    at_as(&modern.url(), runtime, "legacy", &["tools"]).failed(3, "what?");
}

/// On Linux and its like, what is sent to no address in particular stays on this machine.
fn headers_go_unencrypted_to_another_machine_only_where_that_is_allowed(runtime: &str) {
    let web = Web::new();
    let url = web.url_off_loopback();
    let key = ["tools", "--header", "X-Key: key-secret"];
    at(&url, runtime, &key).failed(2, "--insecure-http");
    assert!(web.heard().is_empty());
    let allowed: Vec<&str> = key.into_iter().chain(["--insecure-http"]).collect();
    assert!(at(&url, runtime, &allowed).held().contains("says it again"));
    assert!(web.heard().iter().all(|heard| heard.headers["x-key"] == "key-secret"), "{:?}", web.heard());
}

fn info_shows_the_session_cut_short(runtime: &str) {
    let web = Web::new();
    let text = on(&web, runtime, &["info"]).held();
    assert!(text.contains("session       01234567…\n"), "{text}");
    assert!(text.contains("protocol      2025-11-25, the legacy era\n"), "{text}");
    assert!(text.contains("connected in  "), "{text}");
    assert!(text.contains("/mcp\n") && !text.contains("query-secret"), "{text}");
    let text = on(&web, runtime, &["info", "--json"]).held();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["session"], "01234567");
    assert!(document["pid"].is_null());
    let said = on(&web, runtime, &["tools", "-v"]);
    assert!(!format!("{said:?}").contains(SESSION), "{said:?}");
}

/// A command with a token and a key in its environment.
fn with_secrets(web: &Web, runtime: &str, command: &[&str]) -> Ran {
    let mut program = Command::new(TENURE);
    program.args(command).args(["--runtime", runtime, "--era", "legacy", "--url", &web.url(), "-v"]);
    program.args([
        "--header",
        "X-Key: env:KEY",
        "--header",
        "X-Plain: given-secret",
        "--bearer-env",
        "TOKEN",
    ]);
    program.env("KEY", "key-secret").env("TOKEN", "token-secret").stdin(Stdio::null());
    start_as(program).wait()
}

fn headers_and_tokens_are_sent_and_never_shown(runtime: &str) {
    let web = Web::new();
    let ran = with_secrets(&web, runtime, &["tools"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!format!("{ran:?}").contains("secret"), "{ran:?}");
    for heard in web.heard() {
        assert_eq!(heard.headers["authorization"], "Bearer token-secret", "{heard:?}");
        assert_eq!(heard.headers["x-key"], "key-secret");
        assert_eq!(heard.headers["x-plain"], "given-secret");
    }
    let refusing = Web::answering(|_| Some((401, Vec::new(), String::new())));
    let ran = with_secrets(&refusing, runtime, &["tools", "--json"]);
    assert!(!format!("{ran:?}").contains("secret"), "{ran:?}");
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.status, &document["error"]["code"]), (3, &401.into()), "{ran:?}");
}

fn a_server_that_is_not_there_is_one_that_could_not_be_connected_to(runtime: &str) {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    at(&format!("http://{address}/mcp"), runtime, &["tools"]).failed(3, "could not connect");
}

fn what_the_server_answers_instead_decides_the_status(runtime: &str) {
    let web = Web::answering(|heard| {
        let body = "no luck".to_owned();
        (heard.name() == "tools/call").then(|| (500, vec![("content-type", "text/plain".to_owned())], body))
    });
    on(&web, runtime, &["call", "echo"]).failed(1, "no luck");
    let text = on(&web, runtime, &["call", "echo", "--json"]).failed(1, "500");
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&document["error"]["kind"], &document["error"]["code"]), (&"http".into(), &500.into()));
}

fn an_answer_that_breaks_off_is_a_loss(runtime: &str) {
    let web = Web::answering(|heard| {
        // Its stream begins, and ends before the answer: there is nowhere to resume it from.
        let headers = vec![("content-type", "text/event-stream".to_owned())];
        (heard.name() == "tools/call").then(|| (200, headers, ": wait\n\n".to_owned()))
    });
    on(&web, runtime, &["call", "echo"]).failed(3, "interrupted");
}

fn deadlines_hold_over_http_too(runtime: &str) {
    let (gate, opened) = channel::<()>();
    let opened = Arc::new(Mutex::new(opened));
    let web = Web::answering(move |heard| {
        if heard.name() == "tools/call" {
            // Until the test is over.
            let _ = opened.lock().unwrap().recv();
        }
        None
    });
    on(&web, runtime, &["call", "echo", "--call-timeout", "300ms"]).failed(4, "call deadline");
    assert!(web.heard().iter().any(|heard| heard.name() == "notifications/cancelled"));
    drop(gate);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp", silent.local_addr().unwrap());
    at(&url, runtime, &["tools", "--connect-timeout", "300ms"]).failed(4, "connect");
}

fn a_session_that_the_server_forgot_costs_a_call_nothing(runtime: &str) {
    let openings = Arc::new(AtomicUsize::new(0));
    let counted = openings.clone();
    let web = Web::answering(move |heard| {
        let is_first = || counted.load(Ordering::SeqCst) == 1;
        match heard.name() {
            "initialize" => {
                counted.fetch_add(1, Ordering::SeqCst);
                None
            }
            "tools/call" if is_first() => Some((404, Vec::new(), String::new())),
            _ => None,
        }
    });
    assert_eq!(on(&web, runtime, &["call", "echo"]).held(), "hi\n");
    assert_eq!(openings.load(Ordering::SeqCst), 2);
}

fn sessions_over_http_are_soaked(runtime: &str) {
    let web = Web::new();
    let ran = on(&web, runtime, &["soak", "--cycles", "20", "--sessions", "2", "--tasks", "2"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    on(&web, runtime, &["soak", "--chaos"]).failed(2, "--chaos");
}

#[test]
fn what_makes_no_sense_together_is_wrong_usage() {
    let url = "http://127.0.0.1:1/mcp";
    let wrong: [(&[&str], &str); 9] = [
        (&["tools", "--url", "ftp://a/b"], "http://"),
        (&["tools", "--url", "http://user:secret@a/b"], "header"),
        (&["tools", "--url", url, "--", "true"], "--url"),
        (&["tools", "--url", url, "--env", "A=b"], "--env"),
        (&["tools", "--header", "A: secret", "--", "true"], "--url"),
        (&["tools", "--url", url, "--header", "secret"], "Name: value"),
        (&["tools", "--url", url, "--bearer-env", "TENURE_NO_SUCH_VARIABLE"], "TENURE_NO_SUCH_VARIABLE"),
        (&["tools", "--url", url, "--ca-file", "/nowhere.pem"], "--ca-file"),
        (&["tools", "--url", "http://mcp.example.com/", "--header", "A: secret"], "--insecure-http"),
    ];
    for (arguments, words) in wrong {
        run(arguments).failed(2, words);
    }
}
