//! Bounds hold to the byte, and what is held is counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail the test")]

mod common;

use common::*;
use tenure_mcp_proto::{CallError, Cancel, Connection, Event, Options, ProtocolError, RequestError};

/// `{"jsonrpc":"2.0","method":"n"}` has 31 bytes with its newline.
const NOTE: usize = 31;

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
fn what_waits_is_counted_and_forgotten_when_it_goes() {
    let mut connection = ready();
    let base = connection.buffered();
    let held = |connection: &Connection| connection.buffered() - base;
    connection.notify("n", None).unwrap();
    assert_eq!(held(&connection), NOTE);
    connection.request(T0, "x", None, None).unwrap();
    assert_eq!(held(&connection), outputs(&mut connection).concat().len());
    assert_eq!(held(&connection), 0);

    // A result counts as its text, an error as its message and data.
    connection.handle_input(b"{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"a\":1}}\n");
    assert_eq!(held(&connection), 7);
    response(&mut connection).1.unwrap();
    assert_eq!(held(&connection), 0);
    sent(&mut connection);
    let error = r#"{"code":-1,"message":"four","data":[1.0]}"#;
    connection.handle_input(format!("{{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{error}}}\n").as_bytes());
    assert_eq!(held(&connection), 9);
    response(&mut connection).1.unwrap_err();
    assert_eq!(held(&connection), 0);

    connection.handle_input(b"{\"jsonrpc\":\"2.0\",\"method\":\"four\",\"params\":{\"a\":1}}\n");
    assert_eq!(held(&connection), 11);
    only(&mut connection);
    connection.handle_input(b"{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\"}\n");
    assert_eq!(held(&connection), outputs(&mut connection).concat().len());
    assert_eq!(held(&connection), 0);
}

#[test]
fn the_memory_of_a_line_in_pieces_stays_below_twice_what_came() {
    let mut connection = Connection::new(Options::default());
    for pieces in 1..=100 {
        connection.handle_input(&[b'x'; 10]);
        assert!(connection.buffered() < 2 * 10 * pieces, "{} after {pieces}", connection.buffered());
    }
}

#[test]
fn a_buffer_of_64_kib_is_kept_for_the_next_line_and_a_larger_one_given_back() {
    for (size, kept) in [(65_536, 65_536), (65_537, 0)] {
        let mut connection = Connection::new(Options::default());
        connection.handle_input(&vec![b' '; size]);
        assert_eq!(connection.buffered(), size);
        connection.handle_input(b"\n");
        connection.handle_input(b"");
        assert_eq!(connection.buffered(), kept);
    }
}

#[test]
fn half_a_line_is_held_until_it_is_whole() {
    let mut connection = ready();
    connection.handle_input(br#"{"jsonrpc":"2.0","#);
    assert!(connection.buffered() >= 17);
    connection.handle_input(b"\"method\":\"n\"}\n");
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
}

#[test]
fn a_start_that_is_too_large_is_refused_and_may_not_be_gone_on_from() {
    let mut connection = Connection::new(Options::default().max_message(20));
    assert!(matches!(connection.start(T0), Err(RequestError::TooLarge { limit: 20, .. })));
    assert_eq!(connection.in_flight(), 0);
    assert!(connection.poll_output().is_none());
    assert_eq!(connection.request(T0, "ping", None, None), Err(RequestError::NotReady));
}

#[test]
fn only_objects_are_params_of_a_notification() {
    // MCP 2025-11-25, schema, `NotificationParams`: an object. JSON-RPC 2.0,
    // section 4.2, would allow an array.
    let mut connection = ready();
    for text in ["[1]", "null", "5", "\"{\""] {
        assert_eq!(connection.notify("n", Some(&raw(text))), Err(RequestError::InvalidParams), "{text}");
    }
    assert!(connection.poll_output().is_none());
    connection.notify("n", Some(&raw(" {}"))).unwrap();
}

#[test]
fn a_lane_for_no_answer_at_all_drops_and_counts_each() {
    let mut connection = ready_with(Options::default().max_replies(0), "2025-11-25");
    let id = sent(&mut connection);
    assert_eq!(connection.cancel(id, None), Cancel::Notified);
    response_behind_drops(&mut connection);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":5,"method":"ping"}"#);
    assert!(connection.poll_output().is_none());
    let dropped = connection.stats().dropped;
    assert_eq!((dropped.cancel_notices, dropped.replies, dropped.total()), (1, 1, 2));
}

fn response_behind_drops(connection: &mut Connection) {
    let all = events(connection);
    assert!(
        matches!(&all[..], [Event::Dropped(_), Event::Response { result: Err(CallError::Cancelled), .. }]),
        "{all:?}"
    );
}

#[test]
fn an_id_of_a_kibibyte_is_echoed_and_a_longer_one_refused() {
    // JSON-RPC 2.0, section 5: the answer's id is the request's. The bound is
    // ours: an answer is no place for a server's megabytes.
    let mut connection = ready();
    let id = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{},"method":"ping"}}"#, id(1024)));
    assert!(outputs(&mut connection)[0].contains(&id(1024)));
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{},"method":"ping"}}"#, id(1025)));
    assert!(matches!(only(&mut connection), Event::ProtocolError(ProtocolError::InvalidId { .. })));
    assert!(connection.poll_output().is_none());
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
