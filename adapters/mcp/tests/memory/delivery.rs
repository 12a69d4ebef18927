//! How far a call got that has no result, and what is made again for it.

use std::time::Duration;

use serde_json::json;
use tenure::Mode;
use tenure_mcp::{Delivery, Error, Options};

use crate::stage::{Call, Stage, config};

#[test]
fn a_call_that_was_sent_may_have_been_done_when_its_session_is_lost() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.heard_one();
    server.close_output();
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap_err().delivery(), Delivery::Unknown);
}

#[test]
fn a_call_that_was_never_written_was_not_sent() {
    for how in ["lost", "closed"] {
        let mut stage = Stage::new();
        let (lease, server) = stage.live();
        server.take_only(0);
        // The first is in the hands of the writer, which is stuck.
        let mut stuck = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        let mut queued = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        match how {
            "lost" => server.close_output(),
            _ => drop(stage.client.close(Mode::Force)),
        }
        stage.turn();
        assert_eq!(stuck.poll().unwrap().unwrap_err().delivery(), Delivery::Unknown, "{how}");
        assert_eq!(queued.poll().unwrap().unwrap_err().delivery(), Delivery::NotSent, "{how}");
    }
}

#[test]
fn a_call_on_a_lease_that_was_revoked_before_was_not_sent() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    server.close_output();
    stage.turn();
    let error = Call::new(lease.request("tools/call", ())).poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::Lost { delivery: Delivery::NotSent, .. }), "{error:?}");
    assert!(error.is_retryable());
}

#[test]
fn a_call_whose_deadline_passed_may_have_been_done() {
    let mut stage =
        Stage::with(Options::new().session(|_| config()).call_timeout(Some(Duration::from_secs(1))));
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.heard_one();
    stage.advance(Duration::from_secs(1));
    assert_eq!(call.poll().unwrap().unwrap_err().delivery(), Delivery::Unknown);
}

#[test]
fn a_one_shot_call_that_was_not_sent_is_made_again_on_the_next_connection() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    server.take_only(0);
    let _stuck = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let client = stage.client.clone();
    let mut call = Call::begun(client.ping());
    stage.turn();
    server.close_output();
    stage.turn();
    assert!(call.poll().is_none(), "it waits for the next connection");
    stage.turn();
    let next = stage.server();
    let initialize = next.heard_one();
    assert_eq!(initialize["method"], "initialize");
    next.answer(&initialize, &json!({ "protocolVersion": "2025-11-25", "capabilities": {} , "serverInfo": { "name": "next", "version": "1" }}));
    stage.turn();
    assert!(call.poll().is_none());
    stage.turn();
    let ping = next.heard().pop().unwrap();
    assert_eq!(ping["method"], "ping");
    next.answer(&ping, &json!({}));
    stage.turn();
    call.poll().unwrap().unwrap();
}

#[test]
fn a_one_shot_call_that_was_sent_or_whose_session_was_closed_is_not_made_again() {
    for how in ["sent", "closed"] {
        let mut stage = Stage::new();
        let (lease, server) = stage.live();
        if how == "closed" {
            server.take_only(0);
        }
        let _stuck = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        let client = stage.client.clone();
        let mut call = Call::begun(client.ping());
        stage.turn();
        match how {
            "sent" => server.close_output(),
            _ => drop(stage.client.close(Mode::Force)),
        }
        stage.turn();
        let error = call.poll().unwrap().unwrap_err();
        let expected = if how == "sent" { Delivery::Unknown } else { Delivery::NotSent };
        assert_eq!(error.delivery(), expected, "{how}: {error}");
    }
}

#[test]
fn a_one_shot_notification_that_was_not_sent_goes_out_on_the_next_connection() {
    let mut stage = Stage::new();
    let client = stage.client.clone();
    let mut told = Call::begun(client.notify("notifications/x", ()));
    let (lease, server) = stage.live();
    drop(lease);
    // It has its lease, and has not looked yet.
    server.close_output();
    stage.turn();
    assert!(told.poll().is_none(), "it waits for the next connection");
    let (_lease, server) = stage.live();
    told.poll().unwrap().unwrap();
    stage.turn();
    assert_eq!(server.heard_one()["method"], "notifications/x");
}

#[test]
fn a_session_that_is_no_session_of_http_has_no_id() {
    let mut stage = Stage::new();
    let (lease, _server) = stage.live();
    assert_eq!(Call::new(lease.session_hint()).poll().unwrap().unwrap(), None);
}
