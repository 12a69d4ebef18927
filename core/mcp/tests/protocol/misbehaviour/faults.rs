//! Servers that misbehave, and connections that end.

use crate::common::*;
use tenure_mcp_proto::{CallError, Event, Options, ProtocolError, RequestError};

fn fault(connection: &mut OnLines) -> ProtocolError {
    match only(connection) {
        Event::ProtocolError(error) => error,
        other => panic!("{other:?}"),
    }
}

/// The connection still works.
fn alive(connection: &mut OnLines) {
    let id = sent(connection);
    feed(connection, &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
    let (ended, result) = response(connection);
    assert_eq!((ended, result.unwrap().as_str()), (id, "{}"));
}

#[test]
fn garbage_is_reported_and_survived() {
    let mut connection = ready();
    for line in ["hello", "{", "17", "{\"level\":\"info\"}", "\u{feff}{}", "\0"] {
        feed(&mut connection, line);
        assert!(matches!(fault(&mut connection), ProtocolError::Malformed { .. }), "{line}");
    }
    alive(&mut connection);
}

#[test]
fn blank_lines_and_carriage_returns_are_nothing() {
    let mut connection = ready();
    connection.handle_input(b"\n\r\n  \n\t\n");
    assert!(events(&mut connection).is_empty());
    connection.handle_input(b"{\"jsonrpc\":\"2.0\",\"method\":\"n\"}\r\n");
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
}

#[test]
fn invalid_utf8_is_reported_and_survived() {
    let mut connection = ready();
    connection.handle_input(b"abc\xff\xfe\n");
    assert!(matches!(fault(&mut connection), ProtocolError::InvalidUtf8 { valid_up_to: 3, .. }));
    alive(&mut connection);
}

/// Also where it is looked for many bytes at a time.
#[test]
fn what_is_no_utf8_is_found_where_it_is_in_short_and_long_messages() {
    let mut connection = ready();
    for before in (0..300).chain([4_095, 4_096, 70_001]) {
        for (whole, behind) in [("\u{e4}", 0), ("\u{1f600}", 200)] {
            let valid = ["x".repeat(before % 7), "\u{e4}".repeat(before)].concat();
            let mut line = valid.clone().into_bytes();
            line.extend_from_slice(whole.as_bytes());
            // The last byte of a character is missing.
            line.pop();
            line.extend_from_slice("\u{e4}".repeat(behind).as_bytes());
            line.push(b'\n');
            connection.handle_input(&line);
            match fault(&mut connection) {
                ProtocolError::InvalidUtf8 { valid_up_to, .. } => assert_eq!(valid_up_to, valid.len()),
                other => panic!("{before}: {other:?}"),
            }
        }
    }
    alive(&mut connection);
}

#[test]
fn a_hundred_megabytes_in_one_line_are_one_fault() {
    let mut connection = ready_with(Options::default().max_message(10_000), "2025-11-25");
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        connection.handle_input(&chunk);
        assert!(events(&mut connection).is_empty());
    }
    connection.handle_input(b"\n");
    assert_eq!(fault(&mut connection), ProtocolError::Oversized { size: 100 << 20, limit: 10_000 });
    alive(&mut connection);
}

#[test]
fn an_oversized_answer_fails_its_call_wherever_the_id_stands() {
    let giant = "[\"id\",{\"id\":3}],".repeat(200);
    for answer in [
        format!(r#"{{"jsonrpc":"2.0","id":2,"result":[{giant}0]}}"#),
        format!(r#"{{"jsonrpc":"2.0","result":[{giant}0],"id":2}}"#),
        format!(r#"{{"error":{{"data":[{giant}0]}},"id":2}}"#),
    ] {
        let mut connection = ready_with(Options::default().max_message(1000), "2025-11-25");
        let id = sent(&mut connection);
        let other = sent(&mut connection);
        for piece in answer.as_bytes().chunks(7) {
            connection.handle_input(piece);
            assert!(events(&mut connection).is_empty());
        }
        connection.handle_input(b"\n");
        let (ended, result) = response(&mut connection);
        assert_eq!(ended, id);
        assert!(matches!(result, Err(CallError::TooLarge { limit: 1000 })));
        assert_eq!(connection.in_flight(), 1);
        feed(&mut connection, r#"{"jsonrpc":"2.0","id":3,"result":{}}"#);
        assert_eq!(response(&mut connection).0, other);
        alive(&mut connection);
    }
}

#[test]
fn an_oversized_line_that_answers_nothing_is_reported() {
    let pad = "x".repeat(1000);
    for line in [
        format!(r#"{{"jsonrpc":"2.0","method":"n","params":{{"id":2,"p":"{pad}"}}}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":99,"result":"{pad}"}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":2,"method":"m","params":"{pad}"#),
        format!(r#"{{"jsonrpc":"2.0","id":1,"result":"{pad}"}}"#),
    ] {
        let mut connection = ready_with(Options::default().max_message(1000), "2025-11-25");
        sent(&mut connection);
        feed(&mut connection, &line);
        assert_eq!(fault(&mut connection), ProtocolError::Oversized { size: line.len() as u64, limit: 1000 });
        assert!(outputs(&mut connection).is_empty());
        assert_eq!(connection.in_flight(), 1);
    }
}

#[test]
fn an_oversized_request_of_the_server_is_refused() {
    let mut connection = ready_with(Options::default().max_message(1000), "2025-11-25");
    let id = sent(&mut connection);
    let pad = "x".repeat(1000);
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{id},"params":"{pad}","method":"m"}}"#));
    assert!(matches!(fault(&mut connection), ProtocolError::Oversized { .. }));
    let lines = outputs(&mut connection);
    assert!(lines[0].contains("\"id\":2,\"error\":{\"code\":-32600"));
    assert_eq!(connection.in_flight(), 1);
}

#[test]
fn an_oversized_answer_that_nobody_waits_for_is_ignored() {
    let mut connection = ready_with(Options::default().max_message(1000), "2025-11-25");
    let id = sent(&mut connection);
    connection.cancel(id, None);
    response(&mut connection).1.unwrap_err();
    let pad = "x".repeat(1000);
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":2,"result":"{pad}"}}"#));
    assert!(events(&mut connection).is_empty());
}

#[test]
fn unknown_and_repeated_responses_are_reported_and_survived() {
    let mut connection = ready();
    for id in ["99", "0", "-1", "\"x\"", "2.5", "{}", "true"] {
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
        assert_eq!(fault(&mut connection), ProtocolError::UnknownResponse { id: id.to_owned() });
    }
    alive(&mut connection);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    assert!(matches!(
        fault(&mut connection),
        ProtocolError::RepeatedResponse { id } if id.as_u64() == 2
    ));
    alive(&mut connection);
}

#[test]
fn an_answer_to_a_request_that_was_not_sent_yet_is_not_believed() {
    let mut connection = ready();
    connection.request(T0, "a", None, None).unwrap();
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    assert!(matches!(fault(&mut connection), ProtocolError::UnknownResponse { .. }));
    assert_eq!(connection.in_flight(), 1);
    assert_eq!(outputs(&mut connection).len(), 1);
}

#[test]
fn null_and_other_invalid_ids_are_reported_and_not_answered() {
    let mut connection = ready();
    let long = format!("\"{}\"", "x".repeat(2000));
    for id in ["null", "true", "[]", "{}", &long] {
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#));
        assert!(matches!(fault(&mut connection), ProtocolError::InvalidId { .. }));
    }
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":null,"result":{}}"#);
    assert!(matches!(fault(&mut connection), ProtocolError::InvalidId { .. }));
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}}"#);
    assert!(matches!(fault(&mut connection), ProtocolError::UnaddressedError { code: Some(-32700), .. }));
    assert!(outputs(&mut connection).is_empty());
    alive(&mut connection);
}

#[test]
fn batches_are_read_on_the_one_version_that_has_them() {
    let mut connection = ready_with(Options::default(), "2025-03-26");
    let id = sent(&mut connection);
    feed(
        &mut connection,
        r#"[{"jsonrpc":"2.0","id":2,"result":1.0},5,{"jsonrpc":"2.0","id":"p","method":"ping"},{"jsonrpc":"2.0","method":"n"}]"#,
    );
    match &events(&mut connection)[..] {
        [
            Event::Response { id: ended, result: Ok(result) },
            Event::ProtocolError(ProtocolError::Malformed { .. }),
            Event::Notification { .. },
        ] => assert_eq!((*ended, result.get()), (id, "1.0")),
        other => panic!("{other:?}"),
    }
    assert!(outputs(&mut connection)[0].contains("\"id\":\"p\",\"result\":{}"));
    for bad in ["[]", "[", "[[]]"] {
        feed(&mut connection, bad);
        assert!(matches!(fault(&mut connection), ProtocolError::Malformed { .. }));
    }
    alive(&mut connection);
}

#[test]
fn a_broken_batch_is_acted_on_in_no_part() {
    let mut connection = ready_with(Options::default(), "2025-03-26");
    sent(&mut connection);
    feed(&mut connection, r#"[{"jsonrpc":"2.0","id":2,"result":1},{"jsonrpc""#);
    assert!(matches!(fault(&mut connection), ProtocolError::Malformed { .. }));
    assert_eq!(connection.in_flight(), 1);
}

#[test]
fn answers_in_a_batch_reach_their_calls_on_all_other_versions_too_and_the_batch_is_reported() {
    for version in ["2025-11-25", "2025-06-18", "2024-11-05"] {
        let mut connection = ready_with(Options::default(), version);
        let (first, second) = (sent(&mut connection), sent(&mut connection));
        feed(
            &mut connection,
            r#"[{"jsonrpc":"2.0","id":3,"result":1.0},5,[],{"jsonrpc":"2.0","id":"p","method":"ping"},{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"m"}}]"#,
        );
        match &events(&mut connection)[..] {
            [
                Event::ProtocolError(ProtocolError::Batch),
                Event::Response { id: second_ended, result: Ok(result) },
                Event::Response { id: first_ended, result: Err(CallError::Server(_)) },
            ] => assert_eq!((*second_ended, result.get(), *first_ended), (second, "1.0", first)),
            other => panic!("{other:?}"),
        }
        assert!(outputs(&mut connection)[0].contains("\"id\":\"p\",\"result\":{}"));
        alive(&mut connection);
    }
}

#[test]
fn what_only_begins_like_a_batch_is_reported_and_acted_on_in_no_part() {
    let mut connection = ready();
    sent(&mut connection);
    for bad in [
        "[INFO] listening",
        "[]",
        "[1,2]",
        r#"[{"jsonrpc":"2.0","id":2,"result":1}"#,
        r#"[{"jsonrpc":"2.0","id":2,"result":1}] and more"#,
        r#"[[{"jsonrpc":"2.0","id":2,"result":1}]]"#,
    ] {
        feed(&mut connection, bad);
        assert_eq!(fault(&mut connection), ProtocolError::Batch);
        assert_eq!(connection.in_flight(), 1);
    }
}

#[test]
fn a_handshake_that_is_answered_in_a_batch_is_answered() {
    let mut connection = opening(Options::default());
    feed(&mut connection, &format!("[{}]", initialize_answer("2025-11-25")));
    assert!(matches!(
        events(&mut connection)[..],
        [Event::ProtocolError(ProtocolError::Batch), Event::Ready(_)]
    ));
}

#[test]
fn half_a_line_and_the_end_fail_everything_once() {
    let mut connection = ready();
    let a = sent(&mut connection);
    let b = connection.request(T0, "b", None, Some(SECOND)).unwrap();
    connection.handle_input(br#"{"jsonrpc":"2.0","id":2,"result":{"#);
    connection.handle_eof();
    connection.handle_eof();
    match &events(&mut connection)[..] {
        [
            Event::ProtocolError(ProtocolError::Unfinished { size: 34, .. }),
            Event::Response { id: first, result: Err(CallError::ConnectionLost { sent: true }) },
            Event::Response { id: second, result: Err(CallError::ConnectionLost { sent: false }) },
        ] => assert_eq!((*first, *second), (a, b)),
        other => panic!("{other:?}"),
    }
    assert!(outputs(&mut connection).is_empty());
    assert_eq!(connection.poll_timeout(), None);
}

#[test]
fn the_end_after_a_whole_line_is_no_fault_of_its_own() {
    let mut connection = ready();
    connection.handle_input(b"\n");
    connection.handle_eof();
    assert!(events(&mut connection).is_empty());
    assert!(connection.is_closed());
}

#[test]
fn after_the_end_nothing_is_accepted_and_nothing_happens() {
    let mut connection = ready();
    let id = sent(&mut connection);
    connection.fail_all(&CallError::Cancelled);
    assert!(matches!(
        response(&mut connection),
        (ended, Err(CallError::Cancelled)) if ended == id
    ));
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    connection.handle_timeout(T0 + SECOND);
    assert!(events(&mut connection).is_empty());
    assert!(outputs(&mut connection).is_empty());
    assert_eq!(connection.request(T0, "a", None, None), Err(RequestError::Closed));
    assert_eq!(connection.notify("a", None), Err(RequestError::Closed));
    assert!(!connection.is_ready());
}
