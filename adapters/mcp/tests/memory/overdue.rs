//! A server that never pauses, and a deadline that has come: how much of what it says is read before that is judged.

use std::time::Duration;

use serde_json::{Value, json};
use tenure_mcp::{Error, Lease, Options};

use crate::stage::{Call, Server, Stage, config};

const TIMEOUT: Duration = Duration::from_secs(3);

/// A session whose calls have a deadline, and a server that may be read on and on.
fn live() -> (Stage, Lease, Server) {
    let mut stage = Stage::with(Options::new().session(|_| config()).call_timeout(Some(TIMEOUT)));
    let (lease, server) = stage.live();
    server.may_read_on();
    (stage, lease, server)
}

/// What comes of a call whose answer lies behind so many pieces when its deadline has passed.
fn answered_behind(pieces: usize) -> Result<Value, Error> {
    let (mut stage, lease, server) = live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let request = server.heard_one();
    // Blank lines are no messages: each is a piece and nothing else.
    server.say_in_pieces_of(1);
    server.say_bytes(&b"\n".repeat(pieces));
    server.answer(&request, &json!("in time"));
    stage.pass(TIMEOUT);
    stage.turn();
    call.poll().unwrap().map(|result| serde_json::from_str(result.get()).unwrap())
}

#[test]
fn what_lies_behind_a_thousand_pieces_when_a_deadline_has_come_still_counts() {
    assert_eq!(answered_behind(1024).unwrap(), json!("in time"));
}

#[test]
fn what_lies_behind_more_than_that_does_not() {
    let ended = answered_behind(1100);
    assert!(matches!(ended, Err(Error::TimedOut { .. })), "{ended:?}");
}

#[test]
fn a_deadline_that_has_only_just_come_has_come_although_the_server_never_pauses() {
    let (mut stage, lease, server) = live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.heard_one();
    server.say_without_end(&json!({ "jsonrpc": "2.0", "method": "notifications/progress" }));
    stage.pass(TIMEOUT);
    let ended = (0..100).find_map(|_| {
        stage.turn_once();
        call.poll()
    });
    assert!(matches!(ended, Some(Err(Error::TimedOut { .. }))), "{ended:?}");
}

#[test]
fn a_deadline_that_has_not_come_is_not_judged_however_much_is_said() {
    let (mut stage, lease, server) = live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let request = server.heard_one();
    server.say_in_pieces_of(1);
    server.say_bytes(&b"\n".repeat(2000));
    server.answer(&request, &json!("in time"));
    stage.pass(TIMEOUT.saturating_sub(Duration::from_nanos(1)));
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap().get(), r#""in time""#);
}

#[test]
fn what_came_before_a_deadline_is_not_counted_among_what_it_waits_for() {
    let (mut stage, lease, server) = live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let request = server.heard_one();
    server.say_in_pieces_of(1);
    server.say_bytes(&b"\n".repeat(1500));
    while server.unread() > 600 {
        assert!(stage.turn_once(), "there is more to read");
    }
    server.answer(&request, &json!("in time"));
    stage.pass(TIMEOUT);
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap().get(), r#""in time""#);
}
