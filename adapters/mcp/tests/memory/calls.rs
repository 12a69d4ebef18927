//! Calls, and what the server asks and says meanwhile.

use std::time::Duration;

use serde_json::{Value, json};
use tenure::Mode;
use tenure_mcp::proto::ProtocolError;
use tenure_mcp::{Deadline, Error, Options, ServerEvent};

use crate::stage::{Call, Stage, config};

fn cancels(messages: &[Value], request: &Value) -> usize {
    messages
        .iter()
        .filter(|message| message["method"] == "notifications/cancelled")
        .inspect(|notice| assert_eq!(notice["params"]["requestId"], request["id"]))
        .count()
}

#[test]
fn a_call_that_is_dropped_is_cancelled_once() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let call = Call::begun(lease.request("tools/call", None));
    stage.turn();
    let request = server.heard_one();
    drop(call);
    stage.turn();
    assert_eq!(cancels(&server.heard(), &request), 1);
    // The late answer concerns nobody.
    server.answer(&request, &json!({}));
    stage.turn();
    assert!(stage.events().is_empty());
    drop(stage.client.close(Mode::Force));
    stage.turn();
    assert!(server.heard().is_empty());
    assert!(server.sees_end_of_input());
}

#[test]
fn a_call_that_is_dropped_before_it_was_sent_is_never_sent() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    drop(Call::begun(lease.request("tools/call", None)));
    stage.turn();
    assert!(server.heard().is_empty());
}

#[test]
fn a_call_that_was_answered_is_not_cancelled() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", None));
    stage.turn();
    server.answer(&server.heard_one(), &json!({ "n": 1.50 }));
    stage.turn();
    assert_eq!(call.poll().unwrap().unwrap().get(), r#"{"n":1.5}"#);
    drop(call);
    stage.turn();
    assert!(server.heard().is_empty());
}

#[test]
fn a_call_times_out_and_the_server_is_told() {
    let mut stage = Stage::with(Options::new().session(config()).call_timeout(Some(Duration::from_secs(3))));
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", None));
    stage.turn();
    let request = server.heard_one();
    stage.advance(Duration::from_millis(2999));
    assert!(call.poll().is_none());
    stage.advance(Duration::from_millis(1));
    let error = call.poll().unwrap().unwrap_err();
    assert!(
        matches!(error, Error::TimedOut { generation: Some(it), deadline: Deadline::Call } if it == lease.generation())
    );
    drop(call);
    stage.turn();
    assert_eq!(cancels(&server.heard(), &request), 1);
    lease.check().unwrap();
}

#[test]
fn calls_in_flight_at_a_close_are_cancelled_before_the_end_of_input() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", None));
    stage.turn();
    let request = server.heard_one();
    drop(stage.client.close(Mode::Force));
    // Whether or not its caller has looked by then.
    stage.turn();
    assert_eq!(cancels(&server.heard(), &request), 1);
    assert!(server.sees_end_of_input());
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::Closed { for_good: false, .. }), "{error}");
    drop(call);
    stage.turn();
    assert!(server.heard().is_empty());
}

#[test]
fn the_servers_ping_is_answered_and_other_requests_are_refused() {
    let mut stage = Stage::new();
    let (_lease, server) = stage.live();
    server.say(&json!({ "jsonrpc": "2.0", "id": "p", "method": "ping" }));
    stage.turn();
    assert_eq!(server.heard_one(), json!({ "jsonrpc": "2.0", "id": "p", "result": {} }));
    server.say(&json!({ "jsonrpc": "2.0", "id": 7, "method": "roots/list" }));
    stage.turn();
    let answer = server.heard_one();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(7), &json!(-32601)));
}

#[test]
fn notifications_are_events() {
    let mut stage = Stage::new();
    let (_lease, server) = stage.live();
    server.say_bytes(b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\",\"params\":{\"n\":1.00}}\n");
    server.say_bytes(b"nonsense\n");
    stage.turn();
    match &stage.events()[..] {
        [
            ServerEvent::Notification { method, params: Some(params) },
            ServerEvent::ProtocolError(ProtocolError::Malformed { .. }),
        ] => {
            assert_eq!((&**method, params.get()), ("notifications/x", r#"{"n":1.00}"#));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_servers_error_comes_with_all_it_said() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.call_tool("t", None));
    stage.turn();
    let request = server.heard_one();
    assert_eq!(request["params"], json!({ "name": "t" }));
    server.say_bytes(
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{},\"error\":{{\"code\":-7,\"message\":\"no\",\"data\":[1.0]}}}}\n",
            request["id"]
        )
        .as_bytes(),
    );
    stage.turn();
    match call.poll().unwrap() {
        Err(Error::Server(error)) => {
            assert_eq!((error.code, &*error.message, error.data.unwrap().get()), (-7, "no", "[1.0]"));
        }
        other => panic!("{other:?}"),
    }
}

fn page(names: &[&str], next: Option<&str>) -> Value {
    let tools: Vec<_> =
        names.iter().map(|name| json!({ "name": name, "inputSchema": { "type": "object" } })).collect();
    match next {
        Some(next) => json!({ "tools": tools, "nextCursor": next }),
        None => json!({ "tools": tools }),
    }
}

#[test]
fn a_list_comes_over_all_its_pages() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.list_tools());
    for (cursor, page) in [
        (None, page(&["a", "b"], Some("2"))),
        (Some("2"), page(&[], Some(""))),
        (Some(""), page(&["c"], None)),
    ] {
        assert!(call.poll().is_none());
        stage.turn();
        let request = server.heard_one();
        assert_eq!(request["method"], "tools/list");
        assert_eq!(request["params"].get("cursor").and_then(Value::as_str), cursor);
        server.answer(&request, &page);
        stage.turn();
    }
    let tools = call.poll().unwrap().unwrap();
    assert_eq!(tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[test]
fn a_repeated_cursor_ends_the_list() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.list_tools());
    for _ in 0..2 {
        assert!(call.poll().is_none());
        stage.turn();
        server.answer(&server.heard_one(), &page(&["a"], Some("again")));
        stage.turn();
    }
    let error = call.poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::Protocol { .. }), "{error}");
    stage.turn();
    assert!(server.heard().is_empty());
    lease.check().unwrap();
}

#[test]
fn the_reader_goes_on_while_the_writer_is_stuck() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut first = Call::begun(lease.request("tools/call", None));
    stage.turn();
    let request = server.heard_one();
    server.take_only(10);
    let mut stuck = Call::begun(lease.request("tools/list", None));
    stage.turn();
    for _ in 0..3 {
        server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/x" }));
        // Answers that can't go out are kept, within bounds.
        server.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    }
    server.answer(&request, &json!({}));
    stage.turn();
    assert_eq!(stage.events().len(), 3);
    first.poll().unwrap().unwrap();

    assert!(stuck.poll().is_none());
    let mut close = Call::begun(stage.client.close(Mode::Force));
    assert!(matches!(stuck.poll(), Some(Err(Error::Closed { .. }))));
    stage.turn();
    assert!(server.sees_end_of_input());
    assert!(close.poll().is_some(), "the close waits for the writer");
}
