//! What goes over a connection of the modern era: how requests are marked, and what answers mean (MCP 2026-07-28,
//! basic/index and basic/transports/stdio).

use crate::common::eras::*;
use crate::common::*;
use tenure_mcp_proto::{CallError, ClientFeature, Event, ProtocolError, RequestError};

#[test]
fn every_modern_request_is_marked_and_else_left_as_it_is() {
    let mut connection = ready_modern(both());
    let params = raw(r#"{"name":"t", "arguments" : {"n":1.00},"_meta":{"progressToken":"p"}}"#);
    connection.request(T0, "tools/call", Some(&params), None).unwrap();
    assert_eq!(
        line(&mut connection),
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{{\"name\":\"t\", \"arguments\" : {{\"n\":1.00}},\"_meta\":{{\"progressToken\":\"p\",{MARKS}}}}}}}\n"
        )
    );
    connection.notify("n", Some(&raw("{\"a\":1.0}"))).unwrap();
    assert_eq!(line(&mut connection), "{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{\"a\":1.0}}\n");
}

/// MCP 2026-07-28, client/roots: there is nothing left to tell that the roots have changed.
#[test]
fn roots_are_announced_without_changes() {
    let mut connection = ready_modern(both().offer(ClientFeature::Roots));
    connection.request(T0, "tools/list", None, None).unwrap();
    let line = line(&mut connection);
    assert!(line.contains(r#""io.modelcontextprotocol/clientCapabilities":{"roots":{}}"#), "{line}");
}

#[test]
fn marks_that_a_caller_brings_are_refused_and_nothing_is_sent() {
    let mut connection = ready_modern(both());
    for (params, expected) in [
        (
            r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":"x"}}"#,
            RequestError::ReservedMeta { key: "io.modelcontextprotocol/protocolVersion" },
        ),
        (r#"{"_meta":5}"#, RequestError::InvalidMeta),
    ] {
        assert_eq!(connection.request(T0, "x", Some(&raw(params)), None), Err(expected));
    }
    assert_eq!(outputs(&mut connection), Vec::<String>::new());
    assert_eq!(connection.in_flight(), 0);
}

#[test]
fn a_modern_servers_sign_of_life_is_its_discovery_and_there_is_no_ping() {
    let mut connection = ready_modern(both());
    let id = connection.ask_for_life(T0, None).unwrap();
    let asked = line(&mut connection);
    assert!(asked.contains(DISCOVER) && asked.contains(MARKS), "{asked}");
    answer(&mut connection, id.as_u64(), r#""error":{"code":-1,"message":"any answer will do"}"#);
    assert_eq!(response(&mut connection).0, id);
}

#[test]
fn a_result_of_a_kind_nobody_knows_is_an_error_that_keeps_it() {
    let mut connection = ready_modern(both());
    for (result, is_known) in [
        (r#"{"resultType":"complete","n":1.0}"#, true),
        (r#"{"n":1.0}"#, true),
        (r#"{"resultType":null}"#, true),
        ("5", true),
        (r#"{"resultType":"task","n":1.0}"#, false),
        (r#"{"resultType":5}"#, false),
    ] {
        let id = sent(&mut connection);
        answer(&mut connection, id.as_u64(), &format!(r#""result":{result}"#));
        match response(&mut connection) {
            (_, Ok(raw)) => assert_eq!((raw.as_str(), true), (result, is_known)),
            (_, Err(CallError::UnknownResult { raw, what })) => {
                assert_eq!((raw.get(), false), (result, is_known));
                assert!(what.contains("resultType"), "{what}");
            }
            other => panic!("{other:?}"),
        }
    }
    // In the legacy era it is the result's own affair.
    let mut connection = ready();
    let id = sent(&mut connection);
    answer(&mut connection, id.as_u64(), r#""result":{"resultType":"task"}"#);
    assert!(response(&mut connection).1.is_ok());
}

#[test]
fn a_modern_server_that_asks_is_told_of_and_not_answered() {
    // MCP 2026-07-28, basic/transports/stdio: the server must not send requests, nor the client responses.
    let mut connection = ready_modern(both().max_message(1000));
    for method in ["ping", "roots/list"] {
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}"}}"#));
        match only(&mut connection) {
            Event::ProtocolError(ProtocolError::ForbiddenRequest { method: told }) => {
                assert_eq!(told, method);
            }
            other => panic!("{other:?}"),
        }
    }
    feed(
        &mut connection,
        &format!(r#"{{"jsonrpc":"2.0","id":7,"method":"ping","a":"{}"}}"#, "x".repeat(1000)),
    );
    assert!(matches!(only(&mut connection), Event::ProtocolError(ProtocolError::Oversized { .. })));
    assert_eq!(outputs(&mut connection), Vec::<String>::new());
}

#[test]
fn a_modern_request_that_nobody_waits_for_is_cancelled_by_a_notice() {
    // MCP 2026-07-28, basic/transports/stdio, "Cancellation".
    let mut connection = ready_modern(both());
    let id = sent(&mut connection);
    connection.cancel(id, Some("r"));
    assert_eq!(
        line(&mut connection),
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":2,\"reason\":\"r\"}}\n"
    );
}

#[test]
fn methods_of_the_handshake_are_nobodys_in_the_modern_era() {
    let mut connection = ready_modern(both());
    assert!(matches!(
        connection.request(T0, "initialize", None, None),
        Err(RequestError::InvalidMethod { .. })
    ));
    for method in ["notifications/initialized", "notifications/cancelled"] {
        assert!(matches!(connection.notify(method, None), Err(RequestError::InvalidMethod { .. })));
    }
}

#[test]
fn a_batch_is_told_of_and_what_is_in_it_counts() {
    let mut connection = ready_modern(both());
    feed(&mut connection, r#"[{"jsonrpc":"2.0","method":"n"}]"#);
    match &events(&mut connection)[..] {
        [Event::ProtocolError(ProtocolError::Batch), Event::Notification { .. }] => {}
        other => panic!("{other:?}"),
    }
}
