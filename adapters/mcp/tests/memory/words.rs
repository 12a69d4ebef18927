//! What a client shows of itself, and the small things that callers ask it.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_lite::Stream;
use futures_lite::io::{empty, sink};
use serde_json::json;
use tenure::state::StateName;
use tenure::{DeadlineKind, Mode, Status};
use tenure_mcp::{Deadline, Error, Options, ServerEvent, Unhandled, Wire, listen};

use crate::stage::{Call, Stage, config};

#[test]
fn debug_texts_say_what_there_is() {
    let stage = Stage::new();
    assert!(format!("{:?}", stage.client).contains("Idle"));
    assert!(format!("{:?}", stage.client.states()).contains("States"));
    assert!(format!("{:?}", stage.driver()).contains("Idle"));
    assert!(format!("{:?}", Wire::of_bytes(empty(), sink())).contains("Wire"));
    assert!(format!("{:?}", Options::new()).contains("call_timeout: Some(600s)"));
}

#[test]
fn what_is_made_of_a_lease_shows_what_it_is_and_none_of_its_params() {
    let mut stage = Stage::new();
    let (lease, _server) = stage.live();
    let secret = json!({ "a": "secret" });
    let (_listener, events) = listen(1);
    for (shown, begins) in [
        (format!("{:?}", lease.request("x/y", &secret)), "Request { method: \"x/y\""),
        (format!("{:?}", lease.notify("x/y", &secret)), "Notify { method: \"x/y\""),
        (format!("{:?}", lease.call_tool("t", &secret)), "Call(Request { method: \"tools/call\""),
        (format!("{:?}", lease.list_tools()), "Listing { method: \"tools/list\""),
        (format!("{:?}", lease.list_tools().pages()), "PageStream"),
        (
            format!("{:?}", lease.call_tool("t", &secret).with_progress()),
            "InProgress { missed: 0, is_over: false",
        ),
        (format!("{events:?}"), "Events"),
    ] {
        assert!(shown.starts_with(begins) && !shown.contains("secret"), "{shown}");
    }
}

#[test]
fn each_reason_why_a_request_was_not_handled_has_words_of_its_own() {
    let reasons = [
        Unhandled::NotOffered,
        Unhandled::InvalidParams("odd".to_owned()),
        Unhandled::Panicked,
        Unhandled::TooLarge { size: 2, limit: 1 },
    ];
    let words: std::collections::BTreeSet<_> = reasons.iter().map(ToString::to_string).collect();
    assert!(words.len() == 4 && words.iter().all(|words| words.len() > 8), "{words:?}");
}

#[test]
fn deadlines_have_words() {
    assert_eq!(Deadline::Call.to_string(), "call");
    assert_eq!(Deadline::Session(DeadlineKind::Connect).to_string(), DeadlineKind::Connect.to_string());
}

#[test]
fn a_close_names_the_generation_that_it_waits_for() {
    let mut stage = Stage::new();
    assert_eq!(stage.client.close(Mode::Force).generation(), None);
    let (lease, _server) = stage.live();
    assert_eq!(stage.client.close(Mode::Force).generation(), Some(lease.generation()));
}

#[test]
fn states_come_one_by_one() {
    let mut stage = Stage::new();
    let mut states = stage.client.states();
    let mut next = || match Pin::new(&mut states).poll_next(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(seen) => seen.map(Status::name),
        Poll::Pending => None,
    };
    assert_eq!(next(), Some(StateName::Idle));
    let (_lease, _server) = stage.live();
    assert_eq!(next(), Some(StateName::Live));
    assert_eq!(next(), None);
}

#[test]
fn a_lease_may_have_a_deadline_of_its_own_for_calls() {
    let mut stage = Stage::new();
    let (lease, _server) = stage.live();
    let lease = lease.with_call_timeout(Some(Duration::from_secs(2)));
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    stage.advance(Duration::from_secs(2));
    assert!(matches!(call.poll(), Some(Err(Error::TimedOut { deadline: Deadline::Call, .. }))));
}

#[test]
fn a_ping_asks_the_server() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut ping = Call::begun(lease.ping());
    stage.turn();
    let request = server.heard_one();
    assert_eq!(request["method"], "ping");
    server.answer(&request, &json!({}));
    stage.turn();
    ping.poll().unwrap().unwrap();
}

#[test]
fn one_shot_calls_take_a_lease_each() {
    let mut stage = Stage::new();
    drop(stage.live());
    let client = stage.client.clone();
    let mut ping = Call::begun(client.ping());
    let mut call = Call::begun(client.call_tool("t", ()));
    stage.turn();
    let (server, requests) = (stage.server(), stage.server().heard());
    for request in &requests {
        server.answer(request, &json!({ "content": [], "isError": true }));
    }
    stage.turn();
    ping.poll().unwrap().unwrap();
    assert!(call.poll().unwrap().unwrap().is_error);
    drop(client.try_acquire().unwrap());
}

#[test]
fn the_server_is_who_it_said() {
    let mut stage = Stage::new();
    let (lease, _server) = stage.live();
    let server = Call::new(lease.server()).poll().unwrap().unwrap();
    assert_eq!((&*server.name, &*server.version), ("by hand", "1"));
    assert_eq!(&*server.protocol_version, "2025-11-25");
}

#[test]
fn a_weak_client_is_one_for_as_long_as_there_is_another() {
    let stage = Stage::new();
    let weak = stage.client.downgrade();
    assert!(weak.upgrade().is_some());
    drop(stage);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_trace_has_all_that_happens() {
    let inputs = Arc::new(Mutex::new(0));
    let count = inputs.clone();
    let mut stage =
        Stage::with(Options::new().session(|_| config()).trace(move |_| *count.lock().unwrap() += 1));
    drop(stage.live());
    assert!(*inputs.lock().unwrap() >= 3);
}

#[test]
fn so_much_that_some_of_it_is_dropped_is_an_event() {
    let protocol = tenure_mcp::proto::Options::default().max_replies(1);
    let mut stage = Stage::with(Options::new().session(|_| config()).protocol(|_| protocol));
    let (_lease, server) = stage.live();
    server.take_only(1);
    for id in 0..4 {
        server.say(&json!({ "jsonrpc": "2.0", "id": id, "method": "ping" }));
    }
    stage.turn();
    let events = stage.events();
    assert!(events.iter().any(|event| matches!(event, ServerEvent::Dropped(_))), "{events:?}");
}

/// The next of a stream.
async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await
}

#[test]
fn pages_and_progress_are_streams() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut pages = lease.list_tools().pages();
    let mut page = Call::begun(next(&mut pages));
    stage.turn();
    server.answer(&server.heard_one(), &json!({ "tools": [] }));
    stage.turn();
    page.poll().unwrap().unwrap().unwrap();
    let mut call = lease.request("x/y", ()).with_progress();
    let mut report = Call::begun(next(&mut call));
    stage.turn();
    let token = &server.heard_one()["params"]["_meta"]["progressToken"];
    let params = json!({ "progressToken": token, "progress": 1 });
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }));
    stage.turn();
    assert!(report.poll().unwrap().is_some());
}
