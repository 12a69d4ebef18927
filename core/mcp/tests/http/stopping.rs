//! How a session ends in order (MCP 2025-11-25, basic/transports, "Session Management").

use std::time::Duration;

use http::Method;
use tenure_mcp_proto::Eras;
use tenure_mcp_proto::http::Stage;

use crate::world::*;

fn stopped(world: &mut World) {
    world.exchanges.stop(world.now);
    world.settle();
}

#[test]
fn a_session_is_deleted_and_any_answer_is_fine() {
    for status in [200, 204, 404, 405, 500, 401, 307] {
        let mut world = World::legacy();
        stopped(&mut world);
        let delete = world.next();
        assert_eq!(delete.request.method(), Method::DELETE);
        assert_eq!(delete.header("mcp-session-id"), Some("s-1"));
        assert_eq!(delete.header("mcp-protocol-version"), Some("2025-11-25"));
        assert!(world.over.is_none());
        world.head(&delete, status, &[("location", "/x")]);
        assert_eq!(world.over, Some(Ok(())), "{status}");
        world.nothing_sent();
        assert!(world.asked.is_empty(), "{status}");
    }
}

#[test]
fn a_server_that_hangs_at_the_end_is_not_waited_for() {
    let mut world = World::legacy();
    stopped(&mut world);
    let delete = world.next();
    world.pass(Duration::from_secs(1));
    assert_eq!(world.over, Some(Ok(())));
    assert!(world.dropped.contains(&delete.exchange));
}

#[test]
fn an_end_that_is_answered_without_a_head_is_one_too() {
    let mut world = World::legacy();
    stopped(&mut world);
    let delete = world.next();
    world.end(&delete);
    assert_eq!(world.over, Some(Ok(())));
}

#[test]
fn a_server_that_is_gone_is_no_trouble() {
    let mut world = World::legacy();
    stopped(&mut world);
    let delete = world.next();
    world.break_at(&delete, Stage::Connect, false);
    assert_eq!(world.over, Some(Ok(())));
}

#[test]
fn calls_are_dropped_and_last_words_said_before_the_session_ends() {
    let mut world = World::legacy();
    let (id, call) = world.tool();
    world.connection.cancel(id, None);
    let notice = world.next();
    assert!(world.dropped.contains(&call.exchange));
    stopped(&mut world);
    world.nothing_sent();
    world.status(&notice, 202);
    assert_eq!(world.next().request.method(), Method::DELETE);
}

#[test]
fn last_words_that_take_too_long_are_cut_short() {
    let mut world = World::legacy();
    let (id, _) = world.tool();
    world.connection.cancel(id, None);
    let notice = world.next();
    stopped(&mut world);
    world.pass(Duration::from_millis(250));
    assert!(world.dropped.contains(&notice.exchange));
    assert_eq!(world.next().request.method(), Method::DELETE);
}

#[test]
fn the_time_of_last_words_is_over_when_it_has_come() {
    let mut world = World::legacy();
    let (id, call) = world.tool();
    world.connection.cancel(id, None);
    let _notice = world.next();
    stopped(&mut world);
    world.now += Duration::from_millis(250);
    // Whatever tells it the time.
    world.end(&call);
    assert_eq!(world.next().request.method(), Method::DELETE);
}

#[test]
fn a_session_that_is_made_while_it_is_to_end_is_deleted() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    stopped(&mut world);
    world.pass(Duration::from_secs(10));
    assert!(world.dropped.is_empty() && world.over.is_none());
    world.head(&sent, 200, &[("content-type", JSON), ("mcp-session-id", "s-2")]);
    let delete = world.next();
    assert_eq!((delete.request.method(), delete.header("mcp-session-id")), (&Method::DELETE, Some("s-2")));
    world.status(&delete, 200);
    assert_eq!(world.over, Some(Ok(())));
}

#[test]
fn an_opening_that_is_refused_while_it_is_to_end_leaves_nothing_to_be_deleted() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    stopped(&mut world);
    world.head(&sent, 500, &[("mcp-session-id", "s-2")]);
    assert_eq!(world.over, Some(Ok(())));
    world.nothing_sent();
}

#[test]
fn a_session_of_a_version_that_is_not_spoken_is_deleted() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    world.answer_with(
        &sent,
        &[("mcp-session-id", "s-3")],
        r#"{"protocolVersion":"1999-01-01","capabilities":{}}"#,
    );
    assert!(matches!(world.event(), tenure_mcp_proto::Event::HandshakeFailed(_)));
    stopped(&mut world);
    assert_eq!(world.next().header("mcp-session-id"), Some("s-3"));
}

#[test]
fn a_modern_server_is_told_nothing() {
    let mut world = World::modern();
    let (_, call) = world.tool();
    stopped(&mut world);
    assert_eq!(world.over, Some(Ok(())));
    assert_eq!(world.dropped, [call.exchange]);
    world.nothing_sent();
}

#[test]
fn aborting_drops_everything_at_once() {
    let mut world = World::legacy();
    let (_, call) = world.tool();
    world.exchanges.abort();
    world.settle();
    assert_eq!(world.over, Some(Ok(())));
    assert_eq!(world.dropped, [call.exchange]);
    world.answer(&call, "{}");
    assert_eq!(world.exchanges.poll_timeout(), None);
    stopped(&mut world);
    world.nothing_sent();
}
