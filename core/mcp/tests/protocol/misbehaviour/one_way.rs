//! A connection on which nothing can be written any more, and what still comes is taken.

use crate::common::*;
use tenure_mcp_proto::{CallError, Cancel, Event, HandshakeError, Options, RequestError, RequestId};

/// The one event there is, which must be a response, with its error in short.
fn ended(connection: &mut OnLines) -> (RequestId, Result<String, &'static str>) {
    let (id, result) = response(connection);
    (id, result.map_err(|error| in_short(&error)))
}

fn in_short(error: &CallError) -> &'static str {
    match error {
        CallError::ConnectionLost { sent: false } => "unsent",
        CallError::ConnectionLost { sent: true } => "lost",
        CallError::Cancelled => "cancelled",
        CallError::TimedOut => "timed out",
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_written_is_answered_and_what_was_not_fails_at_once() {
    let mut connection = ready();
    let written = sent(&mut connection);
    let queued = connection.request(T0, "x", None, Some(SECOND)).unwrap();
    connection.handle_write_failure(None);
    assert_eq!(ended(&mut connection), (queued, Err("unsent")));
    assert!(outputs(&mut connection).is_empty());
    assert_eq!((connection.in_flight(), connection.poll_timeout()), (1, None));
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"result":{"n":1}}"#);
    assert_eq!(ended(&mut connection), (written, Ok(r#"{"n":1}"#.to_owned())));
    feed(&mut connection, r#"{"jsonrpc":"2.0","method":"n"}"#);
    assert!(matches!(only(&mut connection), Event::Notification { .. }));
    assert!(!connection.is_closed());
}

#[test]
fn a_request_that_was_written_in_part_was_not_sent() {
    let mut connection = ready();
    let whole = sent(&mut connection);
    let part = connection.request(T0, "x", None, None).unwrap();
    let message = connection.poll_message().unwrap();
    assert_eq!(message.request(), Some(part));
    connection.handle_write_failure(message.request());
    assert_eq!(ended(&mut connection), (part, Err("unsent")));
    // Said again it changes nothing: an answered or unknown request is none that waits.
    connection.handle_write_failure(Some(part));
    connection.handle_end();
    assert_eq!(ended(&mut connection), (whole, Err("lost")));
}

#[test]
fn nothing_is_made_or_queued_any_more() {
    let mut connection = ready();
    let id = sent(&mut connection);
    connection.handle_write_failure(None);
    assert!(!connection.is_ready());
    assert_eq!(connection.request(T0, "x", None, None), Err(RequestError::Closed));
    assert_eq!(connection.ask_for_life(T0, None), Err(RequestError::Closed));
    assert_eq!(connection.notify("x", None), Err(RequestError::Closed));
    // An answer to the server, and the notice of a cancelled call.
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#);
    assert_eq!(connection.cancel(id, None), Cancel::Notified);
    assert!(outputs(&mut connection).is_empty());
    assert_eq!(ended(&mut connection), (id, Err("cancelled")));
}

#[test]
fn deadlines_of_what_was_written_are_kept() {
    let mut connection = ready();
    let id = connection.request(T0, "x", None, Some(SECOND)).unwrap();
    connection.poll_line().unwrap();
    connection.handle_write_failure(None);
    assert!(events(&mut connection).is_empty());
    let deadline = connection.poll_timeout().unwrap();
    connection.handle_timeout(deadline);
    assert_eq!(ended(&mut connection), (id, Err("timed out")));
    assert!(connection.poll_line().is_none());
}

#[test]
fn an_opening_that_was_written_may_still_be_answered() {
    let mut connection = opening(Options::default());
    connection.handle_write_failure(None);
    assert!(events(&mut connection).is_empty());
    feed(&mut connection, &initialize_answer("2025-11-25"));
    assert!(matches!(only(&mut connection), Event::Ready(_)));
    assert!(connection.poll_line().is_none(), "its confirmation can't be sent");
    assert_eq!(connection.request(T0, "x", None, None), Err(RequestError::Closed));
}

#[test]
fn an_opening_that_was_not_written_has_failed() {
    for is_handed_out in [false, true] {
        let mut connection = OnLines::new(Options::default());
        connection.start(T0).unwrap();
        let message = is_handed_out.then(|| connection.poll_message().unwrap());
        connection.handle_write_failure(message.and_then(|message| message.request()));
        match only(&mut connection) {
            Event::HandshakeFailed(HandshakeError::Failed(error)) => assert_eq!(in_short(&error), "unsent"),
            other => panic!("{other:?}"),
        }
        assert!(connection.is_closed());
    }
    let mut connection = OnLines::new(Options::default());
    connection.handle_write_failure(None);
    assert_eq!(connection.start(T0), Err(RequestError::Closed));
}
