//! What stands on the last line when the input ends without a newline.

use crate::common::*;
use tenure_mcp_proto::{CallError, Event, Options, ProtocolError};

#[test]
fn a_whole_answer_without_its_newline_counts_at_the_end_of_the_input() {
    for line in [
        r#"{"jsonrpc":"2.0","id":2,"result":{"n":1.0}}"#,
        " {\"result\":{\"n\":1.0},\"id\":2,\"jsonrpc\":\"2.0\"} \r",
    ] {
        let mut connection = ready();
        let (answered, open) = (sent(&mut connection), sent(&mut connection));
        for piece in line.as_bytes().chunks(7) {
            connection.handle_input(piece);
            assert!(events(&mut connection).is_empty(), "heard before the end");
        }
        connection.handle_eof();
        match &events(&mut connection)[..] {
            [
                Event::Response { id: first, result: Ok(result) },
                Event::Response { id: second, result: Err(CallError::ConnectionLost { sent: true }) },
            ] => assert_eq!((*first, result.get(), *second), (answered, r#"{"n":1.0}"#, open)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_whole_handshake_or_notification_without_its_newline_counts_too() {
    let mut connection = opening(Options::default());
    connection.handle_input(initialize_answer("2025-11-25").as_bytes());
    connection.handle_eof();
    assert!(matches!(events(&mut connection)[..], [Event::Ready(_)]));

    let mut connection = ready();
    connection.handle_input(br#"{"jsonrpc":"2.0","method":"n"}"#);
    connection.handle_eof();
    assert!(matches!(events(&mut connection)[..], [Event::Notification { .. }]));
}

#[test]
fn a_batch_without_its_newline_counts_where_there_are_batches() {
    let mut connection = ready_with(Options::default(), "2025-03-26");
    let id = sent(&mut connection);
    connection.handle_input(br#"[{"jsonrpc":"2.0","id":2,"result":1}]"#);
    connection.handle_eof();
    assert!(
        matches!(&events(&mut connection)[..], [Event::Response { id: ended, result: Ok(_) }] if *ended == id)
    );
}

#[test]
fn what_is_not_whole_is_reported_as_unfinished_with_its_beginning() {
    // A number may have gone on; text is no message anyway.
    for line in [
        r#"{"jsonrpc":"2.0","id":2,"result":{"#,
        r#"{"jsonrpc":"2.0","id":2,"result":{}"#,
        "17",
        "Password: ",
        "{}}",
    ] {
        let mut connection = ready();
        sent(&mut connection);
        connection.handle_input(line.as_bytes());
        connection.handle_eof();
        connection.handle_eof();
        match &events(&mut connection)[..] {
            [
                Event::ProtocolError(ProtocolError::Unfinished { size, excerpt }),
                Event::Response { result: Err(CallError::ConnectionLost { sent: true }), .. },
            ] => assert_eq!((*size, excerpt.as_str()), (line.len() as u64, line)),
            other => panic!("{line}: {other:?}"),
        }
    }
    let mut connection = ready_with(Options::default().max_message(300), "2025-11-25");
    connection.handle_input(&vec![b'x'; 100_000]);
    connection.handle_eof();
    match only(&mut connection) {
        Event::ProtocolError(ProtocolError::Unfinished { size: 100_000, excerpt }) => {
            assert!(excerpt.starts_with("xxx") && excerpt.len() < 200, "{excerpt}");
        }
        other => panic!("{other:?}"),
    }
}
