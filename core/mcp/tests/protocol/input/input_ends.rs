//! How calls end for which a server wants input: refused, given up, late, or with their connection (MCP 2026-07-28,
//! basic/patterns/mrtr).

use crate::common::eras::*;
use crate::common::rounds::*;
use crate::common::*;
use tenure_mcp_proto::{CallError, Cancel, ErrorAnswer, Event, InputError, RequestError};

#[test]
fn an_answer_that_is_an_error_ends_the_call_and_what_else_is_wanted() {
    // MCP 2026-07-28, client/sampling, "Error Handling".
    let mut connection = connected();
    let id = call(&mut connection);
    let both = format!(r#""inputRequests":{{{ROOTS},"s":{{"method":"sampling/createMessage"}}}}"#);
    let result = wants(&mut connection, 2, &both);
    let asked = asked(&mut connection);
    connection.answer(T0, asked[0], Err(ErrorAnswer { code: -1, message: "no", data: None })).unwrap();
    match &events(&mut connection)[..] {
        [
            Event::RequestCancelled { id: other, .. },
            Event::Response { id: ended, result: Err(CallError::InputRequired { why, raw }) },
        ] => {
            assert_eq!((*other, *ended, raw.get()), (asked[1], id, result.as_str()));
            assert_eq!(*why, InputError::Refused { code: -1, message: "no".to_owned() });
        }
        other => panic!("{other:?}"),
    }
    assert!(outputs(&mut connection).is_empty(), "there is no way to tell the server");
    assert_eq!(connection.answer(T0, asked[1], Ok(&raw("{}"))), Err(RequestError::NotAsked));
}

/// tests/http/ROWS.md, section 8: `requestState` is never printed.
#[test]
fn the_state_of_a_server_is_kept_and_not_printed() {
    let mut connection = connected();
    call(&mut connection);
    let wanted = r#"{"e":{"method":"elicitation/create"}}"#;
    let result =
        wants(&mut connection, 2, &format!(r#""inputRequests":{wanted},"requestState":"secret-state""#));
    let Err(error) = response(&mut connection).1 else { panic!("it was not offered") };
    assert!(!format!("{error:?} {error}").contains("secret-state"), "{error:?}");
    let CallError::InputRequired { raw, .. } = error else { panic!("{error:?}") };
    assert_eq!(raw.requests().unwrap().get(), wanted);
    assert_eq!(raw.into_raw().get(), result);
}

#[test]
fn whoever_gives_up_between_the_rounds_tells_the_server_nothing() {
    let mut connection = connected();
    let id = call(&mut connection);
    wants(&mut connection, 2, &format!(r#""inputRequests":{{{ROOTS}}}"#));
    let asked = asked(&mut connection);
    assert_eq!(connection.cancel(id, None), Cancel::BetweenRounds);
    match &events(&mut connection)[..] {
        [
            Event::RequestCancelled { id: ask, reason: None },
            Event::Response { id: ended, result: Err(CallError::Cancelled) },
        ] => assert_eq!((*ask, *ended), (asked[0], id)),
        other => panic!("{other:?}"),
    }
    assert!(outputs(&mut connection).is_empty());
    assert_eq!(connection.cancel(id, None), Cancel::NotInFlight);

    let id = call(&mut connection);
    wants(&mut connection, 3, r#""requestState":"s""#);
    assert_eq!(connection.cancel(id, None), Cancel::BetweenRounds, "the next round is not sent yet");
    assert!(outputs(&mut connection).is_empty(), "and never will be");
}

#[test]
fn the_round_that_is_out_is_the_one_that_is_cancelled() {
    let mut connection = connected();
    let id = call(&mut connection);
    wants(&mut connection, 2, r#""requestState":"s""#);
    line(&mut connection);
    assert_eq!(connection.cancel(id, None), Cancel::Notified);
    let notice = line(&mut connection);
    assert!(notice.contains(r#"{"requestId":3}"#), "{notice}");
    assert_eq!(response(&mut connection).0, id);
    answer(&mut connection, 3, r#""result":{}"#);
    assert!(events(&mut connection).is_empty(), "it is late");
}

#[test]
fn a_calls_clock_stands_still_while_the_server_waits_for_input() {
    let mut connection = connected();
    let id = call_for(&mut connection, Some(10 * SECOND));
    connection.handle_timeout(T0 + 4 * SECOND);
    wants(&mut connection, 2, &format!(r#""inputRequests":{{{ROOTS}}}"#));
    let asked = asked(&mut connection);
    connection.handle_timeout(T0 + 300 * SECOND);
    assert!(events(&mut connection).is_empty());
    connection.answer(T0 + 304 * SECOND, asked[0], Ok(&raw("{}"))).unwrap();
    assert_eq!(connection.poll_timeout(), Some(T0 + 310 * SECOND));
    line(&mut connection);
    connection.handle_timeout(T0 + 310 * SECOND);
    assert!(matches!(response(&mut connection), (ended, Err(CallError::TimedOut)) if ended == id));
    assert!(line(&mut connection).contains(r#"{"requestId":3,"#));
}

#[test]
fn a_call_whose_input_never_comes_ends_and_so_does_what_is_wanted() {
    let mut connection = connected();
    let id = call_for(&mut connection, Some(10 * SECOND));
    wants(&mut connection, 2, &format!(r#""inputRequests":{{{ROOTS}}}"#));
    asked(&mut connection);
    assert_eq!(connection.poll_timeout(), Some(T0 + 610 * SECOND), "ten minutes in all");
    connection.handle_timeout(T0 + 610 * SECOND);
    match &events(&mut connection)[..] {
        [Event::RequestCancelled { .. }, Event::Response { id: ended, result: Err(CallError::TimedOut) }] => {
            assert_eq!(*ended, id);
        }
        other => panic!("{other:?}"),
    }
    assert!(outputs(&mut connection).is_empty());
    assert_eq!((connection.poll_timeout(), connection.asked()), (None, 0));
}

#[test]
fn with_the_connection_everything_ends_and_the_call_counts_as_sent() {
    for how in 0..2 {
        let mut connection = connected();
        let id = call(&mut connection);
        wants(&mut connection, 2, &format!(r#""inputRequests":{{{ROOTS}}}"#));
        let asked = asked(&mut connection);
        // Without a way to write, the request can't go out again either.
        if how == 0 {
            connection.handle_eof();
        } else {
            connection.handle_write_failure(None);
        }
        match &events(&mut connection)[..] {
            [
                Event::RequestCancelled { .. },
                Event::Response { id: ended, result: Err(CallError::ConnectionLost { sent: true }) },
            ] => assert_eq!(*ended, id),
            other => panic!("{other:?}"),
        }
        assert_eq!(connection.answer(T0, asked[0], Ok(&raw("{}"))), Err(RequestError::NotAsked));
        assert_eq!(connection.in_flight(), 0);
    }
}
