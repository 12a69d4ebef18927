//! The states of a generation whose server is known to be a process.

use std::time::Duration;

use serde_json::json;
use tenure::Mode;
use tenure::state::StateName;
use tenure_mcp::{Delivery, Error};

use crate::stage::{Call, Stage};

fn failure(error: &Error) -> String {
    match error {
        Error::Lost { failure, .. } | Error::ConnectFailed { failure, .. } => failure.to_string(),
        other => panic!("{other}"),
    }
}

#[test]
fn how_a_server_ended_says_more_than_how_its_output_did() {
    let mut stage = Stage::of_processes();
    let (lease, server) = stage.live();
    server.close_output();
    stage.turn();
    lease.check().unwrap();
    stage.advance(Duration::from_millis(99));
    lease.check().unwrap();
    server.exit("status 3");
    stage.turn();
    assert_eq!(failure(&lease.check().unwrap_err()), "status 3");
}

#[test]
fn a_server_that_closes_its_output_and_lives_is_let_go_in_order() {
    let mut stage = Stage::of_processes();
    let (lease, server) = stage.live();
    let mut sent = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.heard_one();
    server.close_output();
    stage.turn();
    assert!(sent.poll().is_none(), "how it ended may still be told");
    stage.advance(Duration::from_millis(100));
    let error = sent.poll().unwrap().unwrap_err();
    assert_eq!(
        (failure(&error).as_str(), error.delivery()),
        ("the server says nothing more", Delivery::Unknown)
    );
    let late = Call::new(lease.request("tools/call", ())).poll().unwrap().unwrap_err();
    assert_eq!(
        (failure(&late).as_str(), late.delivery()),
        ("the server takes no calls any more", Delivery::NotSent)
    );
    assert!(server.sees_end_of_input());
    assert!(!server.is_hurried());
    lease.check().unwrap();
    // Nobody new is given it.
    let client = stage.client.clone();
    let mut next = Call::begun(client.acquire());
    drop(sent);
    drop(lease);
    stage.turn();
    assert!(next.poll().is_none());
    assert!(!server.is_hurried(), "it has the time that a stop gives");
    server.exit("status 0");
    stage.turn();
    assert_eq!(stage.client.state().name(), StateName::Connecting);
}

#[test]
fn leases_of_a_server_that_says_nothing_more_are_revoked_with_the_finish_deadline() {
    let mut stage = Stage::of_processes();
    let (lease, server) = stage.live();
    server.close_output();
    stage.turn();
    stage.advance(Duration::from_millis(100));
    stage.advance(Duration::from_secs(5));
    assert_eq!(failure(&lease.check().unwrap_err()), "the server closed its output");
    assert!(!server.is_hurried());
    stage.advance(Duration::from_secs(3));
    assert!(server.is_hurried());
}

#[test]
fn a_server_that_ends_while_it_is_let_go_is_lost_for_the_first_reason() {
    let mut stage = Stage::of_processes();
    let (lease, server) = stage.live();
    server.close_output();
    stage.turn();
    stage.advance(Duration::from_millis(100));
    server.exit("status 3");
    stage.turn();
    assert_eq!(failure(&lease.check().unwrap_err()), "the server closed its output");
    assert_eq!(stage.client.state().name(), StateName::Idle);
}

#[test]
fn a_close_interrupts_the_wait_for_how_a_server_ended() {
    let mut stage = Stage::of_processes();
    let (_lease, server) = stage.live();
    server.close_output();
    stage.turn();
    drop(stage.client.close(Mode::Force));
    stage.turn();
    assert!(server.sees_end_of_input());
    assert_eq!(stage.client.state().name(), StateName::Draining);
}

#[test]
fn what_lies_in_the_pipe_of_a_server_that_ended_counts() {
    let mut stage = Stage::of_processes();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let request = server.heard_one();
    server.answer(&request, &json!({ "n": 1 }));
    server.exit("status 0");
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap().get(), r#"{"n":1}"#);
    assert_eq!(failure(&lease.check().unwrap_err()), "status 0");
}

/// A process that it left behind has the pipe, and never pauses.
#[test]
fn what_a_server_left_behind_is_not_listened_to_without_end() {
    let mut stage = Stage::of_processes();
    let (lease, server) = stage.live();
    server.exit("status 0");
    server.may_read_on();
    server.say_without_end(&json!({ "jsonrpc": "2.0", "method": "notifications/x" }));
    for _ in 0..3 {
        stage.turn_once();
    }
    assert_eq!(failure(&lease.check().unwrap_err()), "status 0");
}

#[test]
fn what_a_server_says_while_it_unwinds_is_read_and_dropped() {
    let mut stage = Stage::of_processes();
    let (_lease, server) = stage.live();
    let mut close = Call::begun(stage.client.close(Mode::Force));
    stage.turn();
    assert!(server.sees_end_of_input());
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/x" }));
    stage.turn();
    assert_eq!(server.unread(), 0);
    assert!(stage.events().is_empty());
    assert!(close.poll().is_none());
    server.exit("status 0");
    stage.turn();
    assert!(close.poll().is_some());
}

#[test]
fn a_server_that_never_pauses_while_it_unwinds_lets_others_have_a_turn() {
    let mut stage = Stage::of_processes();
    let (_lease, server) = stage.live();
    let mut close = Call::begun(stage.client.close(Mode::Force));
    server.say_without_end(&json!({ "jsonrpc": "2.0", "method": "notifications/x" }));
    for _ in 0..3 {
        assert!(stage.turn_once(), "there is more to read");
    }
    server.exit("status 0");
    for _ in 0..3 {
        stage.turn_once();
    }
    assert!(close.poll().is_some());
}

#[test]
fn a_server_that_does_not_unwind_in_time_is_hurried() {
    let mut stage = Stage::of_processes();
    let (_lease, server) = stage.live();
    let mut close = Call::begun(stage.client.close(Mode::Force));
    stage.turn();
    stage.advance(Duration::from_millis(2999));
    assert!(!server.is_hurried());
    stage.advance(Duration::from_millis(1));
    assert!(server.is_hurried());
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/x" }));
    stage.turn();
    assert_eq!(server.unread(), 0);
    assert!(close.poll().is_none());
    server.exit("signal 15");
    stage.turn();
    assert!(close.poll().is_some());
}
