//! What is sent for a message (MCP 2025-11-25, basic/transports, "Sending Messages to the Server"; MCP 2026-07-28,
//! basic/transports/streamable-http).

use http::{HeaderMap, Method};
use tenure_mcp_proto::http::{Reuse, Settings};
use tenure_mcp_proto::{Eras, Event, RequestError};

use crate::world::*;

#[test]
fn a_message_is_one_post_that_takes_json_and_events() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    assert_eq!(sent.request.method(), Method::POST);
    assert_eq!(sent.request.uri().to_string(), URL);
    assert_eq!(sent.header("content-type"), Some(JSON));
    assert_eq!(sent.header("accept"), Some("application/json, text/event-stream"));
    for absent in ["mcp-session-id", "mcp-protocol-version", "origin", "accept-encoding", "last-event-id"] {
        assert_eq!(sent.header(absent), None, "{absent}");
    }
}

#[test]
fn a_legacy_session_is_named_in_each_request_behind_initialize() {
    let mut world = World::legacy();
    let (_, sent) = world.tool();
    assert_eq!(sent.header("mcp-session-id"), Some("s-1"));
    assert_eq!(sent.header("mcp-protocol-version"), Some("2025-11-25"));
    assert_eq!(sent.header("mcp-method"), None);
}

#[test]
fn a_server_without_sessions_gets_the_version_alone() {
    let mut world = World::of(Eras::Legacy);
    world.initialize(None);
    let listen = world.next();
    assert_eq!(listen.header("mcp-session-id"), None);
    assert_eq!(listen.header("mcp-protocol-version"), Some("2025-11-25"));
    assert_eq!(listen.header("accept"), Some(EVENTS));
    world.status(&listen, 405);
    world.exchanges.stop(world.now);
    world.settle();
    assert!(world.over.is_some(), "there is nothing to be deleted");
    world.nothing_sent();
}

#[test]
fn requests_wait_until_initialized_was_taken() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    let body = r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}}}"#;
    world.answer(&sent, body);
    let confirm = world.next();
    assert_eq!(confirm.header("mcp-protocol-version"), Some("2025-11-25"));
    let early = world.connection.request(world.now, "tools/list", None, None);
    assert_eq!(early, Err(RequestError::NotReady));
    world.connection.request(world.now, "ping", None, None).unwrap();
    world.nothing_sent();
    world.head(&confirm, 202, &[]);
    assert!(matches!(world.event(), Event::Ready(_)));
    let sent: Vec<_> = [world.next(), world.next()].into();
    assert_eq!(sent[0].request.method(), Method::GET, "what the server asks during a call may come there");
    assert!(sent[1].is("ping"), "{sent:?}");
}

#[test]
fn initialized_that_is_not_answered_holds_up_nobody_for_longer_than_five_seconds() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    world.answer(&sent, r#"{"protocolVersion":"2025-11-25","capabilities":{}}"#);
    let _confirm = world.next();
    world.quiet();
    world.pass(std::time::Duration::from_secs(5));
    assert!(world.events.iter().any(|event| matches!(event, Event::Ready(_))), "{:?}", world.events);
}

#[test]
fn a_request_of_the_modern_era_says_in_its_head_what_its_body_says() {
    let mut world = World::of(Eras::Modern);
    let sent = world.next();
    assert_eq!(sent.header("mcp-protocol-version"), Some("2026-07-28"));
    assert_eq!(sent.header("mcp-method"), Some("server/discover"));
    assert_eq!(sent.header("mcp-name"), None);
    let mut world = World::modern();
    for (method, params, name) in [
        ("tools/call", r#"{"name":"add"}"#, Some("add")),
        ("prompts/get", r#"{"name":"p"}"#, Some("p")),
        ("resources/read", r#"{"uri":"file:///a"}"#, Some("file:///a")),
        ("tools/list", "{}", None),
    ] {
        world.call(method, params);
        let sent = world.next();
        assert_eq!(sent.header("mcp-method"), Some(method));
        assert_eq!(sent.header("mcp-name"), name, "{method}");
        assert_eq!(sent.header("mcp-protocol-version"), Some("2026-07-28"));
        assert_eq!(sent.header("mcp-session-id"), None);
    }
}

#[test]
fn headers_of_the_user_are_sent_and_never_replace_those_of_the_protocol() {
    let headers = map(&[
        ("x-mine", "1"),
        ("accept", "text/html"),
        ("mcp-session-id", "stolen"),
        ("host", "elsewhere"),
        ("accept-encoding", "gzip"),
        ("mcp-param-x", "y"),
    ]);
    let mut world = World::legacy_with(
        tenure_mcp_proto::Options::default().eras(Eras::Legacy),
        settings().headers(headers),
    );
    let (_, sent) = world.tool();
    assert_eq!(sent.header("x-mine"), Some("1"));
    assert_eq!(sent.header("accept"), Some("application/json, text/event-stream"));
    assert_eq!(sent.header("mcp-session-id"), Some("s-1"));
    for absent in ["host", "accept-encoding", "mcp-param-x"] {
        assert_eq!(sent.header(absent), None, "{absent}");
    }
    assert!(!format!("{:?}", sent.request.headers()).contains("s-1"), "whoever has it has the session");
}

#[test]
fn headers_of_the_user_are_not_printed() {
    let mut headers = HeaderMap::new();
    headers.insert("x-key", "hunter2".parse().unwrap());
    let settings: Settings = settings().headers(headers);
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn what_must_not_be_done_twice_takes_no_connection_that_may_be_stale() {
    let mut world = World::legacy();
    assert_eq!(world.tool().1.reuse, Reuse::Youngest);
    assert_eq!(world.list().1.reuse, Reuse::Any);
    world.call("x/raw", "{}");
    assert_eq!(world.next().reuse, Reuse::Youngest);
}

#[test]
fn an_answer_to_the_server_is_a_post_of_its_own() {
    let mut world = World::legacy_with(offering_roots(), settings());
    let _other = world.tool();
    let (id, sent) = world.tool();
    world.stream(&sent);
    world.body(&sent, &event(r#"{"jsonrpc":"2.0","id":"q","method":"roots/list"}"#));
    let tenure_mcp_proto::Event::Request { id: asked, call, .. } = world.event() else { panic!("it asks") };
    assert_eq!(call, Some(id), "also with others in flight");
    let roots = serde_json::value::RawValue::from_string(r#"{"roots":[]}"#.to_owned()).unwrap();
    world.connection.answer(world.now, asked, Ok(&roots)).unwrap();
    let answer = world.next();
    assert!(answer.text().contains(r#""id":"q","result":{"roots":[]}"#), "{}", answer.text());
    assert_eq!(answer.header("mcp-session-id"), Some("s-1"));
    world.status(&answer, 202);
    world.body(&sent, &event(&result(&sent.id(), "{}")));
    assert_eq!(world.ended(id).unwrap(), "{}");
}

#[test]
fn a_cancelled_call_is_told_of_and_its_exchange_dropped() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.connection.cancel(id, None);
    let notice = world.next();
    assert!(notice.is("notifications/cancelled"), "{}", notice.text());
    assert!(world.dropped.contains(&sent.exchange));
    let mut world = World::modern();
    let (id, sent) = world.tool();
    world.connection.cancel(id, None);
    world.nothing_sent();
    assert_eq!(world.dropped, [sent.exchange], "that its stream ends says it");
}

#[test]
fn a_modern_server_gets_no_answers() {
    let mut world = World::modern();
    let (id, sent) = world.tool();
    world.stream(&sent);
    world.body(&sent, &event(r#"{"jsonrpc":"2.0","id":"q","method":"ping"}"#));
    world.nothing_sent();
    assert!(world.is_open(id));
}
