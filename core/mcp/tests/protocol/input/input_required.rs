//! Requests for which a server wants input before it answers them (MCP 2026-07-28, basic/patterns/mrtr).

use crate::common::eras::*;
use crate::common::rounds::*;
use crate::common::*;
use tenure_mcp_proto::{CallError, Event, InputError, ProtocolError, RequestError, RequestOptions};

#[test]
fn what_is_wanted_is_handed_out_and_the_call_goes_out_again_with_the_answers() {
    let mut connection = connected();
    let id = call(&mut connection);
    wants(
        &mut connection,
        2,
        r#""inputRequests":{"b\u0062":{"method":"sampling/createMessage","params":{"n":1.00}},"a":{"method":"roots/list"}},"requestState":"\u0041/ s""#,
    );
    let told = events(&mut connection);
    let [first, second] = match &told[..] {
        [
            Event::Request { id: first, method, params: Some(params), call: Some(of) },
            Event::Request { id: second, method: other, params: None, call: Some(also) },
        ] => {
            assert_eq!((method.as_str(), other.as_str()), ("sampling/createMessage", "roots/list"));
            assert_eq!((params.get(), *of, *also), (r#"{"n":1.00}"#, id, id));
            [*first, *second]
        }
        other => panic!("{other:?}"),
    };
    assert_eq!((connection.in_flight(), connection.asked()), (1, 2));
    connection.answer(T0, second, Ok(&raw(r#"{"roots" :[]}"#))).unwrap();
    assert!(outputs(&mut connection).is_empty(), "one answer is missing");
    connection.answer(T0, first, Ok(&raw(r#"{"x":1.0}"#))).unwrap();
    let input = r#""inputResponses":{"b\u0062":{"x":1.0},"a":{"roots" :[]}},"requestState":"\u0041/ s""#;
    assert_eq!(line(&mut connection), again(3, input));
    assert_eq!(connection.answer(T0, first, Ok(&raw("{}"))), Err(RequestError::NotAsked));
    answer(&mut connection, 3, r#""result":{"content":[]}"#);
    assert_eq!(done(&mut connection), (id, r#"{"content":[]}"#.to_owned()));
    assert_eq!((connection.in_flight(), connection.asked()), (0, 0));
}

#[test]
fn what_is_sent_again_is_named_as_the_call_is() {
    let mut connection = connected();
    let id = call(&mut connection);
    wants(&mut connection, 2, r#""requestState":"s""#);
    let message = connection.poll_message().unwrap();
    assert_eq!(message.request(), Some(id));
    assert_eq!([message.as_bytes(), b"\n"].concat(), again(3, r#""requestState":"s""#).into_bytes());
}

#[test]
fn a_state_that_did_not_come_is_not_sent_and_an_old_one_is_forgotten() {
    let mut connection = connected();
    call(&mut connection);
    wants(&mut connection, 2, r#""requestState":"s""#);
    assert_eq!(line(&mut connection), again(3, r#""requestState":"s""#));
    wants(&mut connection, 3, r#""inputRequests":{}"#);
    assert_eq!(line(&mut connection), again(4, r#""inputResponses":{}"#));
    wants(&mut connection, 4, r#""inputRequests":null,"requestState":"""#);
    assert_eq!(line(&mut connection), again(5, r#""requestState":"""#));
}

#[test]
fn an_answer_to_an_earlier_round_reaches_nobody() {
    let mut connection = connected();
    let id = call(&mut connection);
    wants(&mut connection, 2, &format!(r#""inputRequests":{{{ROOTS}}}"#));
    let asked = asked(&mut connection);
    let is_repeated = |connection: &mut OnLines| {
        answer(connection, 2, r#""result":{"late":true}"#);
        let told = only(connection);
        assert!(matches!(&told, Event::ProtocolError(ProtocolError::RepeatedResponse { .. })), "{told:?}");
    };
    is_repeated(&mut connection);
    connection.answer(T0, asked[0], Ok(&raw("{}"))).unwrap();
    is_repeated(&mut connection);
    answer(&mut connection, 3, r#""result":{"early":true}"#);
    let told = only(&mut connection);
    assert!(matches!(&told, Event::ProtocolError(ProtocolError::UnknownResponse { .. })), "{told:?}");
    line(&mut connection);
    is_repeated(&mut connection);
    answer(&mut connection, 3, r#""result":{"content":[]}"#);
    assert_eq!(done(&mut connection), (id, r#"{"content":[]}"#.to_owned()));
    is_repeated(&mut connection);
}

#[test]
fn a_server_that_wants_without_end_is_stopped() {
    let mut connection = ready_modern(offering().max_rounds(3));
    let id = call(&mut connection);
    for wire_id in 2..5 {
        wants(&mut connection, wire_id, r#""requestState":"s""#);
        line(&mut connection);
    }
    let result = wants(&mut connection, 5, r#""requestState":"s""#);
    assert_eq!(why(&mut connection), (id, InputError::TooManyRounds { limit: 3 }, result));
    assert!(outputs(&mut connection).is_empty());
    assert_eq!(connection.in_flight(), 0);
}

#[test]
fn what_may_not_be_wanted_ends_the_call_and_keeps_the_result() {
    let mut connection = ready_modern(offering().max_server_requests(1).max_message(1000));
    let long = format!(r#""requestState":"{}""#, "s".repeat(900));
    let message = |size| InputError::Unsendable(RequestError::TooLarge { size, limit: 1000 });
    for (fields, expected) in [
        (r#""a":1"#, None),
        (r#""requestState":5"#, None),
        (r#""inputRequests":{"a":{"method":5}}"#, None),
        (
            r#""inputRequests":{"e":{"method":"elicitation/create"}}"#,
            Some(InputError::NotOffered { method: "elicitation/create".to_owned() }),
        ),
        (
            r#""inputRequests":{"a":{"method":"roots/list"},"b":{"method":"roots/list"}}"#,
            Some(InputError::TooMuch),
        ),
        (long.as_str(), Some(message(again(10, &long).len() - 1))),
    ] {
        let id = call(&mut connection);
        let result = wants(&mut connection, id.as_u64(), fields);
        let (ended, why, kept) = why(&mut connection);
        assert_eq!((ended, kept), (id, result));
        match expected {
            Some(expected) if !matches!(expected, InputError::Unsendable(_)) => assert_eq!(why, expected),
            Some(_) => assert!(matches!(why, InputError::Unsendable(RequestError::TooLarge { .. })), "{why}"),
            None => assert!(matches!(why, InputError::Malformed { .. }), "{why}"),
        }
    }
    assert!(outputs(&mut connection).is_empty());
    assert_eq!((connection.in_flight(), connection.asked()), (0, 0));
}

#[test]
fn only_three_requests_may_be_answered_so() {
    for (method, may) in [
        ("tools/call", true),
        ("prompts/get", true),
        ("resources/read", true),
        ("tools/list", false),
        ("server/discover", false),
        ("x", false),
    ] {
        let mut connection = connected();
        let id = connection.request(T0, method, None, None).unwrap();
        line(&mut connection);
        let result = wants(&mut connection, 2, r#""requestState":"s""#);
        if may {
            assert!(line(&mut connection).contains(r#""id":3"#), "{method}");
        } else {
            assert_eq!(why(&mut connection), (id, InputError::NotAllowed, result), "{method}");
        }
    }
}

#[test]
fn a_later_round_that_was_not_written_does_not_make_the_call_unsent() {
    let mut connection = connected();
    let id = call(&mut connection);
    wants(&mut connection, 2, r#""requestState":"s""#);
    let message = connection.poll_message().unwrap();
    connection.handle_write_failure(message.request());
    let (ended, error) = response(&mut connection);
    assert_eq!(ended, id);
    assert!(matches!(error, Err(CallError::ConnectionLost { sent: true })), "{error:?}");
}

#[test]
fn an_answer_that_is_too_large_leaves_the_server_waiting_for_a_smaller_one() {
    let mut connection = ready_modern(offering().max_message(600));
    let id = call(&mut connection);
    wants(&mut connection, 2, &format!(r#""inputRequests":{{{ROOTS}}}"#));
    let asked = asked(&mut connection);
    let large = raw(&format!("\"{}\"", "x".repeat(500)));
    let refused = connection.answer(T0, asked[0], Ok(&large));
    assert!(matches!(refused, Err(RequestError::TooLarge { limit: 600, .. })), "{refused:?}");
    assert_eq!(connection.asked(), 1);
    connection.answer(T0, asked[0], Ok(&raw("{}"))).unwrap();
    line(&mut connection);
    answer(&mut connection, 3, r#""result":{}"#);
    assert_eq!(response(&mut connection).0, id);
}

#[test]
fn each_round_has_a_token_of_its_own_or_the_callers() {
    let mut connection = connected();
    let wanted = RequestOptions::default().progress(true);
    let id = connection.request_with(T0, "tools/call", Some(&raw(PARAMS)), wanted).unwrap();
    assert!(line(&mut connection).contains(r#""progressToken":2,"#));
    let progress = |connection: &mut OnLines, token: &str, progress: u32| {
        let params = format!(r#"{{"progressToken":{token},"progress":{progress}}}"#);
        feed(
            connection,
            &format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{params}}}"#),
        );
        events(connection).len()
    };
    assert_eq!(progress(&mut connection, "2", 5), 1);
    wants(&mut connection, 2, r#""requestState":"s""#);
    assert!(line(&mut connection).contains(r#""progressToken":3,"#));
    assert_eq!(progress(&mut connection, "2", 6), 0, "that round is over");
    assert_eq!(progress(&mut connection, "3", 1), 1, "it begins anew");
    answer(&mut connection, 3, r#""result":{}"#);
    assert_eq!(response(&mut connection).0, id);

    let params = raw(r#"{"_meta":{"progressToken":"mine"}}"#);
    connection.request_with(T0, "tools/call", Some(&params), wanted).unwrap();
    line(&mut connection);
    wants(&mut connection, 4, r#""requestState":"s""#);
    assert!(line(&mut connection).contains(r#""progressToken":"mine","#));
    assert_eq!(progress(&mut connection, "\"mine\"", 1), 1);
}

#[test]
fn rounds_of_two_calls_do_not_touch_each_other() {
    let mut connection = connected();
    let (first, second) = (call(&mut connection), call(&mut connection));
    wants(&mut connection, 3, r#""requestState":"of the second""#);
    let again = line(&mut connection);
    assert!(again.contains(r#""id":4,"#) && again.contains("of the second"), "{again}");
    answer(&mut connection, 2, r#""result":{"n":1}"#);
    assert_eq!(done(&mut connection), (first, r#"{"n":1}"#.to_owned()));
    answer(&mut connection, 4, r#""result":{"n":2}"#);
    assert_eq!(done(&mut connection), (second, r#"{"n":2}"#.to_owned()));
    call(&mut connection);
    assert!(outputs(&mut connection).is_empty());
}

#[test]
fn the_state_of_one_call_goes_out_with_no_other() {
    let mut connection = connected();
    call(&mut connection);
    wants(&mut connection, 2, &format!(r#""inputRequests":{{{ROOTS}}},"requestState":"of the first""#));
    let asked = asked(&mut connection);
    // While that waits for its input: a new call, and one that goes out again.
    connection.request(T0, "tools/call", Some(&raw(PARAMS)), None).unwrap();
    let other = line(&mut connection);
    assert!(!other.contains("requestState"), "{other}");
    wants(&mut connection, 3, r#""inputRequests":{}"#);
    assert_eq!(line(&mut connection), again(4, r#""inputResponses":{}"#));
    connection.answer(T0, asked[0], Ok(&raw("{}"))).unwrap();
    assert_eq!(line(&mut connection), again(5, r#""inputResponses":{"r":{}},"requestState":"of the first""#));
}

#[test]
fn a_call_that_cannot_go_out_again_ends_at_once() {
    let mut connection = connected();
    for fields in [format!(r#""inputRequests":{{{ROOTS}}}"#), r#""requestState":"s""#.to_owned()] {
        let (id, other) = (call(&mut connection), call(&mut connection));
        connection.handle_write_failure(None);
        let result = wants(&mut connection, id.as_u64(), &fields);
        let unsendable = InputError::Unsendable(RequestError::Closed);
        assert_eq!(why(&mut connection), (id, unsendable, result));
        answer(&mut connection, other.as_u64(), r#""result":{}"#);
        assert_eq!(response(&mut connection).0, other, "what is answered for good is");
        assert_eq!(connection.in_flight(), 0);
        connection = connected();
    }
}
