//! What the errors say to people.

use crate::common::*;
use tenure_mcp_proto::types::{CallToolResult, ListToolsResult};
use tenure_mcp_proto::{Event, Options};

/// What a handshake says that ends with this line of the server.
fn handshake_error(options: Options, line: &str) -> String {
    let mut connection = opening(options);
    feed(&mut connection, line);
    match only(&mut connection) {
        Event::HandshakeFailed(error) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

fn protocol_error(line: &str) -> String {
    let mut connection = ready();
    feed(&mut connection, line);
    match only(&mut connection) {
        Event::ProtocolError(error) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_our_versions_are_listed_against_an_unsupported_one() {
    let several = Options::default().versions("2025-11-25", ["2025-06-18", "2025-03-26"]);
    assert_eq!(
        handshake_error(several, &initialize_answer("2099-01-01")),
        "the server speaks version \"2099-01-01\"; supported here: 2025-11-25, 2025-06-18, 2025-03-26"
    );
    let one = Options::default().versions("2025-11-25", [""; 0]);
    assert_eq!(
        handshake_error(one, &initialize_answer("2024-11-05")),
        "the server speaks version \"2024-11-05\"; supported here: 2025-11-25"
    );
}

#[test]
fn what_a_refusing_server_offers_is_listed_if_it_offers_something() {
    let refused = |data: &str| {
        let error = format!(r#"{{"code":-32602,"message":"no"{data}}}"#);
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"error":{error}}}"#);
        handshake_error(Options::default(), &line)
    };
    assert_eq!(
        refused(r#","data":{"supported":["a","b"]}"#),
        "the server refused the handshake with error -32602: no (it supports a, b)"
    );
    for nothing in ["", r#","data":{"supported":[]}"#, r#","data":{}"#, r#","data":null"#] {
        assert_eq!(refused(nothing), "the server refused the handshake with error -32602: no");
    }
}

#[test]
fn a_line_that_is_no_message_is_quoted_up_to_120_bytes() {
    let said = |line: &str| protocol_error(line);
    let fits = "x".repeat(120);
    assert!(said(&fits).ends_with(&format!("in {fits:?}")), "{}", said(&fits));
    let cut = format!("{fits}…");
    assert!(said(&"x".repeat(121)).ends_with(&format!("in {cut:?}")));
}

#[test]
fn a_batch_where_there_are_none_is_called_one() {
    // MCP 2025-06-18 and later, changelog: batches were removed.
    assert_eq!(protocol_error("[]"), "a batch, which the negotiated version does not have");
}

#[test]
fn a_view_says_what_it_expected_and_what_it_saw() {
    let call = |text: &str| CallToolResult::from_raw(raw(text)).unwrap_err().to_string();
    let list = |text: &str| ListToolsResult::from_raw(raw(text)).unwrap_err().to_string();
    for (said, expected) in [
        (call("5"), "CallToolResult: not a JSON object but 5"),
        (call(r#"{"resultType":[7]}"#), "CallToolResult: unknown resultType [7]"),
        (list("{}"), "ListToolsResult: tools is missing"),
        (list(r#"{"tools":5}"#), "ListToolsResult: tools is not a list but 5"),
    ] {
        assert!(said.starts_with(expected), "{said}");
    }
}
