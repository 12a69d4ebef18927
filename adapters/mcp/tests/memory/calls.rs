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
    let call = Call::begun(lease.request("tools/call", ()));
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
    server.take_only(0);
    let stuck = Call::begun(lease.request("tools/call", ()));
    drop(Call::begun(lease.request("tools/list", ())));
    server.take_only(1000);
    stage.turn();
    assert_eq!(server.heard_one()["method"], "tools/call");
    drop(stuck);
}

#[test]
fn a_call_is_sent_before_the_driver_is_polled() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    server.answer(&server.heard_one(), &json!({}));
    stage.turn();
    assert!(call.poll().unwrap().is_ok());
}

#[test]
fn a_call_wakes_the_driver_for_a_deadline_before_the_one_that_it_sleeps_for_and_for_no_other() {
    let mut stage = Stage::new();
    let (lease, _server) = stage.live();
    let begun = |seconds| Call::begun(lease.call_tool("a", ()).timeout(Some(Duration::from_secs(seconds))));
    let _first = begun(20);
    stage.turn();
    let _alike = begun(20);
    assert!(!stage.turn_once());
    let _later = begun(21);
    assert!(!stage.turn_once());
    let _sooner = begun(19);
    assert!(stage.turn_once());
}

#[test]
fn a_call_that_is_dropped_at_any_byte_of_its_line_leaves_whole_lines() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    for room in 0..120 {
        server.take_only(room);
        drop(Call::begun(lease.request("tools/call", json!({ "name": "x" }))));
        let mut next = Call::begun(lease.request("tools/list", ()));
        stage.turn();
        let mut text = server.heard_text();
        server.take_only(1000);
        stage.turn();
        text.push_str(&server.heard_text());
        let heard: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let methods: Vec<_> = heard.iter().map(|message| message["method"].as_str().unwrap()).collect();
        assert_eq!(methods[0], "tools/call");
        assert_eq!(methods.len(), 3, "{room}: {methods:?}");
        let list = heard.iter().find(|message| message["method"] == "tools/list").unwrap();
        server.answer(list, &json!({ "tools": [] }));
        stage.turn();
        assert!(next.poll().unwrap().is_ok());
    }
}

#[test]
fn a_call_that_was_answered_is_not_cancelled() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
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
    let mut stage =
        Stage::with(Options::new().session(|_| config()).call_timeout(Some(Duration::from_secs(3))));
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let request = server.heard_one();
    stage.advance(Duration::from_millis(2999));
    assert!(call.poll().is_none());
    stage.advance(Duration::from_millis(1));
    let error = call.poll().unwrap().unwrap_err();
    assert!(
        matches!(error, Error::TimedOut { generation: Some(it), deadline: Deadline::Call, .. } if it == lease.generation())
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
    let mut call = Call::begun(lease.request("tools/call", ()));
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
    let mut call = Call::begun(lease.call_tool("t", ()));
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
            assert_eq!((error.code, &*error.message, error.data.unwrap().get()), (Some(-7), "no", "[1.0]"));
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
fn pages_that_bring_nothing_new_end_the_list_and_what_came_is_listed() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.list_tools());
    while let Some(request) = {
        stage.turn();
        server.heard().pop()
    } {
        server.answer(&request, &page(&["a"], Some("")));
        stage.turn();
        let done = call.poll();
        if let Some(tools) = done {
            let tools = tools.unwrap();
            assert_eq!(tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), ["a"]);
            assert_eq!(tools.warnings.len(), 1, "{:?}", tools.warnings);
            lease.check().unwrap();
            return;
        }
    }
    panic!("the list has no end and asks for nothing");
}

#[test]
fn a_page_that_fails_leaves_the_good_ones_before_it() {
    for lost in [false, true] {
        let mut stage = Stage::new();
        let (lease, server) = stage.live();
        let mut call = Call::begun(lease.list_tools());
        stage.turn();
        server.answer(&server.heard_one(), &page(&["a"], Some("2")));
        stage.turn();
        assert!(call.poll().is_none());
        stage.turn();
        let request = server.heard_one();
        if lost {
            server.close_output();
        } else {
            let error = json!({ "code": -32603, "message": "out of pages" });
            server.say(&json!({ "jsonrpc": "2.0", "id": request["id"], "error": error }));
        }
        stage.turn();
        let tools = call.poll().unwrap().unwrap();
        assert_eq!(tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), ["a"]);
        let said = tools.warnings[0].to_string();
        assert!(said.contains(if lost { "lost" } else { "out of pages" }), "{said}");
    }
}

#[test]
fn the_first_page_that_fails_is_an_error_and_so_is_a_close_meanwhile() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.list_tools());
    stage.turn();
    server.answer(&server.heard_one(), &json!({ "tolls": [1.0] }));
    stage.turn();
    match call.poll().unwrap().unwrap_err() {
        Error::Unreadable { reason, raw } => {
            assert_eq!(
                (reason.as_str(), raw.get()),
                ("ListToolsResult: tools is missing", r#"{"tolls":[1.0]}"#)
            );
        }
        other => panic!("{other:?}"),
    }
    let mut call = Call::begun(lease.list_tools());
    stage.turn();
    server.answer(&server.heard_one(), &page(&["a"], Some("2")));
    stage.turn();
    assert!(call.poll().is_none());
    drop(stage.client.close(Mode::Force));
    assert!(matches!(call.poll(), Some(Err(Error::Closed { .. }))));
}

#[test]
fn a_result_that_no_view_fits_is_handed_back_raw() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut call = Call::begun(lease.call_tool("t", ()));
    stage.turn();
    let odd = json!({ "content": [], "resultType": "new" });
    server.answer(&server.heard_one(), &odd);
    stage.turn();
    match call.poll().unwrap().unwrap_err() {
        Error::Unreadable { reason, raw } => {
            assert!(reason.contains("unknown resultType"), "{reason}");
            assert_eq!(serde_json::from_str::<Value>(raw.get()).unwrap(), odd);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_reader_goes_on_while_the_writer_is_stuck() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let mut first = Call::begun(lease.request("tools/call", ()));
    stage.turn();
    let request = server.heard_one();
    server.take_only(10);
    let mut stuck = Call::begun(lease.request("tools/list", ()));
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
