//! The whole program was stopped, or its executor blocked, for longer than a deadline: what the server has sent by then
//! is judged before the deadline is.

use std::time::Duration;

use serde_json::json;
use tenure::{Config, KeepAlive, Probe};
use tenure_mcp::{Deadline, Eras, Error, Options};

use crate::stage::{Call, Stage, discovered, initialized, options, server};

const LONG: Duration = Duration::from_secs(3600);

fn short() -> Options {
    options().eras(Eras::Legacy).call_timeout(Some(Duration::from_secs(3)))
}

#[test]
fn an_answer_that_has_come_counts_although_the_deadline_of_its_call_has_passed() {
    let mut stage = Stage::with(short(), server());
    let lease = stage.live("session-1");
    let mut calls: Vec<_> = (0..4).map(|_| Call::begun(lease.call_tool("add", ()))).collect();
    stage.turn();
    let [whole, streamed, refused, silent] = <[_; 4]>::try_from(stage.web.asked()).ok().unwrap();
    streamed.stream();
    stage.turn();
    whole.answer(&json!({ "content": [] }));
    for _ in 0..100 {
        streamed.piece(": nothing\n\n");
    }
    streamed.event(&json!({ "jsonrpc": "2.0", "id": streamed.message()["id"], "result": { "content": [] } }));
    refused.refuse(200, -32602);
    stage.advance(LONG);
    let mut calls = calls.iter_mut().map(|call| call.poll().unwrap());
    calls.next().unwrap().unwrap();
    calls.next().unwrap().unwrap();
    assert!(matches!(calls.next(), Some(Err(Error::Server(_)))));
    assert!(matches!(calls.next(), Some(Err(Error::TimedOut { deadline: Deadline::Call, .. }))));
    assert!(silent.is_dropped());
}

#[test]
fn a_session_is_opened_by_an_answer_that_has_come_although_the_connect_deadline_has_passed() {
    let mut stage = Stage::legacy();
    let (mut acquire, initialize) = stage.opening();
    initialize.answer_with(&[("mcp-session-id", "session-1")], &initialized());
    stage.turn();
    stage.web.asked_for("notifications/initialized").status(202);
    stage.advance(LONG);
    drop(acquire.poll().unwrap().unwrap());

    let mut stage = Stage::with(options().eras(Eras::Auto), server());
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    stage.web.asked_for("server/discover").answer(&discovered());
    stage.advance(LONG);
    drop(acquire.poll().unwrap().unwrap());
}

#[test]
fn a_probe_that_was_answered_is_although_its_deadline_has_passed() {
    let probe = Probe { interval: Duration::from_secs(30), timeout: Duration::from_secs(10) };
    let probed = options().session(|_| Config::default().keep_alive(KeepAlive::Always).probe(Some(probe)));
    let mut stage = Stage::with(probed.eras(Eras::Legacy), server());
    let lease = stage.live("session-1");
    stage.advance(Duration::from_secs(30));
    stage.web.asked_for("ping").answer(&json!({}));
    stage.advance(LONG);
    lease.check().unwrap();
}
