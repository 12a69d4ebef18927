//! A server that never pauses, and a deadline of the exchanges that has come: how much of what it says is read before
//! that is judged.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tenure_mcp::Error;
use tenure_mcp::proto::types::CallToolResult;

use crate::stage::{Call, Stage};
use crate::web::Served;

/// So long a session that is gone takes answers to what was sent before.
const MOMENT: Duration = Duration::from_secs(1);

type Late = Call<'static, Result<CallToolResult, Error>>;

/// A call that waits for its answer in a session that is gone, and that many pieces on its stream.
fn late_behind(pieces: usize) -> (Stage, Late, Served) {
    let mut stage = Stage::legacy();
    let lease = Arc::new(stage.live("session-1"));
    let other = lease.clone();
    let late = Call::begun(async move { lease.call_tool("late", ()).await });
    let refused = Call::begun(other.call_tool("refused", ()));
    stage.turn();
    let [asked, gone] = <[_; 2]>::try_from(stage.web.asked()).ok().unwrap();
    asked.stream();
    stage.turn();
    gone.status(404);
    stage.turn();
    drop(refused);
    for _ in 0..pieces {
        asked.piece(": nothing\n\n");
    }
    (stage, late, asked)
}

#[test]
fn what_lies_behind_a_thousand_pieces_when_the_moment_is_over_still_counts() {
    let (mut stage, mut late, asked) = late_behind(900);
    asked.answer_as_event(&json!({ "content": [] }));
    stage.advance(MOMENT);
    late.poll().unwrap().unwrap();
}

#[test]
fn what_came_before_is_not_counted_among_that() {
    let (mut stage, mut late, asked) = late_behind(1500);
    asked.answer_as_event(&json!({ "content": [] }));
    while asked.polls() < 900 {
        assert!(stage.turn_once(), "there is more to read");
    }
    stage.advance(MOMENT);
    late.poll().unwrap().unwrap();
}

#[test]
fn a_moment_that_was_over_long_ago_is_over_although_the_server_never_pauses() {
    let (mut stage, mut late, asked) = late_behind(0);
    asked.flood(": nothing\n\n".to_owned());
    stage.pass(MOMENT * 2);
    for _ in 0..200 {
        stage.turn_once();
    }
    assert!(asked.is_dropped());
    assert!(late.poll().unwrap().is_err());
}
