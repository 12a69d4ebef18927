//! Bounds hold to the byte.

use crate::common::*;
use tenure_mcp_proto::lines;
use tenure_mcp_proto::{CallError, Cancel, Event, Incoming, Options, ProtocolError, RequestError};

#[test]
fn a_message_of_exactly_the_limit_goes_out_and_one_byte_more_does_not() {
    let mut connection = ready_with(Options::default().max_message(200), "2025-11-25");
    let params = |bytes: usize| raw(&format!(r#"{{"p":"{}"}}"#, "x".repeat(bytes)));
    // Found by asking, so that the test knows nothing of how messages are built.
    let size_of_empty = match connection.notify("n", Some(&params(1000))) {
        Err(RequestError::TooLarge { size, limit: 200 }) => size - 1000,
        other => panic!("{other:?}"),
    };
    connection.notify("n", Some(&params(200 - size_of_empty))).unwrap();
    let line = outputs(&mut connection).remove(0);
    assert_eq!(line.trim_end().len(), 200);
    assert_eq!(
        connection.notify("n", Some(&params(201 - size_of_empty))),
        Err(RequestError::TooLarge { size: 201, limit: 200 })
    );
}

#[test]
fn a_message_of_exactly_the_limit_comes_in_and_one_byte_more_does_not() {
    let mut connection = ready_with(Options::default().max_message(200), "2025-11-25");
    let line = |bytes: usize| {
        let empty = r#"{"jsonrpc":"2.0","method":"n","params":{"p":""}}"#;
        empty.replace(r#""""#, &format!(r#""{}""#, "x".repeat(bytes - empty.len())))
    };
    feed(&mut connection, &line(200));
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
    feed(&mut connection, &line(201));
    assert!(matches!(
        only(&mut connection),
        Event::ProtocolError(ProtocolError::Oversized { size: 201, limit: 200 })
    ));
}

#[test]
fn half_a_line_is_held_until_it_is_whole() {
    let mut connection = ready();
    connection.handle_input(br#"{"jsonrpc":"2.0","#);
    assert!(events(&mut connection).is_empty());
    connection.handle_input(b"\"method\":\"n\"}\n");
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
}

#[test]
fn a_start_that_is_too_large_is_refused_and_may_not_be_gone_on_from() {
    let mut connection = OnLines::new(Options::default().max_message(20));
    assert!(matches!(connection.start(T0), Err(RequestError::TooLarge { limit: 20, .. })));
    assert_eq!(connection.in_flight(), 0);
    assert!(connection.poll_line().is_none());
    assert_eq!(connection.request(T0, "ping", None, None), Err(RequestError::NotReady));
}

#[test]
fn only_objects_are_params_of_a_notification() {
    // MCP 2025-11-25, schema, `NotificationParams`: an object. JSON-RPC 2.0, section 4.2, would allow an
    // array.
    let mut connection = ready();
    for text in ["[1]", "null", "5", "\"{\""] {
        assert_eq!(connection.notify("n", Some(&raw(text))), Err(RequestError::InvalidParams), "{text}");
    }
    assert!(connection.poll_line().is_none());
    connection.notify("n", Some(&raw(" {}"))).unwrap();
}

#[test]
fn a_lane_for_no_answer_at_all_drops_and_counts_each() {
    let mut connection = ready_with(Options::default().max_replies(0), "2025-11-25");
    let id = sent(&mut connection);
    assert_eq!(connection.cancel(id, None), Cancel::Notified);
    match &events(&mut connection)[..] {
        [Event::Dropped(dropped), Event::Response { result: Err(CallError::Cancelled), .. }] => {
            assert_eq!((dropped.cancel_notices, dropped.total()), (1, 1));
        }
        other => panic!("{other:?}"),
    }
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":5,"method":"ping"}"#);
    assert!(connection.poll_line().is_none());
    match only(&mut connection) {
        Event::Dropped(dropped) => assert_eq!((dropped.replies, dropped.total()), (1, 1)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_too_large_is_refused_by_the_connection_if_its_carrier_did_not() {
    let mut connection = ready_with(Options::default().max_message(200), "2025-11-25");
    let id = sent(&mut connection);
    let answer = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"{}"}}"#, "x".repeat(200));
    connection.handle_message(Incoming::Message(answer.as_bytes()));
    let (ended, result) = response(&mut connection);
    assert_eq!(ended, id);
    assert!(matches!(result, Err(CallError::TooLarge { limit: 200 })));
}

#[test]
fn a_message_has_no_newline_either_way() {
    let mut connection = ready();
    connection.notify("n", Some(&raw("{\n}"))).unwrap();
    let message = connection.poll_message().unwrap();
    assert_eq!(message.as_bytes(), br#"{"jsonrpc":"2.0","method":"n","params":{ }}"#);
    assert_eq!(lines::encode(message), b"{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{ }}\n");
    connection.handle_message(Incoming::Message(br#" {"jsonrpc":"2.0","method":"n"} "#));
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
    connection.handle_message(Incoming::Message(b""));
    assert!(matches!(only(&mut connection), Event::ProtocolError(ProtocolError::Malformed { .. })));
}

#[test]
fn an_id_of_a_kibibyte_is_echoed_and_a_longer_one_refused() {
    // JSON-RPC 2.0, section 5: the answer's id is the request's. The bound is ours: an answer is no place for
    // a server's megabytes.
    let mut connection = ready();
    let id = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{},"method":"ping"}}"#, id(1024)));
    assert!(outputs(&mut connection)[0].contains(&id(1024)));
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{},"method":"ping"}}"#, id(1025)));
    assert!(matches!(only(&mut connection), Event::ProtocolError(ProtocolError::InvalidId { .. })));
    assert!(connection.poll_line().is_none());
}

#[test]
fn the_same_bound_on_ids_holds_in_lines_that_are_skipped() {
    // An id of ours with zeros behind the point stays the same number.
    for (zeros, known) in [(1022, true), (1023, false)] {
        let mut connection = ready_with(Options::default().max_message(1000), "2025-11-25");
        sent(&mut connection);
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":2.{},"result":1}}"#, "0".repeat(zeros)));
        match only(&mut connection) {
            Event::Response { result: Err(CallError::TooLarge { limit: 1000 }), .. } => assert!(known),
            Event::ProtocolError(ProtocolError::Oversized { .. }) => assert!(!known),
            other => panic!("{other:?}"),
        }
    }
}
