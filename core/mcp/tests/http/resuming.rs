//! Streams of calls that break (MCP 2025-11-25, basic/transports, "Resumability and Redelivery").

use std::time::Duration;

use http::Method;
use tenure_mcp_proto::http::{HttpErrorKind, Stage};
use tenure_mcp_proto::{Delivery, Event, RequestId};

use crate::world::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_stream_that_ended_is_taken_up_where_it_was_when_the_server_says() {
    let mut world = World::legacy();
    let (id, sent) = world.broken("id: 7\nretry: 3000\ndata:\n\n");
    world.pass(2 * SECOND);
    world.nothing_sent();
    world.pass(SECOND);
    let again = world.next();
    assert_eq!(again.request.method(), Method::GET);
    assert_eq!(again.header("last-event-id"), Some("7"));
    assert_eq!(again.header("mcp-session-id"), Some("s-1"));
    assert_eq!(again.header("accept"), Some(EVENTS));
    assert!(again.request.body().is_empty());
    world.stream(&again);
    world.body(&again, &event(&result(&sent.id(), r#"{"late":1}"#)));
    assert_eq!(world.ended(id).unwrap(), r#"{"late":1}"#);
}

#[test]
fn a_stream_that_broke_before_any_id_may_have_been_answered() {
    for broken in [true, false] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.stream(&sent);
        world.body(&sent, &event(r#"{"jsonrpc":"2.0","method":"n"}"#));
        if broken {
            world.break_at(&sent, Stage::Body, false);
        } else {
            world.end(&sent);
        }
        let error = world.failed(id);
        assert!(matches!(error.kind, HttpErrorKind::Interrupted { .. }), "{error:?}");
        assert_eq!(error.delivery, Delivery::Unknown);
        world.nothing_sent();
    }
}

#[test]
fn a_modern_stream_that_broke_is_not_taken_up() {
    let mut world = World::modern();
    let (id, _) = world.broken("id: 7\nretry: 1\ndata:\n\n");
    assert_eq!(world.delivery(id), Delivery::Unknown);
    world.pass(60 * SECOND);
    world.nothing_sent();
}

#[test]
fn a_resumed_stream_that_drops_before_its_first_id_keeps_what_was_known() {
    let mut world = World::legacy();
    let (id, _) = world.broken("id: a\nretry: 1000\ndata:\n\n");
    world.pass(SECOND);
    let again = world.next();
    world.stream(&again);
    world.break_at(&again, Stage::Body, false);
    world.pass(SECOND);
    let third = world.next();
    assert_eq!(third.header("last-event-id"), Some("a"));
    world.stream(&third);
    world.body(&third, "id: b\ndata:\n\n");
    world.end(&third);
    world.pass(SECOND);
    assert_eq!(world.next().header("last-event-id"), Some("b"));
    assert!(world.is_open(id));
}

#[test]
fn a_pause_that_the_server_names_counts_at_once() {
    let mut world = World::legacy();
    let (_, _) = world.broken("id: a\ndata:\n\nretry: 5000\n");
    world.pass(Duration::from_millis(4999));
    world.nothing_sent();
    world.pass(Duration::from_millis(1));
    assert_eq!(world.next().header("last-event-id"), Some("a"));
}

#[test]
fn without_a_word_from_the_server_pauses_double() {
    let mut world = World::legacy();
    let (_, _) = world.broken("id: a\ndata:\n\n");
    for pause in [500, 1000, 2000, 4000] {
        world.pass(Duration::from_millis(pause - 1));
        world.nothing_sent();
        world.pass(Duration::from_millis(1));
        let again = world.next();
        world.status(&again, 503);
    }
}

#[test]
fn tries_that_bring_nothing_come_to_an_end() {
    let mut world = World::legacy();
    let (id, _) = world.broken("id: a\nretry: 10\ndata:\n\n");
    for tries in 1.. {
        world.pass(SECOND);
        let Some(again) = world.sent.pop_front() else {
            assert_eq!(tries, 6);
            break;
        };
        world.stream(&again);
        world.body(&again, ": nothing\n");
        world.end(&again);
    }
    assert!(matches!(world.failed(id).kind, HttpErrorKind::Interrupted { .. }));
    let (id, _) = world.broken("id: a\nretry: 10\ndata:\n\n");
    for tries in 1.. {
        world.pass(SECOND);
        let Some(again) = world.sent.pop_front() else {
            assert_eq!(tries, 101, "also if each brings something");
            break;
        };
        world.stream(&again);
        world.body(&again, "id: b\ndata:\n\n");
        world.end(&again);
    }
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

#[test]
fn a_server_that_wants_more_patience_than_there_is_fails_the_call_at_once() {
    let mut world = World::legacy();
    let (id, _) = world.broken("id: a\nretry: 100000000\ndata:\n\n");
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

#[test]
fn a_refusal_to_resume_says_what_became_of_the_call() {
    for (status, over) in [(404, true), (410, true), (400, false), (405, false), (200, false)] {
        let mut world = World::legacy();
        let (id, _) = world.broken("id: a\nretry: 10\ndata:\n\n");
        world.pass(SECOND);
        let again = world.next();
        world.json(&again, status, "{}");
        assert_eq!(world.delivery(id), Delivery::Unknown, "{status}");
        assert_eq!(world.retiring.is_some(), over, "{status}");
    }
}

#[test]
fn a_call_that_waits_to_be_resumed_ends_with_its_caller() {
    let mut world = World::legacy();
    let (id, _) = world.broken("id: a\nretry: 10\ndata:\n\n");
    world.connection.cancel(id, None);
    assert!(world.next().is("notifications/cancelled"));
    world.pass(SECOND);
    world.nothing_sent();
}

#[test]
fn what_the_server_asked_before_is_not_asked_again() {
    let mut world = World::legacy_with(offering_roots(), settings());
    let (id, sent) = world.tool();
    let asks = r#"{"jsonrpc":"2.0","id":1,"method":"roots/list"}"#;
    world.stream(&sent);
    world.body(&sent, &format!("id: a\nretry: 10\n{}", event(asks)));
    let Event::Request { id: asked, .. } = world.event() else { panic!("it asks") };
    let roots = serde_json::value::RawValue::from_string(r#"{"roots":[]}"#.to_owned()).unwrap();
    world.connection.answer(world.now, asked, Ok(&roots)).unwrap();
    let answer = world.next();
    world.status(&answer, 202);
    world.end(&sent);
    world.pass(SECOND);
    let again = world.next();
    world.stream(&again);
    world.body(&again, &event(asks));
    assert!(matches!(world.event(), Event::ProtocolError(_)));
    world.quiet();
    world.body(&again, &event(&asks.replace("\"id\":1", "\"id\":2")));
    assert!(matches!(world.event(), Event::Request { .. }));
    world.body(&again, &event(&result(&sent.id(), "{}")));
    assert!(world.ended(id).is_ok());
    // Another stream has ids of its own: servers without state begin anew with each.
    let (_, other) = world.tool();
    world.stream(&other);
    world.events.clear();
    world.body(&other, &event(asks));
    assert!(matches!(world.event(), Event::Request { .. }));
}

#[test]
fn an_id_that_no_header_can_hold_is_not_resumed_from() {
    for id_line in ["id:\n", "id: \u{1}\n", "id: é\u{7f}\n"] {
        let mut world = World::legacy();
        let (id, _) = world.broken(&format!("id: a\ndata:\n\n{id_line}data:\n\n"));
        assert_eq!(world.delivery(id), Delivery::Unknown, "{id_line:?}");
    }
}

#[test]
fn a_stream_that_brought_something_begins_anew_with_the_shortest_pause() {
    let mut world = World::legacy();
    let (_, _) = world.broken("id: a\ndata:\n\n");
    for _ in 0..3 {
        world.pass(Duration::from_millis(499));
        world.nothing_sent();
        world.pass(Duration::from_millis(1));
        let again = world.next();
        world.stream(&again);
        world.body(&again, "id: b\ndata:\n\n");
        world.end(&again);
    }
}

#[test]
fn a_server_may_ask_for_ten_minutes_of_patience_and_no_more() {
    let mut world = World::legacy();
    let (id, _) = world.broken("id: a\nretry: 600000\ndata:\n\n");
    assert!(world.is_open(id));
    assert_eq!(world.exchanges.poll_timeout(), Some(world.now + 600 * SECOND));
    world.pass(600 * SECOND);
    assert_eq!(world.next().header("last-event-id"), Some("a"));
    let (id, _) = world.broken("id: a\nretry: 600001\ndata:\n\n");
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

/// A call that may take so long, whose stream says this and ends.
fn broken_call_of(world: &mut World, timeout: Duration, said: &str) -> RequestId {
    let id = world.connection.request(world.now, "tools/list", None, Some(timeout)).unwrap();
    let sent = world.next();
    world.stream(&sent);
    world.body(&sent, said);
    world.end(&sent);
    id
}

/// tests/http/ROWS.md, section 5.
#[test]
fn a_pause_that_ends_behind_the_calls_own_end_fails_it_at_once() {
    let said = "id: a\nretry: 20000\ndata:\n\n";
    let mut world = World::legacy();
    world.pass(5 * SECOND);
    let id = broken_call_of(&mut world, 20 * SECOND, said);
    assert!(world.is_open(id), "it may come in time");
    let id = broken_call_of(&mut world, Duration::from_millis(19_999), said);
    let error = world.failed(id);
    assert!(matches!(error.kind, HttpErrorKind::Interrupted { .. }), "{error:?}");
    assert_eq!(error.delivery, Delivery::Unknown);
    let said = "id: a\nretry: 900000\ndata:\n\n";
    let id = broken_call_of(&mut world, 1000 * SECOND, said);
    assert!(world.is_open(id), "whoever has time waits as long as the server wants");
}

/// While the server waits for this side the call's clock stands still.
#[test]
fn a_pause_behind_the_end_of_a_call_that_asked_something_is_waited_for() {
    let mut world = World::legacy_with(offering_roots(), settings());
    let asks = event(r#"{"jsonrpc":"2.0","id":1,"method":"roots/list"}"#);
    let id = broken_call_of(&mut world, 20 * SECOND, &format!("id: a\nretry: 30000\n{asks}"));
    assert!(world.is_open(id));
    assert_eq!(world.exchanges.poll_timeout(), Some(world.now + 30 * SECOND));
}

/// tests/http/ROWS.md, section 8: what a stream is taken up with is never printed.
#[test]
fn where_a_stream_broke_off_is_not_printed() {
    let mut world = World::legacy();
    let (_, _) = world.broken("id: secret-cursor\nretry: 10\ndata:\n\n");
    assert!(!format!("{:?}", world.exchanges).contains("secret-cursor"));
    world.pass(SECOND);
    let again = world.next();
    assert_eq!(again.header("last-event-id"), Some("secret-cursor"));
    assert!(again.request.headers()["last-event-id"].is_sensitive());
    assert!(!format!("{:?}", again.request).contains("secret-cursor"));
}

#[test]
fn all_that_the_server_asked_before_is_known_again() {
    let mut world = World::legacy_with(offering_roots(), settings());
    let asks = |id: u32| event(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"roots/list"}}"#));
    let (_, _) = world.broken(&format!("id: a\nretry: 10\n{}{}", asks(1), asks(2)));
    let roots = serde_json::value::RawValue::from_string(r#"{"roots":[]}"#.to_owned()).unwrap();
    for _ in 0..2 {
        let Event::Request { id: asked, .. } = world.event() else { panic!("it asks") };
        world.connection.answer(world.now, asked, Ok(&roots)).unwrap();
        let answer = world.next();
        world.status(&answer, 202);
    }
    world.pass(SECOND);
    let again = world.next();
    world.stream(&again);
    for id in [1, 2] {
        world.body(&again, &asks(id));
        assert!(matches!(world.event(), Event::ProtocolError(_)), "{id}");
    }
    world.quiet();
}
