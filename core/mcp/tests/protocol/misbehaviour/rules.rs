//! What JSON-RPC 2.0 and MCP say of single messages.

use crate::common::*;
use tenure_mcp_proto::{Event, Options, ProtocolError};

#[test]
fn notifications_are_never_answered() {
    // JSON-RPC 2.0, section 4.1: the receiver must not reply to one.
    let mut connection = ready();
    for line in [
        r#"{"jsonrpc":"2.0","method":"ping"}"#,
        r#"{"jsonrpc":"2.0","method":"no/such"}"#,
        r#"{"jsonrpc":"2.0","method":"n","params":[]}"#,
    ] {
        feed(&mut connection, line);
        assert!(matches!(only(&mut connection), Event::Notification { .. }), "{line}");
    }
    assert!(connection.poll_line().is_none());
}

#[test]
fn answers_are_never_answered_however_odd() {
    // JSON-RPC 2.0, section 5: a response ends an exchange.
    let mut connection = ready();
    for line in [
        r#"{"jsonrpc":"2.0","id":99,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}}"#,
        r#"{"jsonrpc":"2.0","id":7}"#,
        "{",
    ] {
        feed(&mut connection, line);
        only(&mut connection);
    }
    assert!(connection.poll_line().is_none());
}

#[test]
fn a_cancel_notice_without_a_reason_names_the_request_alone() {
    // MCP 2025-11-25, basic/utilities/cancellation: `reason` is optional.
    let mut connection = ready();
    let id = sent(&mut connection);
    connection.cancel(id, None);
    assert_eq!(id.as_u64(), 2);
    assert_eq!(
        connection.poll_line().unwrap(),
        b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":2}}\n"
    );
}

#[test]
fn a_reason_of_a_kibibyte_is_sent_whole() {
    let mut connection = ready();
    for (bytes, kept) in [(1023, 1023), (1024, 1024), (1025, 1024)] {
        let id = sent(&mut connection);
        connection.cancel(id, Some(&"x".repeat(bytes)));
        let line = outputs(&mut connection).remove(0);
        let (_, reason) = line.split_once("\"reason\":\"").unwrap();
        assert_eq!(reason.trim_end_matches("\"}}\n").len(), kept);
    }
}

#[test]
fn notifications_that_only_the_connection_sends_may_not_be_sent_as_such_alone() {
    // Requests by these names are odd, but they are no such notifications.
    let mut connection = ready();
    connection.request(T0, "notifications/initialized", None, None).unwrap();
    connection.notify("initialize", None).unwrap();
    assert_eq!(outputs(&mut connection).len(), 2);
}

#[test]
fn null_beside_a_result_is_no_error_and_a_null_result_is_a_result() {
    // JSON-RPC 2.0, section 5: either of the two, and the result may be any value. JSON-RPC 1.0 peers send
    // both, one of them null.
    let mut connection = ready();
    for (line, good) in [
        (r#"{"jsonrpc":"2.0","id":@,"result":null}"#, true),
        (r#"{"jsonrpc":"2.0","id":@,"result":1,"error":null}"#, true),
        (r#"{"jsonrpc":"2.0","id":@,"result":null,"error":null}"#, true),
        (r#"{"jsonrpc":"2.0","id":@,"error":null}"#, false),
        (r#"{"jsonrpc":"2.0","id":@,"result":null,"error":{"code":1,"message":""}}"#, false),
    ] {
        let id = sent(&mut connection);
        feed(&mut connection, &line.replace('@', &id.to_string()));
        let (ended, result) = response(&mut connection);
        assert_eq!(ended, id);
        assert_eq!(result.is_ok(), good, "{line}");
    }
}

#[test]
fn an_id_in_a_skipped_line_that_is_no_object_is_not_believed() {
    // JSON-RPC 2.0, section 5: a response is a JSON object (RFC 8259, section 4).
    let pad = "x".repeat(400);
    for line in [
        r#"["id":2,"result":"@"}"#,
        r#"x"id":2,"result":"@"}"#,
        r#"{"id"=2,"result":"@"}"#,
        r#"{"id""2","result":"@"}"#,
        r#"{"jsonrpc":,,"result":"@","id":2}"#,
        r#"{"jsonrpc":],"result":"@","id":2}"#,
        r#"{"jsonrpc"::,"result":"@","id":2}"#,
        r#"{"jsonrpc":},"result":"@","id":2}"#,
    ] {
        let mut connection = ready_with(Options::default().max_message(300), "2025-11-25");
        sent(&mut connection);
        feed(&mut connection, &line.replace('@', &pad));
        assert!(
            matches!(only(&mut connection), Event::ProtocolError(ProtocolError::Oversized { .. })),
            "{line}"
        );
        assert_eq!(connection.in_flight(), 1);
    }
}

#[test]
fn a_sign_of_life_is_asked_for_in_the_words_of_the_era() {
    let mut connection = ready();
    let id = connection.ask_for_life(std::time::Duration::ZERO, None).unwrap();
    assert_eq!(
        outputs(&mut connection),
        [format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#) + "\n"]
    );
}
