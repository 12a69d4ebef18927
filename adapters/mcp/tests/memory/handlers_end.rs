//! No handler outlives what it was asked in: it ends with the server's patience, and with its connection.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tenure::Mode;
use tenure_mcp::{Options, ServerEvent};

use crate::desk::{Desk, ask};
use crate::stage::{Call, Server, Stage};

/// A server that asked, and a handler that waits.
fn asked(options: impl FnOnce(Options) -> Options) -> (Stage, tenure_mcp::Lease, Server, Desk) {
    let desk = Desk::of(&["x/wait"]);
    let mut stage = Stage::of_processes_with(options(desk.options()));
    let (lease, server) = stage.live();
    ask(&server, "1", "x/wait", "{}");
    stage.turn();
    assert_eq!((desk.gate.seen(), server.heard_text().as_str()), ((1, 0), ""));
    (stage, lease, server, desk)
}

#[test]
fn a_handler_is_dropped_when_the_server_cancels_and_nothing_is_answered() {
    let (mut stage, lease, server, desk) = asked(|options| options);
    server.say(&json!({
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": { "requestId": 1, "reason": "changed my mind" },
    }));
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 1));
    desk.gate.open();
    stage.turn();
    assert_eq!(server.heard_text(), "");
    lease.check().unwrap();
}

#[test]
fn an_answer_and_a_cancellation_at_once_are_no_answer() {
    let (mut stage, _lease, server, desk) = asked(|options| options);
    desk.gate.open();
    server
        .say(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } }));
    stage.turn();
    assert_eq!((desk.gate.seen(), server.heard_text().as_str()), ((1, 1), ""));
}

#[test]
fn a_handler_is_dropped_the_moment_that_its_session_is_closed_however_long_the_teardown_takes() {
    let (mut stage, lease, server, desk) = asked(|options| options);
    let _close = stage.client.close(Mode::Force);
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 1));
    assert!(lease.check().is_err());
    let events = stage.events();
    assert!(!events.iter().any(|event| matches!(event, ServerEvent::Disconnected { .. })), "{events:?}");
    assert!(server.sees_end_of_input());
    desk.gate.open();
    // What it asks now nobody hears.
    ask(&server, "2", "x/wait", "{}");
    stage.turn();
    assert_eq!((desk.gate.seen(), server.heard_text().as_str()), ((1, 1), ""));
    server.exit("done");
    stage.turn();
}

#[test]
fn a_graceful_close_lets_the_handlers_of_calls_in_flight_finish() {
    let (mut stage, lease, server, desk) = asked(|options| options);
    let mut close = stage.client.close(Mode::Graceful);
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 0));
    desk.gate.open();
    stage.turn();
    assert_eq!(server.heard_one()["id"], 1);
    drop(lease);
    stage.turn();
    server.exit("done");
    stage.turn();
    Call::new(&mut close).poll().unwrap();
}

#[test]
fn a_handler_is_dropped_when_its_server_is_gone() {
    let (mut stage, _lease, server, desk) = asked(|options| options);
    server.exit("killed");
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 1));
}

#[test]
fn a_handler_is_dropped_when_its_server_says_nothing_more() {
    let (mut stage, _lease, server, desk) = asked(|options| options);
    server.close_output();
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 1));
    server.exit("done");
    stage.turn();
}

#[test]
fn a_handler_whose_server_takes_nothing_more_is_dropped_and_the_clock_of_its_call_goes_on() {
    let timeout = std::time::Duration::from_secs(10);
    let desk = Desk::of(&["x/wait"]);
    let mut stage = Stage::of_processes_with(desk.options().call_timeout(Some(timeout)));
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("x", ()));
    stage.turn();
    server.heard_one();
    ask(&server, "1", "x/wait", "{}");
    stage.turn();
    server.close_input();
    // It is noticed when something is written.
    let _other = Call::begun(lease.request("y", ()));
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 1));
    ask(&server, "2", "x/wait", "{}");
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 1), "nobody is asked in vain");
    stage.advance(timeout);
    assert!(call.poll().unwrap().is_err());
    server.exit("done");
    stage.turn();
}

#[test]
fn a_handler_is_dropped_with_the_driver() {
    let (stage, lease, _server, desk) = asked(|options| options);
    drop(lease);
    drop(stage);
    assert_eq!(desk.gate.seen(), (1, 1));
}

#[test]
fn no_answer_reaches_the_next_connection() {
    let (mut stage, lease, server, desk) = asked(|options| options);
    server.exit("killed");
    stage.turn();
    drop(lease);
    let (_lease, next) = stage.live();
    ask(&next, "1", "x/wait", "{}");
    stage.turn();
    assert_eq!(desk.gate.seen(), (2, 1));
    desk.gate.open();
    stage.turn();
    assert_eq!(next.heard_one()["id"], 1);
    assert_eq!((desk.gate.seen(), server.heard_text().as_str()), ((2, 2), ""));
    assert_eq!(desk.seen.lock().unwrap()[1]["generation"], 2);
}

#[test]
fn a_handler_that_panics_when_it_is_dropped_costs_nobody_anything() {
    let desk = Desk::of(&["x/panic-dropped"]);
    let mut stage = Stage::with(desk.options());
    let (lease, server) = stage.live();
    ask(&server, "1", "x/panic-dropped", "{}");
    stage.turn();
    server
        .say(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } }));
    stage.turn();
    assert_eq!(desk.gate.seen(), (1, 1));
    lease.check().unwrap();
}

#[test]
fn a_handler_that_panics_when_its_driver_is_dropped_does_not_change_how_that_ended() {
    let ends = ["x/wait", "x/panic-dropped"].map(|method| {
        let (desk, told) = (Desk::of(&[method]), Arc::new(Mutex::new(Vec::new())));
        let heard = told.clone();
        let mut stage = Stage::heard_by(desk.options(), move |_, event| {
            if let ServerEvent::Disconnected { .. } = event {
                heard.lock().unwrap().push(format!("{event:?}"));
            }
        });
        let (_lease, server) = stage.live();
        ask(&server, "1", method, "{}");
        stage.turn();
        drop(stage);
        assert_eq!(desk.gate.seen(), (1, 1));
        let told = told.lock().unwrap();
        told.clone()
    });
    assert_eq!(ends[0].len(), 1);
    assert_eq!(ends[0], ends[1]);
}
