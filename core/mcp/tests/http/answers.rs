//! What an answer means.

use std::time::Duration;

use tenure_mcp_proto::http::{HttpErrorKind, Reuse, Stage};
use tenure_mcp_proto::{CallError, Delivery, Event, ProtocolError};

use crate::world::*;

#[test]
fn an_answer_as_json_is_the_result_byte_for_byte() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.head(&sent, 200, &[("content-type", "Application/JSON; charset=utf-8")]);
    for piece in [r#"{"jsonrpc":"2.0","id":"#, &sent.id(), r#","result":{"n":1.00}}"#] {
        world.body(&sent, piece);
    }
    assert!(world.is_open(id));
    world.end(&sent);
    assert_eq!(world.ended(id).unwrap(), r#"{"n":1.00}"#);
}

#[test]
fn an_answer_that_is_no_text_throughout_is_heard_as_far_as_it_is() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.head(&sent, 200, &[("content-type", "application/json")]);
    world.body(&sent, &format!(r#"{{"jsonrpc":"2.0","id":{},"result":"#, sent.id()));
    world.body(&sent, b"[\"a\xffb\", 1.00]}");
    world.end(&sent);
    assert_eq!(world.ended(id).unwrap(), "[\"a\u{fffd}b\", 1.00]");
}

#[test]
fn an_answer_as_an_event_ends_the_exchange() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.stream(&sent);
    let note = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    world.body(&sent, &format!(": hi\n\n{}", event(note)));
    assert!(matches!(world.event(), Event::Notification { .. }));
    let answer = event(&result(&format!("\"{}\"", sent.id()), "{}"));
    world.body(&sent, &format!("{answer}{answer}{}", event(note)));
    assert_eq!(world.ended(id).unwrap(), "{}");
    world.quiet();
    assert!(world.dropped.is_empty(), "its end is waited for a moment");
    world.pass(Duration::from_millis(50));
    assert_eq!(world.dropped, [sent.exchange]);
}

#[test]
fn an_error_without_an_id_is_that_of_the_call() {
    let mut world = World::modern();
    let (id, sent) = world.tool();
    world.json(&sent, 200, &error("null", -32603));
    assert!(matches!(world.ended(id), Err(CallError::Server(error)) if error.code == Some(-32603)));
}

#[test]
fn what_is_no_answer_to_the_request_fails_it_at_once_and_may_have_been_done() {
    for body in ["", "{}", "hello", "[]", r#"{"jsonrpc":"2.0","id":99,"result":{}}"#] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.json(&sent, 200, body);
        let error = world.failed(id);
        assert!(matches!(error.kind, HttpErrorKind::NoAnswer { .. }), "{body}: {error:?}");
        assert_eq!(error.delivery, Delivery::Unknown, "{body}");
    }
    for status in [202, 204] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.head(&sent, status, &[]);
        assert_eq!(world.delivery(id), Delivery::Unknown, "{status}");
    }
}

#[test]
fn an_answer_of_another_type_is_taken_with_a_warning() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.reply(&sent, 200, &[("content-type", "text/plain")], &result(&sent.id(), "{}"));
    assert_eq!(world.ended(id).unwrap(), "{}");
    assert!(
        matches!(world.event(), Event::ProtocolError(ProtocolError::Carrier { what }) if what.contains("text/plain"))
    );
    let (id, sent) = world.tool();
    world.reply(&sent, 200, &[("content-type", "text/html")], "<html>");
    let error = world.failed(id);
    assert!(error.to_string().contains("text/html") && error.to_string().contains("<html>"), "{error}");
}

#[test]
fn an_answer_that_is_encoded_unasked_can_not_be_read() {
    for (encoding, readable) in [("gzip", false), ("identity", true)] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.answer_with(&sent, &[("content-encoding", encoding)], "{}");
        match world.ended(id) {
            Ok(_) => assert!(readable),
            Err(error) => assert!(!readable && error.to_string().contains("gzip"), "{error}"),
        }
    }
}

#[test]
fn an_array_gives_the_element_that_answers() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    let body = format!("[{},{}]", r#"{"jsonrpc":"2.0","method":"n"}"#, result(&sent.id(), "{}"));
    world.json(&sent, 200, &body);
    assert_eq!(world.ended(id).unwrap(), "{}");
    let (id, sent) = world.tool();
    world.stream(&sent);
    world.body(&sent, &event(&format!("[{}]", result(&sent.id(), r#"{"b":1}"#))));
    assert_eq!(world.ended(id).unwrap(), r#"{"b":1}"#);
}

#[test]
fn a_status_says_whether_a_call_may_have_been_done() {
    for (status, delivery, retryable) in [
        (405, Delivery::Refused, false),
        (413, Delivery::Refused, false),
        (429, Delivery::Refused, true),
        (501, Delivery::Refused, false),
        (408, Delivery::Unknown, true),
        (500, Delivery::Unknown, true),
        (502, Delivery::Unknown, true),
        (503, Delivery::Unknown, true),
        (418, Delivery::Unknown, false),
    ] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.reply(&sent, status, &[("retry-after", "7")], "busy\u{1b}[1m");
        let error = world.failed(id);
        assert_eq!((error.status, error.delivery), (Some(status), delivery), "{status}");
        assert_eq!(error.is_retryable(), retryable, "{status}");
        assert_eq!(error.retry_after.unwrap().as_secs(), 7);
        assert_eq!(error.excerpt, "busy\\u{1b}[1m");
        world.nothing_sent();
        assert!(world.retiring.is_none());
    }
}

#[test]
fn an_answer_is_the_outcome_at_any_status() {
    for status in [400, 404, 500] {
        let mut world = World::modern();
        let (id, sent) = world.tool();
        world.json(&sent, status, &error(&sent.id(), -32601));
        assert!(
            matches!(world.ended(id), Err(CallError::Server(error)) if error.code == Some(-32601)),
            "{status}"
        );
    }
}

#[test]
fn a_redirect_within_the_origin_is_followed_three_times() {
    let mut world = World::legacy();
    let (id, mut sent) = world.tool();
    for step in 1..=3 {
        world.head(&sent, 307, &[("location", &format!("/other/{step}"))]);
        let again = world.next();
        assert_eq!(again.request.uri().path(), format!("/other/{step}"));
        assert_eq!((again.text(), again.request.method()), (sent.text(), sent.request.method()));
        sent = again;
    }
    world.head(&sent, 308, &[("location", "/other/4")]);
    assert_eq!(world.delivery(id), Delivery::Refused);
    let (_, sent) = world.tool();
    assert_eq!(sent.request.uri().path(), "/mcp", "for that exchange only");
}

#[test]
fn a_redirect_away_is_an_error_that_names_the_origin() {
    for (status, location, delivery) in [
        (302, "https://evil.test/x?secret", Delivery::Refused),
        (301, "http://example.test/mcp", Delivery::Refused),
        (307, "https://example.test:444/mcp", Delivery::Refused),
        (303, "/seen", Delivery::Unknown),
        (307, "", Delivery::Refused),
    ] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        let location = if location.is_empty() { vec![] } else { vec![("location", location)] };
        world.head(&sent, status, &location);
        let error = world.failed(id);
        assert!(matches!(error.kind, HttpErrorKind::Redirected { .. }), "{error:?}");
        assert_eq!(error.delivery, delivery, "{status}");
        assert!(!error.to_string().contains("secret"));
        world.nothing_sent();
    }
}

#[test]
fn what_was_never_written_was_not_sent() {
    for stage in [Stage::Connect, Stage::Tls, Stage::Unwritten] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.break_at(&sent, stage, false);
        assert_eq!(world.delivery(id), Delivery::NotSent, "{stage:?}");
    }
    for stage in [Stage::Sent, Stage::Head, Stage::Body] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        if stage == Stage::Body {
            world.head(&sent, 200, &[("content-type", JSON)]);
        }
        world.break_at(&sent, stage, false);
        assert_eq!(world.delivery(id), Delivery::Unknown, "{stage:?}");
    }
}

#[test]
fn a_stale_connection_costs_no_request_that_may_be_made_twice() {
    let mut world = World::legacy();
    let (id, sent) = world.list();
    world.break_at(&sent, Stage::Sent, true);
    let again = world.next();
    assert_eq!((again.reuse, again.text()), (Reuse::Fresh, sent.text()));
    world.break_at(&again, Stage::Sent, true);
    assert_eq!(world.delivery(id), Delivery::Unknown, "once");
    let (id, sent) = world.tool();
    world.break_at(&sent, Stage::Sent, true);
    assert_eq!(world.delivery(id), Delivery::Unknown);
    let (id, sent) = world.tool();
    world.break_at(&sent, Stage::Unwritten, true);
    let again = world.next();
    world.answer(&again, "{}");
    assert_eq!(world.ended(id).unwrap(), "{}", "nothing of it was written before");
}

#[test]
fn what_comes_of_an_exchange_that_nobody_knows_is_ignored() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.answer(&sent, "{}");
    world.ended(id).unwrap();
    world.answer(&sent, r#"{"again":true}"#);
    world.break_at(&sent, Stage::Body, false);
    world.quiet();
    world.nothing_sent();
}

#[test]
fn an_answer_on_another_stream_is_taken_with_a_warning() {
    let mut world = World::legacy();
    let (first, one) = world.tool();
    let (second, two) = world.tool();
    world.stream(&one);
    world.body(&one, &event(&result(&two.id(), r#"{"two":2}"#)));
    assert_eq!(world.ended(second).unwrap(), r#"{"two":2}"#);
    assert!(matches!(world.event(), Event::ProtocolError(ProtocolError::Carrier { .. })));
    assert!(world.dropped.contains(&two.exchange));
    world.body(&one, &event(&result(&one.id(), r#"{"one":1}"#)));
    assert_eq!(world.ended(first).unwrap(), r#"{"one":1}"#);
}

#[test]
fn a_body_that_is_no_answer_is_named_for_what_it_is() {
    for (kind, body, words) in [
        (JSON, " \n", "it is empty"),
        (JSON, "{}", "it is no answer to the request: {}"),
        ("", "x", "but of no type: x"),
        ("text/html", "x", "but text/html: x"),
    ] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.reply(&sent, 200, &[("content-type", kind)], body);
        let error = world.failed(id).to_string();
        assert!(error.ends_with(words), "{error}");
    }
}

#[test]
fn what_is_not_text_is_not_shown_and_a_character_that_is_cut_is_left_out() {
    let text = |bytes: usize| "x".repeat(bytes).into_bytes();
    for (body, is_shown) in [
        ([b"abc\xff".to_vec(), text(400)].concat(), false),
        (b"abc\xff".to_vec(), false),
        (b"abc\xc3".to_vec(), false),
        ([text(252), b"\xff".to_vec(), text(400)].concat(), false),
        ([text(253), "😀".as_bytes().to_vec(), text(400)].concat(), true),
    ] {
        let mut world = World::legacy();
        let (id, sent) = world.tool();
        world.head(&sent, 500, &[]);
        world.exchanges.body(world.now, sent.exchange, &body);
        world.end(&sent);
        assert_eq!(!world.failed(id).excerpt.is_empty(), is_shown, "{}", body.len());
    }
}

#[test]
fn an_answer_beside_a_refusal_may_come_in_pieces() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.head(&sent, 500, &[]);
    let answer = error(&sent.id(), -32603);
    let (begin, end) = answer.split_at(20);
    for piece in [begin, end] {
        world.body(&sent, piece);
    }
    world.end(&sent);
    assert!(matches!(world.ended(id), Err(CallError::Server(error)) if error.code == Some(-32603)));
}

#[test]
fn an_error_that_names_another_request_answers_none_on_whose_stream_it_is() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.stream(&sent);
    world.body(&sent, &event(&error("99", -32603)));
    assert!(matches!(world.event(), Event::ProtocolError(ProtocolError::UnknownResponse { .. })));
    assert!(world.is_open(id));
}

#[test]
fn a_message_with_a_method_and_an_error_is_no_answer() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.stream(&sent);
    world.body(&sent, &event(r#"{"jsonrpc":"2.0","method":"x","error":{"code":-1,"message":"m"}}"#));
    assert!(matches!(world.event(), Event::ProtocolError(_)));
    assert!(world.is_open(id));
    world.body(&sent, &event(&result(&sent.id(), "{}")));
    assert!(world.ended(id).is_ok(), "the answer is waited for");
}

#[test]
fn a_message_without_a_method_asks_nothing() {
    let mut world = World::legacy_with(offering_roots(), settings());
    let (_, sent) = world.tool();
    world.stream(&sent);
    world.body(&sent, &event(r#"{"jsonrpc":"2.0","id":"q"}"#));
    assert!(matches!(world.event(), Event::ProtocolError(ProtocolError::UnknownResponse { .. })));
    world.body(&sent, &event(r#"{"jsonrpc":"2.0","id":"q","method":"roots/list"}"#));
    assert!(matches!(world.event(), Event::Request { .. }), "for the first time");
}

#[test]
fn a_notification_that_is_not_taken_is_told_of_with_all_that_was_said() {
    let mut world = World::legacy();
    world.connection.notify("notifications/x", None).unwrap();
    let sent = world.next();
    world.reply(&sent, 503, &[("retry-after", "7")], "");
    let Event::ProtocolError(ProtocolError::Carrier { what }) = world.event() else {
        panic!("it is told of")
    };
    assert!(what.contains("503") && what.contains("try again in 7 s"), "{what}");
}
