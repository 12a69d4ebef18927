//! An MCP server over stdio that turns to its client: it asks for a sampling while it works on a call, tells of
//! progress and of a list that changed, complains on its standard error, and answers with its last breath. Blocking,
//! one message at a time. It is gone after a minute, whatever happens.

use std::io::{BufRead as _, StdinLock, Write as _};
use std::process::exit;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

fn main() {
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(60));
        exit(70);
    });
    if std::env::args().any(|arg| arg == "--die-at-once") {
        eprintln!("no configuration");
        exit(6);
    }
    let mut input = std::io::stdin().lock();
    while let Some(message) = read(&mut input) {
        handle(&message, &mut input);
    }
    if std::env::args().any(|arg| arg == "--last-report") {
        report();
    }
}

/// More than a pipe holds, said after the end of the input. Without a reader it never gets to its end.
fn report() {
    let message = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "data": "x" } });
    for _ in 0..10_000 {
        if writeln!(std::io::stdout(), "{message}").is_err() {
            thread::sleep(Duration::from_secs(60));
        }
    }
}

fn read(input: &mut StdinLock) -> Option<Value> {
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => serde_json::from_str(&line).ok(),
    }
}

fn send(message: &Value) {
    let mut out = std::io::stdout();
    if writeln!(out, "{message}").and_then(|()| out.flush()).is_err() {
        exit(0);
    }
}

fn handle(message: &Value, input: &mut StdinLock) {
    let Some(id) = message.get("id") else { return };
    match message["method"].as_str() {
        Some("initialize") if std::env::args().any(|arg| arg == "--refuse") => send(&json!({
            "jsonrpc": "2.0", "id": id, "error": { "code": -32000, "message": "not you" },
        })),
        Some("initialize") => answer(
            id,
            &json!({
                "protocolVersion": "2025-11-25",
                "capabilities": { "tools": { "listChanged": true } },
                "serverInfo": { "name": "asking-server", "version": "1" },
            }),
        ),
        // The protocol without a handshake.
        Some("server/discover") => answer(
            id,
            &json!({
                "resultType": "complete",
                "supportedVersions": ["2026-07-28"],
                "capabilities": { "tools": {} },
                "ttlMs": 0, "cacheScope": "private",
            }),
        ),
        Some("tools/list") => answer(id, &json!({ "tools": [] })),
        Some("tools/call") => call(id, &message["params"], input),
        Some(_) => answer(id, &json!({})),
        None => {}
    }
}

fn call(id: &Value, params: &Value, input: &mut StdinLock) {
    match params["name"].as_str().unwrap_or_default() {
        "ask" => {
            ask();
            let answered = loop {
                match read(input) {
                    Some(message) if message["id"] == "question" => break message,
                    Some(message) => handle(&message, input),
                    None => exit(0),
                }
            };
            text(id, answered["result"]["content"]["text"].as_str().unwrap_or("no text"));
        }
        // The same without a request of its own: the client calls again, with the answer.
        "ask-back" => match params["inputResponses"]["q"]["content"]["text"].as_str() {
            Some(answered) => text(id, answered),
            None => answer(
                id,
                &json!({
                    "resultType": "input_required",
                    "inputRequests": { "q": question() },
                    "requestState": "s",
                }),
            ),
        },
        "ask-and-die" => {
            ask();
            // The client has begun to answer.
            read(input);
            exit(3);
        }
        "progress" => {
            let token = &params["_meta"]["progressToken"];
            for progress in 1..=3 {
                notify(
                    "notifications/progress",
                    &json!({ "progressToken": token, "progress": progress, "total": 3 }),
                );
            }
            text(id, "done");
        }
        "change" => {
            notify("notifications/tools/list_changed", &json!({}));
            text(id, "changed");
        }
        "complain-and-die" => {
            eprintln!("the disk is \x1b[31mfull");
            eprint!("giving up");
            exit(4);
        }
        "pid" => text(id, &std::process::id().to_string()),
        "last-words" => {
            text(id, "goodbye");
            exit(0);
        }
        other => text(id, other),
    }
}

fn question() -> Value {
    let message = json!({ "role": "user", "content": { "type": "text", "text": "which?" } });
    json!({ "method": "sampling/createMessage", "params": { "messages": [message], "maxTokens": 8 } })
}

fn ask() {
    let mut question = question();
    question["jsonrpc"] = json!("2.0");
    question["id"] = json!("question");
    send(&question);
}

fn notify(method: &str, params: &Value) {
    send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
}

fn text(id: &Value, text: &str) {
    answer(id, &json!({ "content": [{ "type": "text", "text": text }] }));
}

fn answer(id: &Value, result: &Value) {
    send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
}
