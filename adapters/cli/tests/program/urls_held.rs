//! Servers over HTTP, and sessions with them that stay.

use std::io::BufReader;

use rustix::process::Signal;
use serde_json::{Value, json};
use tenure_bounds::blocking;

use crate::on_both_runtimes;
use crate::support::{is_heard, start};
use crate::web::{Answer, Heard, Web, answered, modern};

on_both_runtimes!(
    what_a_server_tells_is_watched_until_the_session_is_ended,
    what_a_server_of_the_modern_era_tells_is_watched,
    the_log_of_a_server_is_shown_from_a_level_on,
);

/// A stream of what the server tells.
fn telling(told: &Value) -> Answer {
    (200, vec![("content-type", "text/event-stream".to_owned())], format!("data: {told}\n\n"))
}

/// Reads until a line has these words.
fn until(stdout: &mut impl std::io::BufRead, words: &str) {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        let read = blocking("a line", || stdout.read_line(&mut line)).unwrap();
        assert!(read > 0, "{words:?} was not printed");
    }
}

/// Runs until it has printed that, and is told to end.
fn printed(web: &Web, runtime: &str, command: &[&str], words: &str) {
    printed_as(web, runtime, "legacy", command, words);
    assert!(web.heard().iter().any(|heard| heard.method == "DELETE"), "the session is ended");
}

fn printed_as(web: &Web, runtime: &str, era: &str, command: &[&str], words: &str) {
    let url = web.url();
    let rest = ["--runtime", runtime, "--era", era, "--url", &url];
    let mut running = start(command.iter().copied().chain(rest));
    let mut stdout = BufReader::new(running.stdout());
    until(&mut stdout, words);
    running.signal(Signal::INT);
    let ran = running.wait();
    // There may be more to read, and a reader that goes ends it, too.
    drop(stdout);
    ran.died(2, "ended by Ctrl-C");
}

fn what_a_server_tells_is_watched_until_the_session_is_ended(runtime: &str) {
    if !is_heard(2) {
        return;
    }
    let changed = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
    let web = Web::answering(move |heard| (heard.method == "GET").then(|| telling(&changed)));
    printed(&web, runtime, &["watch"], "changed        tools");
}

/// What it was asked for, and that it has changed, on one stream.
fn subscribed(heard: &Heard) -> Answer {
    let meta = json!({ "io.modelcontextprotocol/subscriptionId": heard.message["id"] });
    let notification = |method: &str, mut params: Value| {
        params["_meta"] = meta.clone();
        json!({ "jsonrpc": "2.0", "method": method, "params": params })
    };
    let granted = json!({ "notifications": { "toolsListChanged": true } });
    let granted = notification("notifications/subscriptions/acknowledged", granted);
    let (status, headers, mut events) = telling(&granted);
    events += &telling(&notification("notifications/tools/list_changed", json!({}))).2;
    (status, headers, events)
}

fn what_a_server_of_the_modern_era_tells_is_watched(runtime: &str) {
    if !is_heard(2) {
        return;
    }
    for era in ["modern", "auto"] {
        let web = Web::answering(|heard| match heard.name() {
            "subscriptions/listen" => Some(subscribed(heard)),
            _ => Some(modern(heard)),
        });
        printed_as(&web, runtime, era, &["watch"], "changed        tools");
    }
}

fn the_log_of_a_server_is_shown_from_a_level_on(runtime: &str) {
    if !is_heard(2) {
        return;
    }
    let params = json!({ "level": "error", "data": "it burns" });
    let burns = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": params });
    let web = Web::answering(move |heard| logging(heard, &burns));
    printed(&web, runtime, &["log", "warning"], "it burns");
    let asked = web.heard().into_iter().find(|heard| heard.name() == "logging/setLevel").unwrap();
    assert_eq!(asked.message["params"]["level"], "warning");
}

fn logging(heard: &Heard, told: &Value) -> Option<Answer> {
    let result = match heard.name() {
        "GET" => return Some(telling(told)),
        "initialize" => json!({ "protocolVersion": "2025-11-25", "capabilities": { "logging": {} } }),
        "logging/setLevel" => json!({}),
        _ => return None,
    };
    let session = vec![("mcp-session-id", crate::web::SESSION.to_owned())];
    Some(answered(heard, session, &result))
}
