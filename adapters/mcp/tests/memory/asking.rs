//! What goes out with a call, and what comes of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use tenure::{Mode, Status};
use tenure_mcp::proto::RequestError;
use tenure_mcp::proto::types::ParamsError;
use tenure_mcp::{Client, Delivery, Error, Lease, Options};

use crate::stage::{Call, Server, Stage, config};

#[derive(Serialize)]
struct Terms {
    a: i64,
    raw: Box<RawValue>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Sum {
    sum: i64,
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

/// The params of the one message that came, as they came.
#[track_caller]
fn params(server: &Server) -> String {
    let text = server.heard_text();
    let (_, params) = text.split_once(r#","params":"#).unwrap_or_default();
    assert_eq!(text.lines().count(), 1, "{text}");
    params.strip_suffix("}\n").unwrap_or_default().to_owned()
}

#[test]
fn arguments_are_any_value_that_serializes_and_raw_json_stays_byte_for_byte() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let number = r#"{ "z":1.00,"a":1e999 }"#;
    let _call = Call::begun(lease.call_tool("add", Terms { a: 1, raw: raw(number) }));
    stage.turn();
    assert_eq!(params(&server), format!(r#"{{"name":"add","arguments":{{"a":1,"raw":{number}}}}}"#));
    let _call = Call::begun(lease.call_tool("add", Some(&raw(number))));
    stage.turn();
    assert_eq!(params(&server), format!(r#"{{"name":"add","arguments":{number}}}"#));
    let _call = Call::begun(lease.request("x/y", &*raw(number)));
    stage.turn();
    assert_eq!(params(&server), number);
    let _call = Call::begun(lease.request("x/y", json!({ "b": 2 })));
    stage.turn();
    assert_eq!(params(&server), r#"{"b":2}"#);
}

#[test]
fn nothing_and_null_are_no_arguments() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let null = raw("null");
    let mut calls = Vec::new();
    for call in [
        lease.call_tool("t", ()),
        lease.call_tool("t", None::<Terms>),
        lease.call_tool("t", json!(null)).meta(()),
        lease.call_tool("t", Some(&null)),
    ] {
        calls.push(Call::begun(call));
        stage.turn();
        assert_eq!(params(&server), r#"{"name":"t"}"#);
    }
    let _call = Call::begun(lease.request("x", ()));
    stage.turn();
    assert!(!server.heard_text().contains("params"));
}

#[test]
fn arguments_that_are_no_object_fail_before_anything_is_sent() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let errors = [
        Call::new(lease.call_tool("t", [1])).poll().unwrap().unwrap_err(),
        Call::new(lease.call_tool("t", ()).meta("m")).poll().unwrap().unwrap_err(),
        Call::new(lease.request("x", 7)).poll().unwrap().unwrap_err(),
        Call::new(lease.notify("x", "text")).poll().unwrap().unwrap_err(),
        Call::new(lease.request("x", json!({ "_meta": {} })).meta(json!({}))).poll().unwrap().unwrap_err(),
        Call::new(lease.request("x", std::collections::BTreeMap::from([([1], 1)])))
            .poll()
            .unwrap()
            .unwrap_err(),
    ];
    stage.turn();
    assert_eq!(server.heard_text(), "");
    let words = errors.map(|error| {
        assert!(matches!(error, Error::InvalidParams(_)), "{error:?}");
        assert_eq!((error.delivery(), error.is_retryable()), (Delivery::NotSent, false));
        error.to_string()
    });
    assert_eq!(words[0], "not sent: the tool's arguments must be a JSON object, not a list");
    assert_eq!(words[1], "not sent: _meta must be a JSON object, not a string");
    assert_eq!(words[2], "not sent: the params must be a JSON object, not a number");
    assert_eq!(words[4], "not sent: the params have a _meta already");
    assert!(words[5].starts_with("not sent: the params can't be written as JSON: "), "{}", words[5]);
}

#[test]
fn a_one_shot_call_that_cannot_be_sent_starts_no_server() {
    let mut stage = Stage::new();
    let client = stage.client.clone();
    let error = Call::new(client.call_tool("t", [1])).poll().unwrap().unwrap_err();
    assert!(matches!(error, Error::InvalidParams(ParamsError::NotAnObject { .. })), "{error:?}");
    assert!(Call::new(client.notify("x", 1)).poll().unwrap().is_err());
    stage.turn();
    assert!(matches!(client.state(), Status::Idle { .. }));
}

#[test]
fn meta_goes_out_behind_the_params_which_stay_as_they_are() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let given = raw(r#"{ "a":1.00 }"#);
    let meta = json!({ "traceparent": 7 });
    let _call = Call::begun(lease.call_tool("t", &given).meta(&meta));
    stage.turn();
    assert_eq!(params(&server), r#"{"name":"t","arguments":{ "a":1.00 },"_meta":{"traceparent":7}}"#);
    let _call = Call::begun(lease.request("x", &given).meta(&meta));
    stage.turn();
    assert_eq!(params(&server), r#"{ "a":1.00 ,"_meta":{"traceparent":7}}"#);
    let _call = Call::begun(lease.request("x", ()).meta(&meta));
    stage.turn();
    assert_eq!(params(&server), r#"{"_meta":{"traceparent":7}}"#);
    Call::new(lease.notify("x", &given).meta(&meta)).poll().unwrap().unwrap();
    stage.turn();
    assert_eq!(params(&server), r#"{ "a":1.00 ,"_meta":{"traceparent":7}}"#);
}

#[test]
fn the_timeout_of_one_call_is_its_own() {
    let minute = Duration::from_secs(60);
    let mut stage = Stage::with(Options::new().session(|_| config()).call_timeout(Some(minute)));
    let (lease, _server) = stage.live();
    let mut short = Call::begun(lease.call_tool("t", ()).timeout(Some(Duration::from_secs(1))));
    let mut usual = Call::begun(lease.request("x", ()));
    let mut endless = Call::begun(lease.request("x", ()).timeout(None));
    let client = stage.client.clone();
    let mut one_shot = Call::begun(client.call_tool("t", ()).timeout(Some(Duration::from_secs(2))));
    stage.turn();
    stage.advance(Duration::from_secs(1));
    assert!(matches!(short.poll().unwrap().unwrap_err(), Error::TimedOut { .. }));
    assert!(usual.poll().is_none() && one_shot.poll().is_none());
    stage.advance(Duration::from_secs(1));
    assert!(matches!(one_shot.poll().unwrap().unwrap_err(), Error::TimedOut { .. }));
    assert!(usual.poll().is_none());
    stage.advance(minute);
    assert!(matches!(usual.poll().unwrap().unwrap_err(), Error::TimedOut { .. }));
    assert!(endless.poll().is_none());
}

#[test]
fn a_notification_is_sent_behind_the_calls_before_it() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let _call = Call::begun(lease.request("x", ()));
    Call::new(lease.notify("notifications/y", json!({ "a": 1 }))).poll().unwrap().unwrap();
    let client = stage.client.clone();
    Call::new(client.notify("notifications/z", ())).poll().unwrap().unwrap();
    stage.turn();
    let heard = server.heard();
    assert_eq!(heard[0]["method"], "x");
    assert_eq!(heard[1], json!({ "jsonrpc": "2.0", "method": "notifications/y", "params": { "a": 1 } }));
    assert_eq!(heard[2], json!({ "jsonrpc": "2.0", "method": "notifications/z" }));
}

#[test]
fn a_one_shot_notification_starts_a_server_and_is_sent_though_its_lease_was_the_last() {
    let mut stage = Stage::with(Options::new().keep_alive(tenure::KeepAlive::Never));
    let client = stage.client.clone();
    let mut notice = Call::begun(client.notify("notifications/y", ()));
    stage.turn();
    let server = stage.server();
    let initialize = stage.asked_for_handshake(&server);
    server.answer(
        &initialize,
        &json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": { "name": "n", "version": "1" } }),
    );
    stage.turn();
    notice.poll().unwrap().unwrap();
    stage.turn();
    let heard: Vec<_> = server.heard().into_iter().map(|message| message["method"].clone()).collect();
    assert_eq!(heard, ["notifications/initialized", "notifications/y"]);
    assert!(server.sees_end_of_input());
}

#[test]
fn a_notification_that_cannot_be_sent_says_why() {
    let mut stage = Stage::new();
    let (lease, _server) = stage.live();
    let reserved = Call::new(lease.notify("notifications/cancelled", ())).poll().unwrap().unwrap_err();
    assert!(matches!(reserved, Error::NotSent(RequestError::InvalidMethod { .. })), "{reserved:?}");
    drop(stage.client.close(Mode::Force));
    let closed = Call::new(lease.notify("x", ())).poll().unwrap().unwrap_err();
    assert!(matches!(closed, Error::Closed { delivery: Delivery::NotSent, .. }), "{closed:?}");
}

#[test]
fn a_result_is_read_as_a_type_of_the_programs_own_or_kept_as_it_came() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    for (answer, sum) in [(json!({ "sum": 3 }), Some(3)), (json!({ "sum": "3" }), None)] {
        let mut call = Call::begun(lease.request("x", ()).decode::<Sum>());
        let mut tool = Call::begun(lease.call_tool("t", ()));
        stage.turn();
        let heard = server.heard();
        server.answer(&heard[0], &answer);
        server.answer(&heard[1], &json!({ "content": [], "structuredContent": answer }));
        stage.turn();
        let decoded = call.poll().unwrap();
        let structured = tool.poll().unwrap().unwrap().structured::<Sum>().map_err(Error::from);
        if let Some(sum) = sum {
            assert_eq!((decoded.unwrap(), structured.unwrap()), (Sum { sum }, Sum { sum }));
            continue;
        }
        let Err(Error::Unreadable { reason, raw }) = decoded else { panic!("{decoded:?}") };
        assert_eq!(raw.get(), answer.to_string());
        assert!(reason.starts_with("the result: invalid type: string"), "{reason}");
        let Err(Error::Unreadable { raw, .. }) = structured else { panic!("{structured:?}") };
        assert!(raw.get().contains("structuredContent"));
    }
}

#[test]
fn one_shot_calls_of_each_kind_that_were_not_sent_are_made_again() {
    for kind in ["call", "request"] {
        let mut stage = Stage::new();
        let (lease, server) = stage.live();
        server.take_only(0);
        let _stuck = Call::begun(lease.request("x", ()));
        stage.turn();
        let client = stage.client.clone();
        let mut call = match kind {
            "call" => Call::begun(async { client.call_tool("t", ()).meta(json!({})).await.map(|it| it.raw) }),
            _ => Call::begun(client.request("tools/call", json!({ "name": "t" })).meta(json!({}))),
        };
        stage.turn();
        server.close_output();
        stage.turn();
        assert!(call.poll().is_none(), "it waits for the next connection");
        stage.turn();
        let next = stage.server();
        next.answer(
            &next.heard_one(),
            &json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": { "name": "n", "version": "1" } }),
        );
        stage.turn();
        assert!(call.poll().is_none());
        stage.turn();
        let again = next.heard().pop().unwrap();
        assert_eq!(again["params"], json!({ "name": "t", "_meta": {} }), "{kind}");
        next.answer(&again, &json!({ "content": [] }));
        stage.turn();
        assert_eq!(call.poll().unwrap().unwrap().get(), r#"{"content":[]}"#);
    }
}

fn sent<T: Send>(value: T) -> T {
    value
}

#[test]
fn calls_go_to_any_thread_and_show_nothing_of_their_params() {
    // Compiled, not run.
    let _ = |lease: &'static Lease, client: &'static Client| {
        drop(sent(lease.call_tool("t", ()).into_future()));
        drop(sent(lease.request("x", ()).decode::<Sum>()));
        drop(sent(client.notify("x", ()).into_future()));
        drop(sent(client.call_tool("t", ())));
        drop(sent(client.list_tools()));
        drop(sent(client.ping()));
    };
    let stage = Stage::new();
    let secret = json!({ "password": "hush" });
    let shown = [
        format!("{:?}", stage.client.call_tool("t", &secret)),
        format!("{:?}", stage.client.request("x", &secret)),
        format!("{:?}", stage.client.notify("x", &secret)),
    ];
    for shown in shown {
        assert!(!shown.contains("hush"), "{shown}");
    }
}
