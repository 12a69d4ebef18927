//! The stream on which a legacy server tells what concerns no call.

use std::time::Duration;

use http::Method;
use tenure_mcp_proto::http::Stage;
use tenure_mcp_proto::{Eras, Event};

use crate::world::*;

const SECOND: Duration = Duration::from_secs(1);
const CHANGED: &str = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;

fn listening() -> (World, Sent) {
    let mut world = World::of(Eras::Legacy);
    world.initialize(Some("s-1"));
    let sent = world.next();
    (world, sent)
}

#[test]
fn what_the_server_tells_is_heard_and_readiness_never_waits_for_it() {
    let (mut world, listen) = listening();
    let (id, sent) = world.tool();
    world.answer(&sent, "{}");
    assert!(world.ended(id).is_ok());
    world.stream(&listen);
    world.body(&listen, &event(CHANGED));
    assert!(matches!(world.event(), Event::Notification { .. }));
}

#[test]
fn a_server_that_offers_none_is_not_asked_again() {
    for (status, kind) in [(405, ""), (406, ""), (415, ""), (501, ""), (400, ""), (200, JSON)] {
        let (mut world, listen) = listening();
        world.reply(&listen, status, &[("content-type", kind)], "");
        world.pass(600 * SECOND);
        world.nothing_sent();
        assert!(world.retiring.is_none(), "{status}");
    }
}

#[test]
fn a_stream_that_ended_is_asked_for_again_from_its_last_event() {
    let (mut world, listen) = listening();
    world.stream(&listen);
    world.body(&listen, &format!("id: 9\n{}", event(CHANGED)));
    world.event();
    world.end(&listen);
    world.pass(SECOND);
    let again = world.next();
    assert_eq!((again.request.method(), again.header("last-event-id")), (&Method::GET, Some("9")));
    world.stream(&again);
    assert!(matches!(world.event(), Event::Gap), "something may have been missed");
}

/// tests/http/ROWS.md, section 5: a server may end it at any time (MCP 2025-11-25, basic/transports, "Sending Messages
/// to the Server"); that it offers none it says with a 405.
#[test]
fn a_stream_that_ends_without_a_word_is_offered_all_the_same() {
    let (mut world, mut listen) = listening();
    for pause in [1, 2, 4] {
        world.stream(&listen);
        world.end(&listen);
        world.pass(pause * SECOND);
        listen = world.next();
        assert_eq!((listen.request.method(), listen.header("last-event-id")), (&Method::GET, None));
    }
    world.stream(&listen);
    world.events.clear();
    world.body(&listen, &event(CHANGED));
    assert!(matches!(world.event(), Event::Notification { .. }));
}

#[test]
fn tries_in_vain_are_made_more_and_more_rarely_and_never_spin() {
    let (mut world, listen) = listening();
    world.stream(&listen);
    world.end(&listen);
    let mut tries = 0;
    for _ in 0..3600 {
        world.pass(SECOND);
        world.events.clear();
        while let Some(again) = world.sent.pop_front() {
            tries += 1;
            world.stream(&again);
            world.end(&again);
        }
    }
    assert!((10..=30).contains(&tries), "{tries} tries in an hour");
}

#[test]
fn a_stream_that_the_server_still_holds_is_asked_for_later() {
    let (mut world, listen) = listening();
    world.status(&listen, 409);
    world.pass(2 * SECOND);
    assert_eq!(world.next().request.method(), Method::GET);
}

#[test]
fn a_stream_without_a_word_for_five_minutes_is_opened_anew_and_comments_are_words() {
    let (mut world, listen) = listening();
    world.stream(&listen);
    for _ in 0..3 {
        world.pass(299 * SECOND);
        world.body(&listen, ":\n");
    }
    assert!(world.dropped.is_empty());
    world.pass(300 * SECOND);
    assert_eq!(world.dropped, [listen.exchange]);
    world.pass(SECOND);
    assert_eq!(world.next().request.method(), Method::GET);
}

#[test]
fn a_404_that_a_ping_disproves_means_that_none_is_offered() {
    let (mut world, listen) = listening();
    world.status(&listen, 404);
    let ping = world.next();
    assert!(ping.is("ping"), "{}", ping.text());
    world.answer(&ping, "{}");
    assert!(world.retiring.is_none());
    world.pass(600 * SECOND);
    world.nothing_sent();
}

#[test]
fn a_404_that_a_ping_confirms_ends_the_session() {
    let (mut world, listen) = listening();
    world.status(&listen, 404);
    let ping = world.next();
    world.status(&ping, 404);
    assert!(world.retiring.is_some());
    assert!(matches!(world.over, Some(Err(_))));
}

#[test]
fn whether_the_session_lives_is_asked_once_whoever_doubts_it() {
    let (mut world, listen) = listening();
    let (id, sent) = world.tool();
    world.status(&sent, 400);
    let ping = world.next();
    assert!(ping.is("ping"));
    world.status(&listen, 404);
    world.nothing_sent();
    world.answer(&ping, "{}");
    assert!(world.failed(id).status == Some(400) && world.retiring.is_none());
}

#[test]
fn a_connection_that_broke_is_no_end_of_the_session() {
    let (mut world, listen) = listening();
    world.break_at(&listen, Stage::Connect, false);
    world.pass(2 * SECOND);
    assert_eq!(world.next().request.method(), Method::GET);
}

#[test]
fn a_modern_server_is_not_asked_for_one() {
    let mut world = World::modern();
    world.nothing_sent();
}

#[test]
fn a_session_whose_stream_was_open_asks_for_it_again_also_after_a_400() {
    let (mut world, listen) = listening();
    world.stream(&listen);
    world.end(&listen);
    world.pass(SECOND);
    let again = world.next();
    world.status(&again, 400);
    world.pass(2 * SECOND);
    assert_eq!(world.next().request.method(), Method::GET);
}

#[test]
fn a_stream_that_told_something_or_lasted_was_not_in_vain() {
    for lasts in [true, false] {
        let (mut world, mut listen) = listening();
        for _ in 0..4 {
            world.stream(&listen);
            if lasts {
                world.pass(30 * SECOND);
            } else {
                world.body(&listen, &event(CHANGED));
            }
            world.end(&listen);
            world.pass(SECOND);
            listen = world.next();
        }
    }
}

#[test]
fn after_ten_tries_in_vain_they_are_made_every_five_minutes() {
    let (mut world, mut listen) = listening();
    for _ in 0..10 {
        world.stream(&listen);
        world.end(&listen);
        world.pass(60 * SECOND);
        listen = world.next();
    }
    world.stream(&listen);
    world.end(&listen);
    world.pass(299 * SECOND);
    world.nothing_sent();
    world.pass(SECOND);
    world.next();
}

#[test]
fn an_error_for_nobody_on_it_is_told_and_it_goes_on() {
    let (mut world, listen) = listening();
    world.stream(&listen);
    world.body(&listen, &event(&error("null", -32603)));
    assert!(matches!(world.event(), Event::ProtocolError(_)));
    world.body(&listen, &event(CHANGED));
    assert!(matches!(world.event(), Event::Notification { .. }));
}

#[test]
fn what_a_server_asks_on_the_stream_of_the_connections_own_request_is_for_no_call() {
    let mut world = World::legacy_with(offering_roots(), settings());
    let wished = tenure_mcp_proto::Subscriptions::default().resource("a");
    world.connection.subscribe(world.now, wished).unwrap();
    let sent = world.next();
    assert!(sent.is("resources/subscribe"), "{}", sent.text());
    world.stream(&sent);
    world.body(&sent, &event(r#"{"jsonrpc":"2.0","id":"q","method":"roots/list"}"#));
    assert!(matches!(world.event(), Event::Request { call: None, .. }));
}
