//! The transport of 2024-11-05, HTTP+SSE, where it is asked for.

use http::Method;
use tenure_mcp_proto::{Delivery, Eras, Event, Options};

use crate::world::*;

const SERVER: &str = r#"{"protocolVersion":"2024-11-05","capabilities":{"tools":{}}}"#;

fn refused(status: u16) -> World {
    let mut world = World::new(Options::default().eras(Eras::Legacy), settings().old_transport(true));
    let sent = world.next();
    world.status(&sent, status);
    world
}

/// Ready, with the stream on which everything comes.
fn opened() -> (World, Sent) {
    let mut world = refused(405);
    let stream = world.next();
    assert_eq!((stream.request.method(), stream.header("accept")), (&Method::GET, Some(EVENTS)));
    world.stream(&stream);
    world.body(&stream, "event: endpoint\ndata: /messages?session=1\n\n");
    let sent = world.next();
    assert!(sent.is("initialize"));
    assert_eq!(sent.request.uri().to_string(), "https://example.test/messages?session=1");
    world.status(&sent, 202);
    world.body(&stream, &event(&result(&sent.id(), SERVER)));
    let confirm = world.next();
    assert_eq!(confirm.header("mcp-session-id"), None);
    world.status(&confirm, 202);
    assert!(matches!(world.event(), Event::Ready(_)));
    (world, stream)
}

#[test]
fn everything_goes_to_the_address_that_is_named_and_comes_on_the_stream() {
    let (mut world, stream) = opened();
    let (id, sent) = world.tool();
    assert_eq!(sent.request.uri().path(), "/messages");
    world.reply(&sent, 202, &[("content-type", "text/plain")], "Accepted");
    assert!(world.is_open(id));
    world.body(&stream, &event(&result(&sent.id(), r#"{"a":1}"#)));
    assert_eq!(world.ended(id).unwrap(), r#"{"a":1}"#);
    world.quiet();
}

#[test]
fn without_its_stream_the_session_is_over() {
    let (mut world, stream) = opened();
    let (id, sent) = world.tool();
    world.status(&sent, 202);
    world.end(&stream);
    assert_eq!(world.delivery(id), Delivery::Unknown);
    assert!(matches!(world.over, Some(Err(_))));
}

#[test]
fn an_address_elsewhere_is_refused() {
    let mut world = refused(404);
    let stream = world.next();
    world.stream(&stream);
    world.body(&stream, "event: endpoint\ndata: https://evil.test/x\n\n");
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
    world.nothing_sent();
}

#[test]
fn a_server_that_names_none_fails_in_time() {
    let mut world = refused(400);
    let stream = world.next();
    world.stream(&stream);
    world.pass(std::time::Duration::from_secs(10));
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
    let mut world = refused(400);
    let stream = world.next();
    world.break_at(&stream, tenure_mcp_proto::http::Stage::Sent, false);
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
    let mut world = refused(400);
    let stream = world.next();
    world.head(&stream, 403, &[]);
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
    let mut world = refused(400);
    let stream = world.next();
    world.status(&stream, 404);
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
}

#[test]
fn where_it_is_not_asked_for_it_is_not_tried() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    world.status(&sent, 405);
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
    world.nothing_sent();
}

#[test]
fn its_end_is_the_end_of_its_stream() {
    let (mut world, stream) = opened();
    world.exchanges.stop(world.now);
    world.settle();
    assert_eq!(world.over, Some(Ok(())));
    assert!(world.dropped.contains(&stream.exchange));
}

#[test]
fn any_other_refusal_is_no_sign_of_it() {
    let mut world = refused(500);
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
    world.nothing_sent();
    let mut world = World::new(Options::default().eras(Eras::Legacy), settings().old_transport(true));
    let sent = world.next();
    world.json(&sent, 404, &result("99", "{}"));
    assert!(matches!(world.event(), Event::HandshakeFailed(_)), "it speaks JSON-RPC there");
    world.nothing_sent();
}

#[test]
fn its_stream_is_one_of_events_with_a_status_of_200() {
    for (status, kind) in [(200, JSON), (202, EVENTS)] {
        let mut world = refused(405);
        let stream = world.next();
        world.head(&stream, status, &[("content-type", kind)]);
        assert!(matches!(world.event(), Event::HandshakeFailed(_)), "{status}");
    }
}

#[test]
fn an_address_that_another_stream_names_is_none() {
    let window = std::time::Duration::from_secs(1);
    let options = Options::default().eras(Eras::Auto).discover_window(Some(window));
    let mut world = World::new(options, settings().old_transport(true));
    let probe = world.next();
    world.pass(window);
    let sent = world.next();
    world.status(&sent, 405);
    let stream = world.next();
    world.stream(&stream);
    world.stream(&probe);
    world.body(&probe, "event: endpoint\ndata: /elsewhere\n\n");
    world.nothing_sent();
    world.body(&stream, "event: endpoint\ndata: /messages\n\n");
    assert_eq!(world.next().request.uri().path(), "/messages");
}
