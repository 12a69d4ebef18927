//! What is bounded: messages, bodies, exchanges at once.

use std::time::Duration;

use tenure_mcp_proto::{CallError, Delivery, Eras, Event, Options};

use crate::world::*;

#[test]
fn an_answer_that_is_too_large_fails_its_call_alone() {
    let mut world = World::legacy_with(Options::default().eras(Eras::Legacy), settings().max_message(300));
    let (id, sent) = world.tool();
    world.head(&sent, 200, &[("content-type", JSON)]);
    world.body(&sent, &"x".repeat(200));
    world.body(&sent, &"x".repeat(200));
    assert!(matches!(world.ended(id), Err(CallError::TooLarge { limit: 300 })));
    assert!(world.dropped.contains(&sent.exchange));
    let (id, sent) = world.tool();
    world.stream(&sent);
    let long = format!(r#""{}""#, "y".repeat(400));
    world.body(&sent, &event(&result(&sent.id(), &long)));
    assert!(matches!(world.ended(id), Err(CallError::TooLarge { limit: 300 })));
    assert!(world.dropped.contains(&sent.exchange));
    let (id, sent) = world.tool();
    world.answer(&sent, "{}");
    assert!(world.ended(id).is_ok());
}

#[test]
fn so_many_calls_are_under_way_at_once_and_the_others_wait_unsent() {
    let mut world = World::legacy_with(Options::default().eras(Eras::Legacy), settings().max_exchanges(2));
    let calls: Vec<_> = (0..4).map(|_| world.call("tools/call", r#"{"name":"t"}"#)).collect();
    let (one, _two) = (world.next(), world.next());
    world.nothing_sent();
    world.connection.cancel(calls[3], None);
    world.nothing_sent();
    world.answer(&one, "{}");
    let three = world.next();
    assert!(three.is("tools/call"));
    world.nothing_sent();
}

/// tests/http/ROWS.md, section 9.
#[test]
fn sixty_four_calls_are_under_way_at_once_and_the_next_one_waits_unsent() {
    for eras in [Eras::Legacy, Eras::Modern] {
        let mut world = if eras == Eras::Legacy { World::legacy() } else { World::modern() };
        let calls: Vec<_> = (0..65).map(|_| world.call("tools/call", r#"{"name":"t"}"#)).collect();
        let sent: Vec<_> = (0..64).map(|_| world.next()).collect();
        world.nothing_sent();
        assert!(!world.exchanges.takes_calls() && world.exchanges.takes_replies());
        world.answer(&sent[40], "{\"resultType\":\"complete\"}");
        assert!(world.ended(calls[40]).is_ok());
        let last = world.next();
        assert!(last.is("tools/call") && last.id() == calls[64].to_string(), "{}", last.text());
        world.nothing_sent();
    }
}

#[test]
fn the_server_is_answered_also_when_there_is_no_room_for_a_call() {
    let mut world = World::legacy_with(Options::default().eras(Eras::Legacy), settings().max_exchanges(1));
    let (_, sent) = world.tool();
    world.call("tools/call", r#"{"name":"t"}"#);
    world.nothing_sent();
    world.stream(&sent);
    world.body(&sent, &event(r#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#));
    assert!(world.next().text().contains(r#""id":"p""#));
    world.nothing_sent();
}

#[test]
fn a_refusal_is_read_so_far_and_no_farther() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.head(&sent, 500, &[]);
    for _ in 0..70 {
        world.body(&sent, &"z".repeat(1024));
    }
    let error = world.failed(id);
    assert_eq!(error.delivery, Delivery::Unknown);
    assert!(error.excerpt.len() <= 260, "{}", error.excerpt.len());
    assert!(world.dropped.contains(&sent.exchange));
}

#[test]
fn answers_to_the_server_are_under_way_four_at_a_time() {
    let mut world = World::legacy();
    let (_, sent) = world.tool();
    world.stream(&sent);
    for n in 0..10 {
        world.body(&sent, &event(&format!(r#"{{"jsonrpc":"2.0","id":"p{n}","method":"ping"}}"#)));
    }
    let answers: Vec<_> = (0..4).map(|_| world.next()).collect();
    world.nothing_sent();
    world.status(&answers[0], 202);
    assert!(world.next().text().contains("\"p4\""));
    // A server that doesn't answer these holds up no others for ever.
    world.pass(Duration::from_secs(5));
    assert!(world.next().text().contains("\"p5\""));
}

#[test]
fn the_body_of_what_needs_none_is_not_read_for_ever() {
    let mut world = World::legacy();
    world.connection.notify("notifications/roots/list_changed", None).unwrap();
    let sent = world.next();
    world.head(&sent, 200, &[]);
    world.body(&sent, "x");
    world.pass(Duration::from_secs(1));
    assert_eq!(world.dropped, [sent.exchange]);
    world.quiet();
}

#[test]
fn an_event_that_is_no_message_is_told_and_the_stream_goes_on() {
    let mut world = World::legacy();
    let (id, sent) = world.tool();
    world.stream(&sent);
    world.body(&sent, "event: other\ndata: {}\n\ndata: hello\n\n");
    assert!(matches!(world.event(), Event::ProtocolError(_)));
    world.quiet();
    world.body(&sent, &event(&result(&sent.id(), "{}")));
    assert!(world.ended(id).is_ok());
}

#[test]
fn a_call_for_which_there_is_no_room_is_not_to_be_sent_and_waits_if_it_is() {
    let mut world = World::legacy_with(Options::default().eras(Eras::Legacy), settings().max_exchanges(2));
    let (_, one) = world.tool();
    assert!(world.exchanges.takes_calls());
    world.tool();
    assert!(!world.exchanges.takes_calls());
    world.call("tools/call", r#"{"name":"t"}"#);
    let message = world.connection.poll_message().unwrap();
    world.exchanges.send(world.now, message);
    world.nothing_sent();
    world.answer(&one, "{}");
    assert!(world.next().is("tools/call"));
}

#[test]
fn so_many_answers_to_the_server_may_wait_for_their_turn() {
    let mut world = World::legacy();
    let (_, sent) = world.tool();
    world.stream(&sent);
    // Four of them are under way.
    for n in 1..=68 {
        assert!(world.exchanges.takes_replies(), "{n}");
        world.body(&sent, &event(&format!(r#"{{"jsonrpc":"2.0","id":"p{n}","method":"ping"}}"#)));
    }
    assert!(!world.exchanges.takes_replies() && !world.exchanges.takes_calls());
    let answer = world.next();
    world.status(&answer, 202);
    assert!(world.exchanges.takes_replies() && world.exchanges.takes_calls());
}

#[test]
fn an_answer_may_have_as_many_bytes_as_a_message_and_no_more() {
    for (bytes, fits) in [(300, true), (301, false)] {
        let settings = settings().max_message(300);
        let mut world = World::legacy_with(Options::default().eras(Eras::Legacy), settings);
        let (id, sent) = world.tool();
        let answer = result(&sent.id(), "{}");
        world.json(&sent, 200, &format!("{answer:bytes$}"));
        assert_eq!(world.ended(id).is_ok(), fits, "{bytes}");
    }
}

#[test]
fn of_a_body_in_which_nothing_matters_less_than_so_much_is_read() {
    for (bytes, is_over) in [(65_535, false), (65_536, true)] {
        let mut world = World::legacy();
        world.connection.notify("notifications/x", None).unwrap();
        let sent = world.next();
        world.head(&sent, 200, &[]);
        world.body(&sent, &"z".repeat(bytes));
        assert_eq!(world.dropped.contains(&sent.exchange), is_over, "{bytes}");
    }
}

#[test]
fn a_sessions_id_is_of_a_sensible_length() {
    let mut world = World::of(Eras::Legacy);
    world.initialize(Some(&"x".repeat(1024)));
    assert_eq!(world.exchanges.session_id().unwrap().len(), 1024);
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    world.answer_with(&sent, &[("mcp-session-id", &"x".repeat(1025))], "{}");
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
}
