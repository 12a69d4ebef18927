//! What a server says instead of what was expected is told: to the listener at once, and with the deadline that passes.

use std::time::Duration;

use serde_json::json;
use tenure::DeadlineKind;
use tenure_mcp::{Deadline, Error, Options, ServerEvent};

use crate::stage::{Call, Stage, config};

#[test]
fn a_connect_deadline_says_what_came_instead() {
    let mut stage = Stage::new();
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let server = stage.server();
    server.say_bytes(b"Content-Length: 153\r\n\r\n");
    stage.turn();
    stage.advance(Duration::from_secs(60));
    let error = acquire.poll().unwrap().unwrap_err();
    assert!(
        matches!(error, Error::TimedOut { deadline: Deadline::Session(DeadlineKind::Connect), .. }),
        "{error:?}"
    );
    let words = error.to_string();
    assert!(
        words.starts_with("the connect deadline passed: the server wrote `Content-Length: 153`"),
        "{words}"
    );
}

#[test]
fn a_connect_deadline_of_a_silent_server_says_no_more_than_that() {
    let mut stage = Stage::new();
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    stage.advance(Duration::from_secs(60));
    assert_eq!(acquire.poll().unwrap().unwrap_err().to_string(), "the connect deadline passed");
}

#[test]
fn what_one_attempt_noted_is_not_told_of_the_next() {
    let mut stage = Stage::new();
    let client = stage.client.clone();
    for noise in ["\u{1b}[2J welcome\n", ""] {
        let mut acquire = Call::begun(client.acquire());
        stage.turn();
        stage.server().say_bytes(noise.as_bytes());
        stage.turn();
        stage.advance(Duration::from_secs(60));
        let words = acquire.poll().unwrap().unwrap_err().to_string();
        assert_eq!(words.contains("welcome"), !noise.is_empty(), "{words}");
        assert!(!words.contains('\u{1b}'), "{words:?}");
        // The runner of a server that does not end in time is dropped.
        stage.advance(Duration::from_secs(10));
        stage.advance(Duration::from_secs(10));
        stage.advance(Duration::from_secs(10));
    }
}

#[test]
fn the_deadline_of_a_call_says_what_came_instead_of_an_answer() {
    let mut stage =
        Stage::with(Options::new().session(|_| config()).call_timeout(Some(Duration::from_secs(3))));
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.heard_one();
    server.say_bytes(b"panic: index out of range\n");
    stage.turn();
    stage.advance(Duration::from_secs(3));
    let words = call.poll().unwrap().unwrap_err().to_string();
    assert!(
        words.starts_with("the call deadline passed: the server wrote `panic: index out of range`"),
        "{words}"
    );
}

#[test]
fn what_came_before_a_call_was_made_is_not_told_of_it() {
    let mut stage =
        Stage::with(Options::new().session(|_| config()).call_timeout(Some(Duration::from_secs(3))));
    let (lease, server) = stage.live();
    server.say_bytes(b"a line of a log\n");
    stage.turn();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.heard_one();
    stage.advance(Duration::from_secs(3));
    assert_eq!(call.poll().unwrap().unwrap_err().to_string(), "the call deadline passed");
}

#[test]
fn what_comes_before_the_handshake_reaches_the_listener() {
    let mut stage = Stage::new();
    let client = stage.client.clone();
    let _acquire = Call::begun(client.acquire());
    stage.turn();
    let server = stage.server();
    server.say_bytes(b"starting up...\n");
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": {} }));
    stage.turn();
    let events = stage.events();
    assert!(
        matches!(&events[..], [ServerEvent::ProtocolError(_), ServerEvent::Notification { .. }]),
        "{events:?}"
    );
}
