//! Answers whose envelope is odd: the server's words reach the caller, and no call waits for what came.

use crate::common::*;
use tenure_mcp_proto::{CallError, Event, Options, ProtocolError, ServerError};

/// How a call ends that is answered with this line; `@` is its id.
fn ends(line: &str) -> CallError {
    let mut connection = ready();
    let id = sent(&mut connection);
    let other = sent(&mut connection);
    feed(&mut connection, &line.replace('@', &id.to_string()));
    let (ended, result) = response(&mut connection);
    assert_eq!(ended, id, "{line}");
    assert_eq!(connection.in_flight(), 1, "{line}");
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{other},"result":{{}}}}"#));
    assert_eq!(response(&mut connection).0, other);
    result.unwrap_err()
}

fn server_error(error: &str) -> ServerError {
    match ends(&format!(r#"{{"jsonrpc":"2.0","id":@,"error":{error}}}"#)) {
        CallError::Server(said) => {
            assert_eq!(said.raw.get(), error);
            said
        }
        other => panic!("{error}: {other:?}"),
    }
}

#[test]
fn an_errors_code_is_read_however_the_number_is_written() {
    for (written, code) in [
        ("-32000", Some(-32000)),
        ("-32000.0", Some(-32000)),
        ("-3.2e4", Some(-32000)),
        (r#""-32000""#, Some(-32000)),
        (r#"" -32000.00 ""#, Some(-32000)),
        ("0", Some(0)),
        ("-0.0", Some(0)),
        ("9223372036854775807", Some(i64::MAX)),
        ("-9223372036854775808", Some(i64::MIN)),
        ("9223372036854775808", None),
        ("10000000000000000000000000", None),
        ("1e999", None),
        ("1e-999", None),
        ("1.5", None),
        (r#""E_QUOTA""#, None),
        ("null", None),
        ("true", None),
        ("[1]", None),
    ] {
        let said = server_error(&format!(r#"{{"code":{written},"message":"quota used up","data":[1.0]}}"#));
        assert_eq!((said.code, said.message.as_str()), (code, "quota used up"), "{written}");
        assert_eq!(said.data.as_ref().unwrap().get(), "[1.0]");
        assert!(said.to_string().contains("quota used up"), "{said}");
    }
    assert_eq!(server_error(r#"{"message":"quota used up"}"#).code, None);
}

#[test]
fn a_code_that_is_no_number_stands_in_the_words_as_it_came() {
    for (code, said) in [
        ("10000000000000000000000000", "the server answered error 10000000000000000000000000: full"),
        (r#""E_QUOTA""#, "the server answered error \"E_QUOTA\": full"),
        ("-32000.0", "the server answered error -32000: full"),
    ] {
        assert_eq!(server_error(&format!(r#"{{"code":{code},"message":"full"}}"#)).to_string(), said);
    }
    assert_eq!(server_error(r#"{"message":"full"}"#).to_string(), "the server answered an error: full");
    assert_eq!(server_error(r#""full""#).to_string(), "the server answered an error: full");
}

#[test]
fn an_error_of_any_kind_keeps_the_servers_words() {
    for (error, message) in [
        (r#""quota used up""#, "quota used up"),
        (r#"["quota","used up"]"#, r#"["quota","used up"]"#),
        ("5", "5"),
        ("true", "true"),
        (r#"{"code":-1,"message":{"en":"full"}}"#, r#"{"en":"full"}"#),
        (r#"{"code":-1,"message":7}"#, "7"),
        (r#"{"code":-1,"message":null}"#, ""),
        (r#"{"code":-1}"#, ""),
        ("{}", ""),
        (r#"{"text":"full"}"#, ""),
    ] {
        let said = server_error(error);
        assert_eq!(said.message, message, "{error}");
        // Without a message the rest must do.
        let shown = if message.is_empty() { error } else { message };
        assert!(said.to_string().ends_with(shown), "{said}");
    }
}

#[test]
fn null_for_a_result_beside_an_error_is_no_result() {
    match ends(r#"{"jsonrpc":"2.0","id":@,"result":null,"error":{"code":-5,"message":"full"}}"#) {
        CallError::Server(said) => assert_eq!((said.code, said.message.as_str()), (Some(-5), "full")),
        other => panic!("{other:?}"),
    }
    match ends(r#"{"error":"full","result":null,"id":@,"jsonrpc":"2.0"}"#) {
        CallError::Server(said) => assert_eq!((said.code, said.message.as_str()), (None, "full")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_that_names_its_call_and_cannot_be_read_fails_it_at_once_wherever_the_id_stands() {
    for line in [
        // No JSON numbers.
        r#"{"jsonrpc":"2.0","result":{"x":NaN},"id":@}"#,
        r#"{"jsonrpc":"2.0","id":@,"result":{"x":NaN}}"#,
        r#"{"result":{"x":-Infinity,"rows":[{"id":3}]},"id":@,"jsonrpc":"2.0"}"#,
        r#"{"result":{"x":01,"id":3},"jsonrpc":"2.0","id":@}"#,
        r#"{"result":[1,2,],"id":@}"#,
        r#"{"result":undefined,"id":@}"#,
        r#"{"error":{"code":-1,"message":"full",},"id":@}"#,
        // Quotes that were not escaped.
        r#"{"jsonrpc":"2.0","result":{"a":"say "hi" there"},"id":@}"#,
        r#"{"jsonrpc":"2.0","result":{"a":"say "hi},"id":@}"#,
        r#"{"jsonrpc":"2.0","result":{"a":"say "hi},"id":@,"b":"x"}}"#,
        r#"{"jsonrpc":"2.0","result":{"a":"say "hi, "id": 3}"},"id" : @ , "jsonrpc":"2.0"}"#,
        // Cut short, or with something behind.
        r#"{"jsonrpc":"2.0","id":@,"result":{"a":"#,
        r#"{"jsonrpc":"2.0","id":@,"result":{"a":"b"#,
        r#"{"jsonrpc":"2.0","id":@,"result":"#,
        r#"{"jsonrpc":"2.0","id":@,"result":{}} trailing"#,
        r#"{"jsonrpc":"2.0","result":{},"id":@}}"#,
        r#"{"jsonrpc":"2.0","result":{,"id":"@"}"#,
        // Neither result nor error, or both.
        r#"{"jsonrpc":"2.0","id":@}"#,
        r#"{"jsonrpc":"2.0","id":@,"error":null}"#,
        r#"{"id":@,"response":{},"jsonrpc":"2.0"}"#,
        r#"{"jsonrpc":"2.0","id":@,"result":1,"error":{"code":1}}"#,
    ] {
        match ends(line) {
            CallError::Protocol { what, excerpt } => {
                assert!(!what.is_empty() && line.replace('@', "2").starts_with(&excerpt), "{what} {excerpt}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn an_answer_in_another_encoding_fails_its_call_wherever_the_id_stands() {
    for line in [
        b"{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"caf\xe9\"}\n".as_slice(),
        b"{\"jsonrpc\":\"2.0\",\"result\":\"caf\xe9\",\"id\":2}\n",
        b"{\"jsonrpc\":\"2.0\",\"result\":\"caf\xe9 \"quoted\",\"id\":2}\n",
    ] {
        let mut connection = ready();
        let id = sent(&mut connection);
        connection.handle_input(line);
        let (ended, result) = response(&mut connection);
        assert_eq!(ended, id);
        assert!(matches!(result, Err(CallError::Protocol { what, .. }) if what.contains("UTF-8")));
    }
}

#[test]
fn the_excerpt_of_an_answer_is_bounded() {
    let long = "x".repeat(100_000);
    let line = format!(r#"{{"jsonrpc":"2.0","id":@,"result":[{long}]}}"#);
    match ends(&line) {
        CallError::Protocol { excerpt, .. } => assert!(excerpt.len() < 200, "{}", excerpt.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_that_may_be_about_anything_fails_no_call() {
    for line in [
        // Ids of data, not of the answer.
        r#"{"jsonrpc":"2.0","result":{"rows":[{"id":2},{"id":3}"#,
        r#"{"jsonrpc":"2.0","result":{"a":"say "hi, "id": 2}, {"id": 3}"#,
        r#"{"jsonrpc":"2.0","result":{"id":2"#,
        // What the server asks, logs or says of itself.
        r#"{"jsonrpc":"2.0","id":2,"meth"#,
        r#"{"jsonrpc":"2.0","method":"m","params":{"x":NaN},"id":2}"#,
        r#"{"level":"info","id":2,"message":"m"}"#,
        r#"listening: {"id":2,"result":{}}"#,
        // The number may go on.
        r#"{"jsonrpc":"2.0","result":{},"id":2"#,
    ] {
        let mut connection = ready();
        sent(&mut connection);
        sent(&mut connection);
        feed(&mut connection, line);
        assert!(
            matches!(only(&mut connection), Event::ProtocolError(ProtocolError::Malformed { .. })),
            "{line}"
        );
        assert_eq!(connection.in_flight(), 2, "{line}");
    }
}

#[test]
fn an_id_in_another_spelling_of_the_same_number_is_that_number() {
    // Ours are whole numbers and never strings: nothing else can be meant.
    for spelled in [
        "2.0",
        "2.000",
        "2e0",
        "2E+0",
        "20e-1",
        "0.2e1",
        "200.0e-2",
        r#""2""#,
        r#""2.0""#,
        r#""2e0""#,
        r#"" 2 ""#,
        r#""\u0032""#,
    ] {
        let mut connection = ready();
        let id = sent(&mut connection);
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{spelled},"result":7}}"#));
        let (ended, result) = response(&mut connection);
        assert_eq!((ended, result.unwrap().as_str()), (id, "7"), "{spelled}");
    }
    for other in ["2.5", "-2", "2e1", "2e-1", r#""two""#, "[2]", "true", "1e999999999999", "1e-999999999999"]
    {
        let mut connection = ready();
        sent(&mut connection);
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{other},"result":7}}"#));
        assert!(
            matches!(only(&mut connection), Event::ProtocolError(ProtocolError::UnknownResponse { .. })),
            "{other}"
        );
        assert_eq!(connection.in_flight(), 1);
    }
}

#[test]
fn a_giant_answer_without_result_or_error_fails_its_call_at_once() {
    let mut connection = ready_with(Options::default().max_message(300), "2025-11-25");
    let id = sent(&mut connection);
    let pad = "x".repeat(400);
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","response":"{pad}","id":2e0}}"#));
    let (ended, result) = response(&mut connection);
    assert_eq!(ended, id);
    assert!(matches!(result, Err(CallError::TooLarge { limit: 300 })));
}

#[test]
fn answers_that_stand_on_one_line_all_count_and_the_fault_is_told() {
    // What servers write that write a message and its newline apart, from several threads.
    let mut connection = ready();
    let (a, b) = (sent(&mut connection), sent(&mut connection));
    feed(
        &mut connection,
        r#"{"jsonrpc":"2.0","id":3,"result":"b"}{"jsonrpc":"2.0","method":"n"} {"jsonrpc":"2.0","id":2,"result":"a"}"#,
    );
    match &events(&mut connection)[..] {
        [
            Event::ProtocolError(ProtocolError::Malformed { reason, .. }),
            Event::Response { id: first, result: Ok(_) },
            Event::Notification { .. },
            Event::Response { id: second, result: Ok(_) },
        ] => assert_eq!((*first, *second, reason.as_str()), (b, a, "several messages on one line")),
        other => panic!("{other:?}"),
    }
    assert!(connection.received_instead().is_none());
}

#[test]
fn what_follows_a_refused_handshake_on_the_same_line_is_neither_answered_nor_told() {
    let mut connection = opening(Options::default());
    feed(
        &mut connection,
        &format!(
            r#"{}{{"jsonrpc":"2.0","id":9,"method":"ping"}}{{"jsonrpc":"2.0","method":"n"}}"#,
            initialize_answer("2099-01-01")
        ),
    );
    assert!(connection.is_closed());
    assert_eq!(outputs(&mut connection), Vec::<String>::new());
    match &events(&mut connection)[..] {
        [Event::ProtocolError(ProtocolError::Malformed { .. }), Event::HandshakeFailed(_)] => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_of_which_a_part_is_no_message_is_acted_on_in_no_part() {
    for rest in ["{", "5", "x", r#"{"jsonrpc":"2.0","id":3,"result":"#] {
        let mut connection = ready();
        let id = sent(&mut connection);
        sent(&mut connection);
        feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":2,"result":"a"}}{rest}"#));
        let (ended, result) = response(&mut connection);
        assert_eq!((ended, connection.in_flight()), (id, 1), "{rest}");
        assert!(matches!(result, Err(CallError::Protocol { .. })), "{rest}");
    }
}
