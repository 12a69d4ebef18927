//! The peer itself, spoken to by hand: what the other tests here build on.

use std::process::Command;

use serde_json::{Value, json};
use tenure_peers::{LIMIT, RawPeer};

fn peer() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peer-rmcp"));
    command.env_remove("PEER_PAGES");
    command
}

fn names(list: &Value) -> Vec<&str> {
    let tools = list["result"]["tools"].as_array().expect("a list of tools");
    tools.iter().filter_map(|tool| tool["name"].as_str()).collect()
}

#[test]
fn handshake_calls_and_a_clean_end() {
    let mut peer = RawPeer::spawn(&mut peer());

    let answer = peer.initialize("2025-11-25");
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25", "{answer}");
    assert_eq!(answer["result"]["serverInfo"]["name"], "peer-rmcp", "{answer}");

    let list = peer.request("tools/list", json!({}));
    assert_eq!(names(&list), ["echo", "add", "slow", "fail"]);
    assert_eq!(list["result"].get("nextCursor"), None, "{list}");

    let mut call = |name: &str, arguments: Value| {
        peer.request("tools/call", json!({ "name": name, "arguments": arguments }))
    };
    let echo = call("echo", json!({ "text": "grüß dich" }));
    assert_eq!(echo["result"]["content"][0]["text"], "grüß dich", "{echo}");
    let add = call("add", json!({ "a": 2, "b": 0.5 }));
    assert_eq!(add["result"]["structuredContent"]["sum"], 2.5, "{add}");
    let slow = call("slow", json!({ "ms": 1 }));
    assert_eq!(slow["result"]["isError"], false, "{slow}");
    let fail = call("fail", json!({}));
    assert_eq!(fail["result"]["isError"], true, "{fail}");
    let missing = call("add", json!({ "a": 2 }));
    assert_eq!(missing["error"]["code"], -32602, "{missing}");
    let unknown = call("nonesuch", json!({}));
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");

    peer.close_stdin();
    assert_eq!(peer.receive(), None);
    assert_eq!(peer.wait(LIMIT).code(), Some(0));
}

#[test]
fn the_list_of_tools_comes_in_pages() {
    let mut peer = RawPeer::spawn(peer().env("PEER_PAGES", "3"));
    peer.initialize("2025-11-25");

    let first = peer.request("tools/list", json!({}));
    assert_eq!(names(&first), ["echo", "add", "slow"]);
    let cursor = &first["result"]["nextCursor"];
    assert!(cursor.is_string(), "{first}");
    let second = peer.request("tools/list", json!({ "cursor": cursor }));
    assert_eq!(names(&second), ["fail"]);
    assert_eq!(second["result"].get("nextCursor"), None, "{second}");
    let beyond = peer.request("tools/list", json!({ "cursor": "nonsense" }));
    assert_eq!(beyond["error"]["code"], -32602, "{beyond}");

    peer.close_stdin();
    assert_eq!(peer.wait(LIMIT).code(), Some(0));
}

#[test]
fn an_end_before_the_handshake_is_a_failure() {
    let mut peer = RawPeer::spawn(&mut peer());
    peer.close_stdin();
    assert_eq!(peer.wait(LIMIT).code(), Some(1));
}
