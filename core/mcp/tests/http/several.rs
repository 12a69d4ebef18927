//! Requests that take several exchanges, and openings that are cut short.

use std::time::Duration;

use http::Method;
use tenure_mcp_proto::http::Stage;
use tenure_mcp_proto::{Delivery, Era, Eras, Event, Options};

use crate::world::*;

const SERVER: &str = r#"{"protocolVersion":"2024-11-05","capabilities":{"tools":{}}}"#;

#[test]
fn a_resume_that_meets_401_is_unknown() {
    let mut world = World::legacy();
    let (id, again) = world.resumed();
    world.status(&again, 401);
    world.exchanges.credentials(world.now, Ok(2));
    let again = world.next();
    world.status(&again, 401);
    let ping = world.next();
    world.answer(&ping, "{}");
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

#[test]
fn a_resume_whose_credentials_fail_is_unknown() {
    let mut world = World::legacy();
    let (id, again) = world.resumed();
    world.status(&again, 401);
    world.exchanges.credentials(world.now, Err("no".into()));
    // It may be the session that is refused.
    let ping = world.next();
    world.answer(&ping, "{}");
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

#[test]
fn a_resume_that_is_sent_away_is_unknown() {
    let mut world = World::legacy();
    let (id, again) = world.resumed();
    world.reply(&again, 307, &[("location", "https://other.test/")], "");
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

#[test]
fn a_resume_that_is_forbidden_is_unknown() {
    let mut world = World::legacy();
    let (id, again) = world.resumed();
    world.status(&again, 403);
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

#[test]
fn a_repeat_that_can_not_connect_is_unknown() {
    let mut world = World::legacy();
    let (id, sent) = world.list();
    world.break_at(&sent, Stage::Sent, true);
    let again = world.next();
    world.break_at(&again, Stage::Connect, false);
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

#[test]
fn a_repeat_that_is_refused_is_unknown() {
    let mut world = World::legacy();
    let (id, sent) = world.list();
    world.break_at(&sent, Stage::Sent, true);
    let again = world.next();
    world.status(&again, 429);
    assert_eq!(world.delivery(id), Delivery::Unknown);
}

#[test]
fn the_opening_of_the_old_transport_fails_when_its_stream_breaks() {
    let mut world = World::new(Options::default().eras(Eras::Legacy), settings().old_transport(true));
    let sent = world.next();
    world.status(&sent, 405);
    let stream = world.next();
    world.stream(&stream);
    world.body(&stream, "event: endpoint\ndata: /messages?session=1\n\n");
    let sent = world.next();
    world.status(&sent, 202);
    world.end(&stream);
    assert!(matches!(world.event(), Event::HandshakeFailed(_)));
}

#[test]
fn the_session_of_an_opening_that_is_resumed_is_kept() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    world.head(&sent, 200, &[("content-type", EVENTS), ("mcp-session-id", "s-1")]);
    world.body(&sent, "id: 1\nretry: 1\ndata:\n\n");
    world.end(&sent);
    world.pass(Duration::from_millis(1));
    let again = world.next();
    assert_eq!(again.header("mcp-session-id"), Some("s-1"));
    world.stream(&again);
    world.body(&again, &event(&result(&sent.id(), SERVER)));
    assert_eq!(world.next().header("mcp-session-id"), Some("s-1"));
}

#[test]
fn an_opening_that_is_stopped_is_not_asked_for_again_when_unwritten() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    world.exchanges.stop(world.now);
    world.settle();
    world.break_at(&sent, Stage::Unwritten, true);
    world.nothing_sent();
    assert!(world.over.is_some());
}

#[test]
fn stopping_while_the_openings_body_comes_deletes_at_once() {
    let mut world = World::of(Eras::Legacy);
    let sent = world.next();
    world.head(&sent, 200, &[("content-type", EVENTS), ("mcp-session-id", "s-1")]);
    world.exchanges.stop(world.now);
    world.settle();
    assert_eq!(world.next().request.method(), Method::DELETE);
}

#[test]
fn a_stopped_opening_does_not_try_the_old_transport() {
    let mut world = World::new(Options::default().eras(Eras::Legacy), settings().old_transport(true));
    let sent = world.next();
    world.head(&sent, 405, &[]);
    world.exchanges.stop(world.now);
    world.settle();
    world.end(&sent);
    world.nothing_sent();
    assert!(world.over.is_some());
}

#[test]
fn a_late_answer_that_counts_makes_the_requests_modern() {
    let mut world = World::new(
        Options::default().eras(Eras::Auto).discover_window(Some(Duration::from_secs(1))),
        settings(),
    );
    let discover = world.next();
    world.pass(Duration::from_secs(2));
    let init = world.next();
    assert!(init.is("initialize"), "{}", init.text());
    let r = r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"resources":{}}}"#;
    world.answer(&discover, r);
    world.status(&init, 500);
    let e = world.event();
    assert!(matches!(e, Event::Ready(_)), "{e:?}");
    world.nothing_sent();
    let (_, sent) = world.tool();
    assert_eq!(sent.header("mcp-method"), Some("tools/call"));
}

/// The server is silent until it is initialized, answers that with nothing that opens a session, and then the first
/// question.
#[test]
fn an_answer_to_initialize_that_opens_nothing_does_not_decide_the_era() {
    let options = Options::default().eras(Eras::Auto).discover_window(Some(Duration::from_secs(1)));
    let mut world = World::new(options, settings());
    let discover = world.next();
    world.pass(Duration::from_secs(2));
    let init = world.next();
    world.answer(
        &discover,
        r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}"#,
    );
    world.answer(&init, r#"{"tools":[]}"#);
    let ready = world.event();
    assert!(matches!(&ready, Event::Ready(server) if server.era == Era::Modern), "{ready:?}");
    let (_, sent) = world.tool();
    assert_eq!(sent.header("mcp-method"), Some("tools/call"));
    assert_eq!(sent.header("mcp-protocol-version"), Some("2026-07-28"));
}

#[test]
fn others_answered_in_a_batch_hold_no_place() {
    let mut world = World::legacy();
    let (one, first) = world.tool();
    let (two, second) = world.tool();
    world.json(&first, 200, &format!("[{},{}]", result(&first.id(), "{}"), result(&second.id(), "{}")));
    assert!(world.ended(one).is_ok());
    assert!(world.ended(two).is_ok());
    assert!(world.dropped.contains(&second.exchange));
}

#[test]
fn nothing_is_due_at_the_end_of_time() {
    let mut world = World::of(Eras::Legacy);
    world.exchanges.stop(world.now);
    world.pass(Duration::from_secs(10));
    assert_eq!(world.exchanges.poll_timeout(), None);
}
