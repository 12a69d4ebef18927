//! A server that closes its input and still answers, as a process and as no more than a stream of bytes.

use std::time::Duration;

use serde_json::json;
use tenure::Mode;
use tenure::state::StateName;
use tenure_mcp::proto::types::Raw;
use tenure_mcp::{Delivery, Error, Lease, Options, ServerEvent};

use crate::stage::{Call, Server, Stage, config};

const MOMENT: Duration = Duration::from_millis(100);

fn reason(error: &Error) -> (String, Delivery) {
    match error {
        Error::Lost { failure, delivery, .. } => (failure.to_string(), *delivery),
        other => panic!("{other}"),
    }
}

fn takes_no_calls() -> (String, Delivery) {
    ("the server takes no calls any more".to_owned(), Delivery::NotSent)
}

fn both() -> [(&'static str, Stage); 2] {
    [("a process", Stage::of_processes()), ("a stream", Stage::new())]
}

type Answer = Result<Raw, Error>;

/// A call that the server took, and one that it can't take any more; the moment in which it may end has passed.
fn sent_and_unsent<'a>(
    stage: &mut Stage,
    lease: &'a Lease,
    server: &Server,
) -> (Call<'a, Answer>, Call<'a, Answer>) {
    let sent = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.heard_one();
    server.close_input();
    let unsent = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    stage.advance(MOMENT);
    (sent, unsent)
}

#[test]
fn the_answer_that_comes_later_reaches_its_caller() {
    for (what, mut stage) in both() {
        let (lease, server) = stage.live();
        let mut sent = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        let request = server.heard_one();
        server.close_input();
        let mut unsent = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        assert!(sent.poll().is_none() && unsent.poll().is_none(), "{what}: how it ended may still be told");
        stage.advance(MOMENT);
        assert_eq!(reason(&unsent.poll().unwrap().unwrap_err()), takes_no_calls(), "{what}");
        let late = Call::new(lease.request("tools/call", ())).poll().unwrap().unwrap_err();
        assert_eq!(reason(&late), takes_no_calls(), "{what}");
        stage.advance(20 * MOMENT);
        assert!(sent.poll().is_none(), "{what}");
        server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/last" }));
        server.answer(&request, &json!({ "n": 1 }));
        stage.turn();
        assert_eq!(sent.poll().unwrap().unwrap().get(), r#"{"n":1}"#, "{what}");
        assert!(matches!(stage.events()[..], [ServerEvent::Notification { .. }]), "{what}");
        lease.check().unwrap();
    }
}

#[test]
fn the_answer_that_lies_in_the_pipe_reaches_its_caller_though_the_server_has_ended() {
    for exits in [true, false] {
        let mut stage = Stage::of_processes();
        let (lease, server) = stage.live();
        let mut sent = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        server.answer(&server.heard_one(), &json!({ "n": 1 }));
        server.close_input();
        let _unsent = Call::begun(lease.request("tools/call", ()));
        if exits {
            server.exit("status 3");
        } else {
            server.close_output();
        }
        stage.turn();
        assert_eq!(sent.poll().unwrap().unwrap().get(), r#"{"n":1}"#, "exits: {exits}");
    }
}

#[test]
fn nobody_new_is_given_it_and_it_is_stopped_when_its_leases_are_given_back() {
    for (what, mut stage) in both() {
        let (lease, server) = stage.live();
        server.close_input();
        let mut unsent = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        stage.advance(MOMENT);
        assert!(unsent.poll().is_some());
        let client = stage.client.clone();
        let mut next = Call::begun(client.acquire());
        stage.turn();
        assert_eq!(stage.client.state().name(), StateName::Draining, "{what}");
        drop(unsent);
        drop(lease);
        stage.turn();
        assert!(next.poll().is_none());
        server.exit("status 0");
        stage.turn();
        assert_eq!(stage.client.state().name(), StateName::Connecting, "{what}");
        assert_eq!(stage.server().heard_one()["method"], "initialize", "{what}");
    }
}

/// The new one waits for the end of the old one, which is due when the leases are revoked.
#[test]
fn leases_are_revoked_with_the_finish_deadline_and_what_broke_is_the_reason() {
    let mut stage = Stage::of_processes();
    let (lease, server) = stage.live();
    let (mut sent, _unsent) = sent_and_unsent(&mut stage, &lease, &server);
    stage.advance(Duration::from_millis(4999));
    assert!(sent.poll().is_none());
    stage.advance(Duration::from_millis(1));
    assert_eq!(reason(&sent.poll().unwrap().unwrap_err()), ("broken pipe".to_owned(), Delivery::Unknown));
    assert_eq!(reason(&lease.check().unwrap_err()).0, "broken pipe");
}

#[test]
fn a_call_ends_with_its_own_deadline() {
    let options = Options::new().session(|_| config()).call_timeout(Some(Duration::from_secs(1)));
    let mut stage = Stage::with(options);
    let (lease, server) = stage.live();
    let (mut sent, _unsent) = sent_and_unsent(&mut stage, &lease, &server);
    stage.advance(Duration::from_secs(1));
    let error = sent.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut { delivery: Delivery::Unknown, .. }), "{error}");
    lease.check().unwrap();
}

#[test]
fn calls_end_when_its_output_ends_too() {
    let mut stage = Stage::of_processes();
    let (lease, server) = stage.live();
    let (mut sent, _unsent) = sent_and_unsent(&mut stage, &lease, &server);
    server.close_output();
    stage.turn();
    let error = sent.poll().unwrap().unwrap_err();
    assert_eq!(reason(&error), ("the server says nothing more".to_owned(), Delivery::Unknown));
    lease.check().unwrap();
}

#[test]
fn how_a_server_ended_says_more_than_that_it_takes_nothing() {
    for is_late in [false, true] {
        let mut stage = Stage::of_processes();
        let (lease, server) = stage.live();
        server.close_input();
        let mut unsent = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        stage.advance(if is_late { MOMENT } else { Duration::from_millis(99) });
        server.exit("status 3");
        stage.turn();
        let told = lease.check().unwrap_err();
        let (why, delivery) = reason(&unsent.poll().unwrap().unwrap_err());
        assert_eq!(delivery, Delivery::NotSent);
        if is_late {
            assert_eq!((reason(&told).0, why), ("broken pipe".to_owned(), takes_no_calls().0));
        } else {
            assert_eq!((reason(&told).0, why), ("status 3".to_owned(), "status 3".to_owned()));
        }
    }
}

#[test]
fn a_request_that_was_written_in_part_was_not_sent() {
    for is_lost in [true, false] {
        let mut stage = Stage::of_processes();
        let (lease, server) = stage.live();
        server.take_only(10);
        let mut part = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        server.close_input();
        stage.turn();
        if is_lost {
            server.exit("status 3");
            stage.turn();
        } else {
            stage.advance(MOMENT);
        }
        let error = part.poll().unwrap().unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent, "lost: {is_lost}");
    }
}

#[test]
fn a_one_shot_call_that_could_not_be_sent_is_made_again_on_the_next_connection() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    drop(lease);
    server.close_input();
    let client = stage.client.clone();
    let mut call = Call::begun(client.ping());
    stage.turn();
    assert!(call.poll().is_none(), "it is told when nobody can be given this connection");
    stage.turn();
    assert!(call.poll().is_none());
    stage.advance(MOMENT);
    assert!(call.poll().is_none());
    stage.turn();
    let next = stage.server();
    let initialize = next.heard_one();
    assert_eq!(initialize["method"], "initialize");
}

/// Its answer to the handshake is the last thing that it said; callers get the reason, and not a session.
#[test]
fn a_server_that_takes_nothing_from_the_start_is_no_server() {
    let mut stage = Stage::of_legacy_processes();
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn_once();
    let server = stage.server();
    server.close_input();
    // The reader is behind nothing: what it says is heard meanwhile.
    server.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    stage.turn();
    stage.advance(MOMENT);
    let error = acquire.poll().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "could not connect: broken pipe");
    assert_eq!(server.unread(), 0);
}

#[test]
fn a_close_interrupts_the_wait() {
    for waited in [Duration::ZERO, MOMENT] {
        let mut stage = Stage::of_processes();
        let (lease, server) = stage.live();
        server.close_input();
        let mut unsent = Call::begun(lease.request("tools/call", ()));
        stage.turn();
        stage.advance(waited);
        let mut close = Call::begun(stage.client.close(Mode::Force));
        stage.turn();
        assert_eq!(unsent.poll().unwrap().unwrap_err().delivery(), Delivery::NotSent);
        server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/x" }));
        stage.turn();
        assert_eq!(server.unread(), 0, "it is read so that it can end");
        server.exit("status 0");
        stage.turn();
        assert!(close.poll().is_some());
    }
}
