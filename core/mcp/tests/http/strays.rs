//! What comes late, or where it doesn't belong, changes nothing.

use std::time::Duration;

use http::Method;
use tenure_mcp_proto::{Eras, Event, Options};

use crate::world::*;

#[test]
fn an_exchange_that_was_replaced_is_heard_no_more() {
    let mut world = World::legacy();
    let (id, first) = world.tool();
    world.head(&first, 307, &[("location", "/other")]);
    let second = world.next();
    assert!(world.dropped.contains(&first.exchange));
    world.answer(&first, r#"{"late":true}"#);
    assert!(world.is_open(id));
    world.answer(&second, r#"{"late":false}"#);
    assert_eq!(world.ended(id).unwrap(), r#"{"late":false}"#);
}

#[test]
fn the_sessions_id_comes_from_initialize_alone() {
    let mut world = World::legacy();
    let (_, sent) = world.tool();
    world.answer_with(&sent, &[("mcp-session-id", "s-2")], "{}");
    let (_, sent) = world.tool();
    assert_eq!(sent.header("mcp-session-id"), Some("s-1"));
}

#[test]
fn a_session_that_was_made_before_the_other_era_was_known_is_deleted() {
    let window = Some(Duration::from_secs(1));
    let mut world = World::new(Options::default().eras(Eras::Auto).discover_window(window), settings());
    let discover = world.next();
    world.pass(Duration::from_secs(2));
    let initialize = world.next();
    world.answer(&discover, r#"{"supportedVersions":["2026-07-28"],"capabilities":{}}"#);
    world.reply(&initialize, 200, &[("content-type", JSON), ("mcp-session-id", "s-9")], "no answer");
    assert!(matches!(world.event(), Event::Ready(server) if server.era == tenure_mcp_proto::Era::Modern));
    let (_, call) = world.tool();
    assert_eq!((call.header("mcp-method"), call.header("mcp-session-id")), (Some("tools/call"), None));
    world.exchanges.stop(world.now);
    let delete = world.next();
    assert_eq!((delete.request.method(), delete.header("mcp-session-id")), (&Method::DELETE, Some("s-9")));
    world.status(&delete, 204);
    assert_eq!(world.over, Some(Ok(())));
}

#[test]
fn a_call_that_was_taken_is_unknown_when_its_session_turns_out_to_be_lost() {
    let mut world = World::legacy();
    let (id, again) = world.resumed();
    world.status(&again, 401);
    world.exchanges.credentials(world.now, Ok(1));
    let ping = world.next();
    assert!(ping.is("ping"), "{}", ping.text());
    world.status(&ping, 404);
    assert!(world.retiring.is_some());
    assert_eq!(world.delivery(id), tenure_mcp_proto::Delivery::Unknown);
}
