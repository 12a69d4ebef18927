//! Which era a server speaks, over HTTP (MCP 2026-07-28, basic/versioning, "Backward Compatibility").

use std::time::Duration;

use tenure_mcp_proto::http::Stage;
use tenure_mcp_proto::{CallError, Era, Eras, Event, HandshakeError, Options};

use crate::world::*;

fn probed() -> (World, Sent) {
    let mut world = World::of(Eras::Auto);
    let probe = world.next();
    assert!(probe.is("server/discover"));
    (world, probe)
}

#[test]
fn a_modern_server_is_asked_once() {
    let mut world = World::of(Eras::Auto);
    world.discover();
    assert_eq!(world.connection.learned_era(), Some(Era::Modern));
    world.nothing_sent();
}

#[test]
fn a_server_of_the_modern_era_keeps_nothing_of_its_connection() {
    let mut world = World::of(Eras::Auto);
    world.discover();
    assert!(world.connection.is_stateless());
    assert!(!World::legacy().connection.is_stateless(), "it has a session");
}

#[test]
fn whatever_else_came_back_initialize_decides() {
    for (status, body) in [
        (200, error("1", -32601)),
        (200, error("null", -32600)),
        (400, error("\"server-error\"", -32600)),
        (404, error("1", -32601)),
        (400, String::new()),
        (400, "Invalid session ID".to_owned()),
        (404, String::new()),
        (405, String::new()),
        (406, String::new()),
        (415, String::new()),
        (500, String::new()),
        (200, String::new()),
        (200, result("1", "{}")),
    ] {
        let (mut world, probe) = probed();
        world.json(&probe, status, &body);
        let sent = world.next();
        assert!(sent.is("initialize"), "{status} {body}: {}", sent.text());
        for absent in ["mcp-session-id", "mcp-protocol-version", "mcp-method"] {
            assert_eq!(sent.header(absent), None, "{absent}");
        }
    }
}

#[test]
fn an_error_of_the_modern_era_alone_never_leads_to_initialize() {
    for code in [-32020, -32021] {
        for status in [200, 400] {
            let (mut world, probe) = probed();
            world.json(&probe, status, &error("null", code));
            assert!(matches!(world.event(), Event::HandshakeFailed(_)), "{code}");
            world.nothing_sent();
        }
    }
}

#[test]
fn a_server_that_names_its_versions_is_asked_in_one_of_them() {
    let unsupported = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"m","data":{"supported":["2025-06-18"]}}}"#;
    let (mut world, probe) = probed();
    world.json(&probe, 400, unsupported);
    let sent = world.next();
    assert!(sent.is("initialize") && sent.text().contains("2025-06-18"), "{}", sent.text());
    let (mut world, probe) = probed();
    world.json(&probe, 400, &unsupported.replace("2025-06-18", "2026-07-28"));
    assert!(world.next().is("server/discover"));
}

#[test]
fn a_server_that_is_busy_is_asked_once_more_when_it_says() {
    for status in [429, 503] {
        let (mut world, probe) = probed();
        world.reply(&probe, status, &[("retry-after", "2")], "");
        world.nothing_sent();
        world.pass(Duration::from_secs(2));
        let again = world.next();
        assert!(again.is("server/discover"));
        world.reply(&again, status, &[("retry-after", "2")], "");
        assert!(
            matches!(world.event(), Event::HandshakeFailed(_)),
            "it is busy: that says nothing of its era"
        );
        world.nothing_sent();
        let (mut world, probe) = probed();
        world.reply(&probe, status, &[("retry-after", "600")], "");
        let Event::HandshakeFailed(HandshakeError::Failed(CallError::Http(error))) = world.event() else {
            panic!("nobody waits that long");
        };
        assert!(error.is_retryable());
        let (mut world, probe) = probed();
        world.status(&probe, status);
        assert!(world.next().is("initialize"), "without a time it may be of the other era");
    }
}

#[test]
fn a_server_that_answers_neither_is_told_of_with_both_findings() {
    let (mut world, probe) = probed();
    world.status(&probe, 502);
    let sent = world.next();
    world.status(&sent, 500);
    let Event::HandshakeFailed(error) = world.event() else { panic!("it can't be opened") };
    let words = error.to_string();
    assert!(words.contains("500") && words.contains("502"), "{words}");
}

#[test]
fn what_came_twice_is_told_once() {
    let (mut world, probe) = probed();
    world.reply(&probe, 500, &[("content-type", "text/plain")], "down");
    let sent = world.next();
    world.reply(&sent, 500, &[("content-type", "text/plain")], "down");
    let Event::HandshakeFailed(error) = world.event() else { panic!("it can't be opened") };
    assert_eq!(error.to_string().matches("down").count(), 1, "{error}");
}

#[test]
fn a_server_that_can_not_be_reached_teaches_nothing() {
    for stage in [Stage::Connect, Stage::Tls] {
        let (mut world, probe) = probed();
        world.break_at(&probe, stage, false);
        assert!(
            matches!(world.event(), Event::HandshakeFailed(error) if error.to_string().contains("broken"))
        );
        world.nothing_sent();
    }
}

#[test]
fn a_silent_server_is_initialized_and_its_late_answer_is_kept_until_that_is_decided() {
    let window = Duration::from_secs(5);
    let options = || Options::default().eras(Eras::Auto).discover_window(Some(window));
    let mut world = World::new(options(), settings());
    let probe = world.next();
    world.pass(window);
    let sent = world.next();
    assert!(sent.is("initialize") && world.dropped.is_empty(), "no cancel, and it may be answered still");
    world.answer(&probe, r#"{"supportedVersions":["2026-07-28"],"capabilities":{}}"#);
    world.quiet();
    world.status(&sent, 500);
    assert!(matches!(world.event(), Event::Ready(server) if server.era == Era::Modern));
    let mut world = World::new(options(), settings());
    let probe = world.next();
    world.pass(window);
    world.initialize(Some("s"));
    assert_eq!(world.dropped, [probe.exchange], "it matters no more");
}

#[test]
fn a_modern_server_that_speaks_no_json_rpc_any_more_is_asked_whether_it_does() {
    for status in [400, 404, 405] {
        let mut world = World::modern();
        let (id, sent) = world.tool();
        world.status(&sent, status);
        let question = world.next();
        assert!(question.is("server/discover"), "{}", question.text());
        assert!(question.text().contains("io.modelcontextprotocol/protocolVersion"));
        assert_eq!(question.header("mcp-protocol-version"), Some("2026-07-28"));
        assert!(world.is_open(id));
        world.answer(&question, r#"{"supportedVersions":["2026-07-28"]}"#);
        assert_eq!(world.failed(id).status, Some(status));
        assert!(world.retiring.is_none());
        let (id, sent) = world.tool();
        world.status(&sent, status);
        let question = world.next();
        world.json(&question, 404, &error("null", -32601));
        assert!(world.retiring.is_some());
        assert_eq!(world.delivery(id), tenure_mcp_proto::Delivery::Refused);
        // A result that names no versions is none of this era.
        let mut world = World::modern();
        let (id, sent) = world.tool();
        world.status(&sent, status);
        let question = world.next();
        world.answer(&question, "{}");
        assert!(world.retiring.is_some());
        assert_eq!(world.delivery(id), tenure_mcp_proto::Delivery::Refused);
    }
}

#[test]
fn a_ping_before_the_session_is_there_is_no_question_of_the_other_era() {
    let mut world = World::of(Eras::Legacy);
    world.next();
    world.call("ping", "{}");
    let ping = world.next();
    assert!(ping.is("ping"), "{}", ping.text());
    assert_eq!(ping.header("mcp-method"), None);
}

#[test]
fn a_question_of_the_era_on_an_open_session_is_a_call_like_others() {
    let mut world = World::modern();
    let id = world.call("server/discover", "{}");
    let sent = world.next();
    world.json(&sent, 400, &error("99", -32000));
    assert_eq!(world.failed(id).status, Some(400));
}
