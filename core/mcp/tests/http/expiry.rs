//! Sessions that the server knows no more (MCP 2025-11-25, basic/transports, "Session Management").

use std::time::Duration;

use tenure_mcp_proto::http::HttpErrorKind;
use tenure_mcp_proto::{CallError, Delivery, Eras, Event, RequestError};

use crate::world::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_404_to_the_session_ends_it_and_the_call_was_refused() {
    for (status, body) in
        [(404, ""), (410, "gone"), (404, &*error("\"server-error\"", -32600)), (404, "Session not found")]
    {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.reply(&sent, status, &[("content-type", JSON)], body);
        let failed = world.failed(id);
        assert_eq!((&failed.kind, failed.delivery), (&HttpErrorKind::Expired, Delivery::Refused), "{body}");
        assert!(failed.is_retryable());
        assert!(world.retiring.is_some());
        assert!(matches!(world.over, Some(Err(_))));
        world.nothing_sent();
    }
}

#[test]
fn nobody_is_told_while_the_session_can_still_be_acquired() {
    let mut world = World::legacy();
    world.retires = false;
    let (id, sent) = world.tool();
    world.status(&sent, 404);
    assert!(world.retiring.is_some());
    assert!(world.is_open(id));
    assert!(world.over.is_none());
    world.exchanges.retired(world.now);
    assert_eq!(world.delivery(id), Delivery::Refused);
    assert!(world.over.is_some());
}

#[test]
fn what_was_sent_may_be_answered_for_a_moment_and_nothing_new_begins() {
    let mut world = World::legacy();
    let (first, one) = world.tool();
    let (second, two) = world.tool();
    let (third, three) = world.tool();
    let (fourth, _four) = world.tool();
    world.status(&one, 404);
    assert_eq!(world.delivery(first), Delivery::Refused);
    world.answer(&two, "{}");
    assert!(world.ended(second).is_ok(), "an answer counts");
    world.status(&three, 404);
    assert_eq!(world.delivery(third), Delivery::Refused);
    let late = world.call("tools/call", r#"{"name":"t"}"#);
    assert_eq!(world.delivery(late), Delivery::NotSent);
    assert!(world.over.is_none());
    world.pass(SECOND);
    assert_eq!(world.delivery(fourth), Delivery::Unknown);
    assert!(matches!(world.over, Some(Err(_))));
    world.nothing_sent();
}

#[test]
fn a_session_that_is_gone_is_not_deleted() {
    let mut world = World::legacy();
    let (_, sent) = world.tool();
    let _other = world.tool();
    world.status(&sent, 404);
    world.exchanges.stop(world.now);
    world.settle();
    assert!(world.over.is_some());
    world.nothing_sent();
}

#[test]
fn what_only_looks_like_the_end_is_settled_by_one_ping() {
    for refusal in ["", "Bad Request: no valid session", &error("null", -32000)] {
        let mut world = World::legacy();
        let (first, one) = world.tool();
        let (second, two) = world.tool();
        world.json(&one, 400, refusal);
        let ping = world.next();
        assert!(ping.is("ping"), "{}", ping.text());
        assert_eq!(ping.header("mcp-session-id"), Some("s-1"));
        world.json(&two, 400, refusal);
        world.nothing_sent();
        assert!(world.is_open(first) && world.is_open(second));
        world.json(&ping, 400, refusal);
        let why = world.retiring.clone().expect("the same refusal");
        let shown = !refusal.is_empty();
        assert_eq!((why.status, !why.excerpt.is_empty()), (Some(400), shown), "{why}");
        for id in [first, second] {
            assert_eq!(world.delivery(id), Delivery::Refused);
        }
    }
}

#[test]
fn a_ping_that_is_answered_shows_that_the_session_lives() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.json(&sent, 400, "");
    let ping = world.next();
    world.answer(&ping, "{}");
    assert_eq!(world.delivery(id), Delivery::Refused, "the status still says so");
    assert!(world.retiring.is_none());
    world.quiet();
    // Also with an error, and with one on a stream.
    let (id, sent) = world.tool();
    world.json(&sent, 200, &error("null", -32600));
    assert!(world.is_open(id));
    let ping = world.next();
    world.stream(&ping);
    world.body(&ping, &event(&error(&ping.id(), -32601)));
    assert!(matches!(world.ended(id), Err(CallError::Server(error)) if error.code == Some(-32600)));
    assert!(world.retiring.is_none());
}

#[test]
fn a_ping_that_nobody_answers_proves_nothing() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.json(&sent, 400, "");
    let ping = world.next();
    world.pass(5 * SECOND);
    assert!(world.dropped.contains(&ping.exchange));
    assert_eq!(world.delivery(id), Delivery::Refused);
    assert!(world.retiring.is_none());
}

#[test]
fn a_404_with_an_error_to_the_request_is_that_error() {
    for code in [-32601, -32602, -32002] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.json(&sent, 404, &error(&sent.id(), code));
        assert!(matches!(world.ended(id), Err(CallError::Server(error)) if error.code == Some(code)));
        assert!(world.retiring.is_none());
    }
}

#[test]
fn an_answer_or_notice_that_meets_a_404_ends_the_session_too() {
    let mut world = World::legacy();
    let (id, _) = world.tool();
    world.connection.cancel(id, None);
    let notice = world.next();
    world.status(&notice, 404);
    assert!(world.retiring.is_some());
}

#[test]
fn initialized_that_meets_a_404_is_a_failed_opening() {
    let mut world = World::of(tenure_mcp_proto::Eras::Legacy);
    let sent = world.next();
    world.answer_with(
        &sent,
        &[("mcp-session-id", "s-1")],
        r#"{"protocolVersion":"2025-11-25","capabilities":{}}"#,
    );
    let confirm = world.next();
    world.status(&confirm, 404);
    assert!(matches!(world.over, Some(Err(_))));
    world.connection.handle_end();
    assert!(matches!(world.event(), Event::HandshakeFailed(_)), "it never was ready");
}

#[test]
fn a_legacy_session_whose_server_speaks_the_modern_era_now_is_over() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.json(&sent, 400, &error(&sent.id(), -32022));
    assert!(matches!(world.ended(id), Err(CallError::Server(_))));
    assert!(world.retiring.is_some());
}

#[test]
fn a_session_id_that_no_header_may_have_fails_the_opening() {
    for id in ["a b", &"x".repeat(1025), ""] {
        let mut world = World::of(tenure_mcp_proto::Eras::Legacy);
        let sent = world.next();
        world.answer_with(
            &sent,
            &[("mcp-session-id", id)],
            r#"{"protocolVersion":"2025-11-25","capabilities":{}}"#,
        );
        assert!(matches!(world.event(), Event::HandshakeFailed(_)), "{id:?}");
    }
}

#[test]
fn a_connection_that_ended_takes_nothing_more() {
    let mut world = World::legacy();
    world.connection.handle_end();
    let refused = world.connection.request(world.now, "ping", None, None);
    assert_eq!(refused, Err(RequestError::Closed));
}

#[test]
fn where_there_is_no_session_none_is_lost() {
    for status in [404, 410] {
        let mut world = World::of(Eras::Legacy);
        world.initialize(None);
        let listen = world.next();
        world.status(&listen, 410);
        let (id, sent) = world.tool();
        world.status(&sent, status);
        assert_eq!(world.failed(id).status, Some(status));
        let (id, again) = world.resumed();
        world.status(&again, status);
        assert!(matches!(world.failed(id).kind, HttpErrorKind::Interrupted { .. }), "{status}");
        assert!(world.retiring.is_none(), "{status}");
    }
}

#[test]
fn an_error_for_nobody_is_a_refusal_if_the_session_turns_out_to_be_lost() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.json(&sent, 200, &error("null", -32603));
    let ping = world.next();
    world.status(&ping, 404);
    assert!(world.retiring.is_some());
    assert_eq!(world.delivery(id), Delivery::Refused);
}

#[test]
fn a_notification_that_is_refused_with_404_says_that_the_session_is_lost() {
    let mut world = World::legacy();
    world.connection.notify("notifications/x", None).unwrap();
    let sent = world.next();
    world.status(&sent, 404);
    assert_eq!(world.retiring.unwrap().kind, HttpErrorKind::Expired);
}

#[test]
fn a_stream_that_breaks_while_the_session_retires_is_not_taken_up() {
    let mut world = World::legacy();
    let (first, one) = world.tool();
    let (_, two) = world.tool();
    world.stream(&one);
    world.body(&one, "id: 7\nretry: 1\ndata:\n\n");
    world.status(&two, 404);
    assert!(world.retiring.is_some());
    world.end(&one);
    assert_eq!(world.delivery(first), Delivery::Unknown, "at once");
}
