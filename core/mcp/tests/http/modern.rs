//! What is of the modern era alone (MCP 2026-07-28, basic/transports/streamable-http).

use std::time::Duration;

use serde_json::value::RawValue;
use tenure_mcp_proto::{ClientFeature, Eras, Event, Options, ProtocolError, SubscriptionEnd, Subscriptions};

use crate::world::*;

#[test]
fn a_subscription_is_a_stream_that_is_held() {
    let mut world = World::modern();
    world.connection.subscribe(world.now, Subscriptions::default().tools(true)).unwrap();
    let sent = world.next();
    assert!(sent.is("subscriptions/listen"));
    assert_eq!(sent.header("mcp-method"), Some("subscriptions/listen"));
    world.stream(&sent);
    let meta = format!(r#""_meta":{{"io.modelcontextprotocol/subscriptionId":{}}}"#, sent.id());
    let ack = format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{"notifications":{{"toolsListChanged":true}},{meta}}}}}"#
    );
    world.body(&sent, &event(&ack));
    assert!(matches!(world.event(), Event::Subscribed { .. }), "{:?}", world.events);
    // Its stream counts among no calls, and lives as long as something comes.
    for _ in 0..3 {
        world.pass(Duration::from_secs(299));
        world.body(&sent, ": alive\n");
    }
    assert!(world.dropped.is_empty());
    world.end(&sent);
    assert!(matches!(world.event(), Event::SubscriptionEnded { again: true, .. }), "{:?}", world.events);
    world.pass(Duration::from_secs(2));
    let again = world.next();
    assert!(again.is("subscriptions/listen") && again.id() != sent.id());
}

#[test]
fn a_server_without_subscriptions_is_not_asked_again() {
    for status in [404, 405] {
        let mut world = World::modern();
        world.connection.subscribe(world.now, Subscriptions::default().tools(true)).unwrap();
        let sent = world.next();
        world.status(&sent, status);
        let ended = world.event();
        let Event::SubscriptionEnded { why, again: false } = ended else { panic!("{status}: {ended:?}") };
        assert!(matches!(why, SubscriptionEnd::Refused(_)), "{why:?}");
        world.pass(Duration::from_secs(600));
        world.nothing_sent();
    }
}

#[test]
fn a_server_that_refuses_a_subscription_for_now_or_fails_at_it_is_asked_again() {
    for status in [429, 418] {
        let mut world = World::modern();
        world.connection.subscribe(world.now, Subscriptions::default().tools(true)).unwrap();
        let sent = world.next();
        world.status(&sent, status);
        assert!(matches!(world.event(), Event::SubscriptionEnded { again: true, .. }), "{status}");
    }
}

#[test]
fn input_that_a_server_wants_goes_out_as_a_post_with_a_new_id() {
    let mut world = World::new(
        tenure_mcp_proto::Options::default()
            .eras(tenure_mcp_proto::Eras::Modern)
            .offer(tenure_mcp_proto::ClientFeature::Roots),
        settings(),
    );
    world.discover();
    let (id, sent) = world.tool();
    world.answer(&sent, r#"{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list"}},"requestState":"s+ /"}"#);
    let Event::Request { id: asked, .. } = world.event() else { panic!("it asks") };
    let roots = serde_json::value::RawValue::from_string(r#"{"roots":[]}"#.to_owned()).unwrap();
    world.connection.answer(world.now, asked, Ok(&roots)).unwrap();
    let again = world.next();
    assert!(again.text().contains(r#""requestState":"s+ /""#) && again.id() != sent.id(), "{}", again.text());
    assert_eq!(again.header("mcp-name"), Some("t"));
    world.answer(&again, r#"{"resultType":"complete"}"#);
    assert!(world.ended(id).is_ok());
    // A later round that was not even sent leaves open whether the server had begun.
    let (id, sent) = world.tool();
    world.answer(&sent, r#"{"resultType":"input_required","requestState":"s"}"#);
    let again = world.next();
    world.break_at(&again, tenure_mcp_proto::http::Stage::Connect, false);
    assert_eq!(world.delivery(id), tenure_mcp_proto::Delivery::Unknown);
}

#[test]
fn the_headers_of_tools_are_learned_from_lists_of_the_modern_era_alone() {
    let tools = r#"{"tools":[{"name":"t","inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A"}}}}]}"#;
    let mut world = World::modern();
    let before = world.exchanges.tools_version();
    let (id, sent) = world.tool();
    world.answer(&sent, tools);
    assert!(world.ended(id).is_ok());
    assert_eq!(world.exchanges.tools_version(), before, "that was the answer of a tool");
    let mut world = World::legacy();
    let before = world.exchanges.tools_version();
    let (id, sent) = world.list();
    world.answer(&sent, tools);
    assert!(world.ended(id).is_ok());
    assert_eq!(world.exchanges.tools_version(), before);
}

#[test]
fn a_request_that_answers_a_server_is_not_made_twice() {
    let mut world = World::modern();
    world.call("resources/read", r#"{"uri":"u"}"#);
    let sent = world.next();
    assert_eq!(sent.reuse, tenure_mcp_proto::http::Reuse::Any);
    world.answer(&sent, r#"{"resultType":"input_required","requestState":"s"}"#);
    assert_eq!(world.next().reuse, tenure_mcp_proto::http::Reuse::Youngest);
}

#[test]
fn an_answer_on_the_stream_of_another_request_is_taken_of_no_modern_server() {
    let mut world = World::modern();
    let ((first, one), (second, two)) = (world.tool(), world.tool());
    world.stream(&one);
    world.body(&one, &event(&result(&two.id(), r#"{"resultType":"complete","wrong":1}"#)));
    assert!(
        matches!(world.event(), Event::ProtocolError(ProtocolError::Carrier { .. })),
        "{:?}",
        world.events
    );
    assert!(world.dropped.is_empty());
    world.stream(&two);
    world.body(&two, &event(&result(&two.id(), r#"{"resultType":"complete","two":2}"#)));
    assert_eq!(world.ended(second).unwrap(), r#"{"resultType":"complete","two":2}"#);
    world.body(&one, &event(&result(&one.id(), r#"{"resultType":"complete","one":1}"#)));
    assert_eq!(world.ended(first).unwrap(), r#"{"resultType":"complete","one":1}"#);
}

/// tests/http/ROWS.md, section 8: `requestState` is never printed.
#[test]
fn what_a_server_keeps_in_its_state_is_sent_back_and_never_printed() {
    let mut world = World::new(Options::default().eras(Eras::Modern).offer(ClientFeature::Roots), settings());
    world.discover();
    let printed = |world: &World| format!("{:?} {:?}", world.exchanges, world.connection);
    let (id, sent) = world.tool();
    let wanted = r#""inputRequests":{"r":{"method":"roots/list"}},"requestState":"secret-state""#;
    world.answer(&sent, &format!(r#"{{"resultType":"input_required",{wanted}}}"#));
    let Event::Request { id: asked, .. } = world.event() else { panic!("it asks") };
    assert!(!printed(&world).contains("secret-state"));
    let roots = RawValue::from_string(r#"{"roots":[]}"#.to_owned()).unwrap();
    world.connection.answer(world.now, asked, Ok(&roots)).unwrap();
    let again = world.next();
    assert!(again.text().contains("secret-state"));
    assert!(!printed(&world).contains("secret-state"));
    world.answer(&again, r#"{"resultType":"complete","content":[]}"#);
    assert!(world.ended(id).is_ok());
}
