//! A session's life: how it begins, serves and ends.

use std::time::Duration;

use serde_json::json;
use tenure::Mode;
use tenure_mcp::ServerEvent;

use crate::stage::{Call, Stage};

#[test]
fn a_session_is_opened_served_and_ended() {
    let mut stage = Stage::legacy();
    let lease = stage.live("session-1");
    let mut call = Call::begun(lease.call_tool("add", json!({ "a": 1 })));
    stage.turn();
    let asked = stage.web.asked_for("tools/call");
    assert_eq!(asked.header("mcp-session-id"), Some("session-1"));
    assert_eq!(asked.header("mcp-protocol-version"), Some("2025-11-25"));
    assert_eq!(asked.request.uri(), "http://127.0.0.1:80/mcp?key=query-secret");
    asked.answer(&json!({ "content": [{ "type": "text", "text": "2" }] }));
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap().text(), "2");

    drop(call);
    drop(lease);
    let _closing = stage.client.shutdown(Mode::Graceful);
    stage.turn();
    let end = stage.web.asked_for("DELETE");
    assert_eq!(end.header("mcp-session-id"), Some("session-1"));
    assert!(!stage.is_over(), "its answer is waited for");
    end.status(200);
    stage.turn();
    assert!(stage.is_over());
}

#[test]
fn a_server_that_hangs_at_the_end_holds_it_up_for_a_second() {
    let mut stage = Stage::legacy();
    drop(stage.live("session-1"));
    let _closing = stage.client.shutdown(Mode::Graceful);
    stage.turn();
    let end = stage.web.asked_for("DELETE");
    stage.advance(Duration::from_millis(999));
    assert!(!stage.is_over());
    stage.advance(Duration::from_millis(1));
    assert!(stage.is_over());
    assert!(end.is_dropped());
}

#[test]
fn that_something_may_have_been_missed_is_told() {
    let mut stage = Stage::legacy();
    let (mut acquire, initialize) = stage.opening();
    stage.confirm(&initialize, "session-1");
    let _lease = acquire.poll().unwrap().unwrap();
    for _ in 0..2 {
        let listening = stage.web.asked_for("GET");
        listening.stream();
        stage.turn();
        listening.end();
        stage.turn();
        stage.advance(Duration::from_secs(1));
    }
    let events = stage.events();
    assert!(events.iter().any(|event| matches!(event, ServerEvent::Gap)), "{events:?}");
}

#[test]
fn a_call_costs_a_poll_to_go_out_and_one_to_come_back() {
    let mut stage = Stage::legacy();
    let lease = stage.live("own");
    stage.turn();
    for _ in 0..3 {
        let begun = stage.polls();
        let mut call = Call::begun(lease.call_tool("add", ()));
        stage.turn();
        assert_eq!(stage.polls(), begun + 1);
        stage.web.asked_for("tools/call").answer(&json!({ "content": [] }));
        stage.turn();
        assert_eq!(stage.polls(), begun + 2);
        call.poll().unwrap().unwrap();
    }
}
