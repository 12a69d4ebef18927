//! The whole program was stopped, or its executor blocked, for longer than a deadline: what lies in the pipe by then
//! is judged before the deadline is.

use std::time::Duration;

use serde_json::{Value, json};
use tenure::state::StateName;
use tenure::{Cause, Probe};
use tenure_mcp::{Error, Options, ServerEvent};

use crate::stage::{Call, Server, Stage, config};

const LONG: Duration = Duration::from_secs(3600);
const LAG: Duration = Duration::from_millis(1);

fn initialized() -> Value {
    json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "serverInfo": { "name": "by hand", "version": "1" },
    })
}

#[test]
fn an_answer_that_lies_in_the_pipe_counts_although_its_deadline_has_passed() {
    let mut stage =
        Stage::with(Options::new().session(|_| config()).call_timeout(Some(Duration::from_secs(3))));
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.answer(&server.heard_one(), &json!("in time"));
    stage.advance(LONG);
    assert_eq!(call.poll().unwrap().unwrap().get(), r#""in time""#);
}

#[test]
fn an_answer_that_lies_behind_many_messages_counts_too() {
    let mut stage =
        Stage::with(Options::new().session(|_| config()).call_timeout(Some(Duration::from_secs(3))));
    let (lease, server) = stage.live();
    server.may_read_on();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let request = server.heard_one();
    for _ in 0..200 {
        let text = "x".repeat(10_000);
        server
            .say(&json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "data": text } }));
    }
    server.answer(&request, &json!("in time"));
    stage.advance(LONG);
    assert_eq!(call.poll().unwrap().unwrap().get(), r#""in time""#);
}

#[test]
fn a_server_that_never_pauses_does_not_put_off_a_deadline_for_ever() {
    let mut stage =
        Stage::with(Options::new().session(|_| config()).call_timeout(Some(Duration::from_secs(3))));
    let (lease, server) = stage.live();
    server.may_read_on();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    server.say_without_end(&json!({ "jsonrpc": "2.0", "method": "notifications/progress" }));
    stage.pass(LONG);
    let ended = (0..100).find_map(|_| {
        stage.turn_once();
        call.poll()
    });
    assert!(matches!(ended, Some(Err(Error::TimedOut { .. }))), "{ended:?}");
}

#[test]
fn a_probe_whose_answer_lies_in_the_pipe_is_answered() {
    let probe = Probe { interval: Duration::from_secs(10), timeout: Duration::from_secs(2) };
    let mut stage = Stage::with(Options::new().session(|_| config().probe(Some(probe))));
    let (lease, server) = stage.live();
    stage.advance(Duration::from_secs(10));
    server.answer(&server.heard_one(), &json!({}));
    stage.advance(LONG);
    lease.check().unwrap();
}

#[test]
fn a_handshake_whose_answer_lies_in_the_pipe_succeeds_although_the_connect_deadline_has_passed() {
    let mut stage = Stage::new();
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let server = stage.server();
    let initialize = stage.asked_for_handshake(&server);
    server.answer(&initialize, &initialized());
    stage.advance(LONG);
    acquire.poll().unwrap().unwrap().check().unwrap();
}

#[test]
fn a_handshake_with_a_deadline_of_its_own_succeeds_too() {
    let protocol = tenure_mcp::proto::Options::default().handshake_timeout(Some(Duration::from_secs(1)));
    let mut stage = Stage::with(Options::new().session(|_| config()).protocol(|_| protocol));
    let client = stage.client.clone();
    let mut acquire = Call::begun(client.acquire());
    stage.turn();
    let server = stage.server();
    server.answer(&server.heard_one(), &initialized());
    stage.advance(LONG);
    acquire.poll().unwrap().unwrap().check().unwrap();
}

#[test]
fn a_probe_whose_answer_lies_behind_many_messages_is_answered() {
    let probe = Probe { interval: Duration::from_secs(10), timeout: Duration::from_secs(2) };
    let mut stage = Stage::with(Options::new().session(|_| config().probe(Some(probe))));
    let (lease, server) = stage.live();
    server.may_read_on();
    stage.advance(Duration::from_secs(10));
    let ping = server.heard_one();
    for _ in 0..2000 {
        let text = "x".repeat(10_000);
        server
            .say(&json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "data": text } }));
    }
    server.answer(&ping, &json!({}));
    stage.advance(LONG);
    lease.check().unwrap();
}

/// How a server ended counts, although it was waited for long enough when the runtime tells of it.
fn assert_how_it_ended_counts(breaks: impl Fn(&Server)) {
    let mut stage = Stage::of_legacy_processes();
    let (lease, server) = stage.live();
    stage.lags_behind(LAG);
    breaks(&server);
    stage.turn();
    let mut refused = Call::begun(lease.request("tools/list", ()));
    stage.advance(Duration::from_secs(1));
    assert_eq!(stage.client.state().name(), StateName::Live);
    server.exit("signal: 9");
    stage.advance(LAG);
    assert_eq!(refused.poll().unwrap().unwrap_err().to_string(), "the session was lost: signal: 9");
    let Some(ServerEvent::Disconnected { cause, failure: Some(failure) }) = stage.events().pop() else {
        panic!("nothing is told of its end");
    };
    assert_eq!((cause, failure.to_string().as_str()), (Cause::RunnerEnded, "signal: 9"));
}

#[test]
fn how_a_server_ended_that_closed_its_output_counts() {
    assert_how_it_ended_counts(Server::close_output);
}

#[test]
fn how_a_server_ended_that_takes_nothing_more_counts() {
    assert_how_it_ended_counts(Server::close_input);
}
