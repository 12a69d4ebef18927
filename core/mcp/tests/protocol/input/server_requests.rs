//! What a server asks for, and how it is answered (MCP 2025-11-25, client/sampling, client/elicitation,
//! client/roots, basic/utilities/cancellation).

use crate::common::*;
use tenure_mcp_proto::{
    CallError, ClientFeature, ErrorAnswer, Event, Options, ProtocolError, RequestError, ServerRequestId,
};

fn offering(features: &[ClientFeature]) -> Options {
    features.iter().cloned().fold(Options::default(), Options::offer)
}

fn roots() -> OnLines {
    ready_with(offering(&[ClientFeature::Roots]), "2025-11-25")
}

/// The server asks, with params or without.
fn ask(connection: &mut OnLines, id: &str, method: &str, params: &str) {
    let params = if params.is_empty() { String::new() } else { format!(r#","params":{params}"#) };
    feed(connection, &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}"{params}}}"#));
}

/// The server asks for roots, which are handed out.
fn asked(connection: &mut OnLines, id: &str) -> ServerRequestId {
    ask(connection, id, "roots/list", "");
    match only(connection) {
        Event::Request { id, method, params: None, .. } if method == "roots/list" => id,
        other => panic!("{other:?}"),
    }
}

fn server_cancels(connection: &mut OnLines, id: &str, reason: &str) {
    let params = format!(r#"{{"requestId":{id}{reason}}}"#);
    feed(connection, &format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{params}}}"#));
}

#[test]
fn a_request_is_handed_out_and_its_answer_goes_back_byte_for_byte() {
    let mut connection = ready_with(offering(&[ClientFeature::Sampling]), "2025-11-25");
    let params = r#"{ "messages":[1.00, {"a":1,"a":2}] ,"_meta":{"n":1e999}}"#;
    ask(&mut connection, "\"s-1\"", "sampling/createMessage", params);
    let id = match only(&mut connection) {
        Event::Request { id, method, params: Some(kept), call: None } => {
            assert_eq!((method.as_str(), kept.get()), ("sampling/createMessage", params));
            id
        }
        other => panic!("{other:?}"),
    };
    assert!(outputs(&mut connection).is_empty());
    assert_eq!(connection.asked(), 1);
    connection.answer(T0, id, Ok(&raw("{ \"n\":1.00,\n\"n\":\"a\\n\"}"))).unwrap();
    assert_eq!(
        outputs(&mut connection),
        ["{\"jsonrpc\":\"2.0\",\"id\":\"s-1\",\"result\":{ \"n\":1.00, \"n\":\"a\\n\"}}\n"]
    );
    assert_eq!(connection.asked(), 0);
}

#[test]
fn an_error_is_an_answer_too() {
    let mut connection = roots();
    let id = asked(&mut connection, "7.0");
    let refusal = ErrorAnswer { code: -1, message: "not \"now\"", data: Some(&raw("{\"n\":\r\n1.00}")) };
    connection.answer(T0, id, Err(refusal)).unwrap();
    let id = asked(&mut connection, "8");
    connection.answer(T0, id, Err(ErrorAnswer { code: -32603, message: "", data: None })).unwrap();
    assert_eq!(
        outputs(&mut connection),
        [
            "{\"jsonrpc\":\"2.0\",\"id\":7.0,\"error\":{\"code\":-1,\"message\":\"not \\\"now\\\"\",\"data\":{\"n\":  1.00}}}\n",
            "{\"jsonrpc\":\"2.0\",\"id\":8,\"error\":{\"code\":-32603,\"message\":\"\"}}\n",
        ]
    );
}

#[test]
fn each_request_is_answered_once() {
    let mut connection = roots();
    let id = asked(&mut connection, "1");
    connection.answer(T0, id, Ok(&raw("{}"))).unwrap();
    assert_eq!(connection.answer(T0, id, Ok(&raw("{}"))), Err(RequestError::NotAsked));
    assert_eq!(outputs(&mut connection).len(), 1);
    // The server may use its id again, and that is another request.
    let again = asked(&mut connection, "1");
    assert_ne!(again, id);
    assert_eq!(connection.answer(T0, id, Ok(&raw("{}"))), Err(RequestError::NotAsked));
    connection.answer(T0, again, Ok(&raw("{}"))).unwrap();
    assert_eq!(outputs(&mut connection).len(), 1);
}

/// What the server is told, in short: the error's code, or that it is handed out.
fn refused(connection: &mut OnLines, method: &str, params: &str) -> Option<String> {
    ask(connection, "9", method, params);
    let error = outputs(connection).pop();
    if error.is_none() {
        match only(connection) {
            Event::Request { id, .. } => connection.answer(T0, id, Ok(&raw("{}"))).unwrap(),
            other => panic!("{other:?}"),
        }
        outputs(connection);
    }
    error.map(|line| line.split_once("\"code\":").unwrap().1.split(',').next().unwrap().to_owned())
}

#[test]
fn what_is_not_offered_is_refused() {
    let not_found = Some("-32601".to_owned());
    let all = ["sampling/createMessage", "elicitation/create", "roots/list", "x/y"];
    let other = ClientFeature::Other("x/y".to_owned());
    for (feature, offered) in [
        (ClientFeature::Sampling, 0),
        (ClientFeature::FormElicitation, 1),
        (ClientFeature::Roots, 2),
        (other, 3),
    ] {
        let mut connection = ready_with(Options::default().offer(feature.clone()), "2025-11-25");
        for (place, method) in all.into_iter().enumerate() {
            let expected = if place == offered { None } else { not_found.clone() };
            assert_eq!(refused(&mut connection, method, "{}"), expected, "{method} with {feature:?}");
        }
        assert_eq!(connection.asked(), 0);
    }
    // A capability alone offers nothing.
    let announced = Options::default().capabilities(raw(r#"{"sampling":{}}"#));
    let mut connection = ready_with(announced, "2025-11-25");
    assert_eq!(refused(&mut connection, "sampling/createMessage", "{}"), not_found);
}

#[test]
fn elicitation_in_a_way_that_is_not_offered_is_refused() {
    // MCP 2025-11-25, client/elicitation, "Error Handling".
    let (form, url) = (ClientFeature::FormElicitation, ClientFeature::UrlElicitation);
    let invalid = Some("-32602".to_owned());
    let modes = [
        r#"{"mode":"form"}"#,
        r#"{"mode":null}"#,
        "",
        r#"{"mode":"url"}"#,
        r#"{"mode":"x"}"#,
        r#"{"mode":5}"#,
    ];
    for (features, taken) in [
        (vec![form.clone()], [true, true, true, false, false, false]),
        (vec![url.clone()], [false, false, false, true, false, false]),
        (vec![form, url], [true, true, true, true, false, false]),
        (vec![ClientFeature::Other("elicitation/create".to_owned())], [true; 6]),
    ] {
        let mut connection = ready_with(offering(&features), "2025-11-25");
        for (mode, taken) in modes.into_iter().zip(taken) {
            let expected = if taken { None } else { invalid.clone() };
            assert_eq!(refused(&mut connection, "elicitation/create", mode), expected, "{mode} {features:?}");
        }
    }
}

#[test]
fn what_is_offered_is_announced_and_nothing_else() {
    let announced = |options: Options| {
        let mut connection = OnLines::new(options);
        connection.start(T0).unwrap();
        let line = outputs(&mut connection).concat();
        let (_, capabilities) = line.split_once(r#""capabilities":"#).unwrap();
        capabilities.split_once(r#","clientInfo""#).unwrap().0.to_owned()
    };
    let (form, url) = (ClientFeature::FormElicitation, ClientFeature::UrlElicitation);
    for (features, expected) in [
        (vec![], "{}"),
        (vec![ClientFeature::Sampling], r#"{"sampling":{}}"#),
        (vec![form.clone()], r#"{"elicitation":{}}"#),
        (vec![url.clone()], r#"{"elicitation":{"url":{}}}"#),
        (vec![ClientFeature::Other("x/y".to_owned())], "{}"),
        (
            vec![ClientFeature::Roots, form, url, ClientFeature::Sampling],
            r#"{"sampling":{},"elicitation":{"form":{},"url":{}},"roots":{"listChanged":true}}"#,
        ),
    ] {
        assert_eq!(announced(offering(&features)), expected);
    }
    // The caller's own stay as they are.
    let own = raw(r#"{ "sampling":{"tools":{}},"experimental":{"n":1.00}}"#);
    let options = offering(&[ClientFeature::Sampling, ClientFeature::Roots]).capabilities(own);
    assert_eq!(
        announced(options),
        r#"{ "sampling":{"tools":{}},"experimental":{"n":1.00},"roots":{"listChanged":true}}"#
    );
}

#[test]
fn nothing_is_handed_out_before_the_handshake_is_complete() {
    let mut connection = opening(offering(&[ClientFeature::Roots]));
    ask(&mut connection, "9", "roots/list", "");
    let line = outputs(&mut connection).concat();
    assert!(line.contains(r#""id":9,"error":{"code":-32600,"#), "{line}");
    assert!(events(&mut connection).is_empty());
    // A ping is answered all the same.
    ask(&mut connection, "10", "ping", "");
    assert_eq!(outputs(&mut connection), ["{\"jsonrpc\":\"2.0\",\"id\":10,\"result\":{}}\n"]);
}

#[test]
fn a_ping_is_answered_at_once_whatever_else_is_asked() {
    let mut connection = roots();
    asked(&mut connection, "1");
    ask(&mut connection, "2", "ping", "");
    assert_eq!(outputs(&mut connection), ["{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n"]);
    assert_eq!(connection.asked(), 1);
}

#[test]
fn a_request_that_the_server_cancels_gets_no_answer() {
    let mut connection = roots();
    let (a, b) = (asked(&mut connection, "1"), asked(&mut connection, "\"1\""));
    let reason = format!(r#","reason":"{}""#, "x".repeat(1000));
    server_cancels(&mut connection, "1.0", &reason);
    match only(&mut connection) {
        Event::RequestCancelled { id, reason: Some(reason) } => {
            assert_eq!(id, a);
            assert!(reason.starts_with("xxx") && reason.len() < 200);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(connection.answer(T0, a, Ok(&raw("{}"))), Err(RequestError::NotAsked));
    assert!(outputs(&mut connection).is_empty());
    connection.answer(T0, b, Ok(&raw("{}"))).unwrap();
    assert_eq!(outputs(&mut connection), ["{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{}}\n"]);
    // What is not asked, or no more, is not cancelled either.
    for id in ["1", "\"1\"", "5"] {
        server_cancels(&mut connection, id, "");
        assert!(matches!(only(&mut connection), Event::Notification { .. }));
    }
}

#[test]
fn two_requests_with_one_id_get_one_answer() {
    let mut connection = roots();
    let id = asked(&mut connection, "5");
    ask(&mut connection, "5.0", "roots/list", "");
    match only(&mut connection) {
        Event::ProtocolError(error @ ProtocolError::RepeatedRequest { .. }) => {
            assert_eq!(error.to_string(), "a further request with the id 5.0");
        }
        other => panic!("{other:?}"),
    }
    connection.answer(T0, id, Ok(&raw("{}"))).unwrap();
    assert_eq!(outputs(&mut connection).len(), 1);
}

#[test]
fn more_requests_than_may_wait_are_refused() {
    let mut connection = ready_with(offering(&[ClientFeature::Roots]).max_server_requests(2), "2025-11-25");
    let (a, _) = (asked(&mut connection, "1"), asked(&mut connection, "2"));
    let busy = Some("-32000".to_owned());
    assert_eq!(refused(&mut connection, "roots/list", ""), busy);
    assert!(events(&mut connection).is_empty());
    connection.answer(T0, a, Ok(&raw("{}"))).unwrap();
    outputs(&mut connection);
    assert_eq!(refused(&mut connection, "roots/list", ""), None);
    // So are those that find no room among the events, in number or in bytes.
    let mut connection = ready_with(offering(&[ClientFeature::Roots]).max_events(1), "2025-11-25");
    ask(&mut connection, "1", "roots/list", "");
    assert_eq!(refused(&mut connection, "roots/list", ""), busy);
    assert_eq!(connection.asked(), 1);
    events(&mut connection);
    assert_eq!(refused(&mut connection, "roots/list", ""), None);
    let mut connection = ready_with(offering(&[ClientFeature::Roots]).max_message(300), "2025-11-25");
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(200));
    ask(&mut connection, "1", "roots/list", &long);
    assert_eq!(refused(&mut connection, "roots/list", &long), busy);
    events(&mut connection);
    assert_eq!(refused(&mut connection, "roots/list", &long), None);
}

#[test]
fn an_answer_that_is_too_large_leaves_the_request_waiting() {
    let mut connection = ready_with(offering(&[ClientFeature::Roots]).max_message(300), "2025-11-25");
    let id = asked(&mut connection, "1");
    let result = |length: usize| raw(&format!("\"{}\"", "x".repeat(length - 2)));
    let frame = r#"{"jsonrpc":"2.0","id":1,"result":}"#.len();
    let refused = connection.answer(T0, id, Ok(&result(301 - frame)));
    assert_eq!(refused, Err(RequestError::TooLarge { size: 301, limit: 300 }));
    assert!(outputs(&mut connection).is_empty() && connection.asked() == 1);
    connection.answer(T0, id, Ok(&result(300 - frame))).unwrap();
    assert_eq!(outputs(&mut connection).concat().len(), 301);
}

#[test]
fn an_answer_that_finds_no_room_may_come_later() {
    let options = offering(&[ClientFeature::Roots]).max_replies(1);
    let mut connection = ready_with(options, "2025-11-25");
    let (a, b) = (asked(&mut connection, "1"), asked(&mut connection, "2"));
    connection.answer(T0, a, Ok(&raw("{}"))).unwrap();
    let refused = connection.answer(T0, b, Ok(&raw("{}")));
    assert!(matches!(refused, Err(RequestError::QueueFull { .. })), "{refused:?}");
    assert!(events(&mut connection).is_empty(), "nothing was dropped");
    assert_eq!(outputs(&mut connection).len(), 1);
    connection.answer(T0, b, Ok(&raw("{}"))).unwrap();
    assert_eq!(outputs(&mut connection).len(), 1);
}

#[test]
fn all_requests_of_the_server_are_gone_with_the_connection() {
    let mut connection = roots();
    let (a, b) = (asked(&mut connection, "1"), asked(&mut connection, "2"));
    connection.answer(T0, a, Ok(&raw("{}"))).unwrap();
    connection.handle_eof();
    match only(&mut connection) {
        Event::RequestCancelled { id, reason: None } => assert_eq!(id, b),
        other => panic!("{other:?}"),
    }
    assert_eq!(connection.answer(T0, b, Ok(&raw("{}"))), Err(RequestError::NotAsked));
    assert_eq!(connection.asked(), 0);
    assert!(outputs(&mut connection).is_empty());
    ask(&mut connection, "3", "roots/list", "");
    assert!(events(&mut connection).is_empty());
}

#[test]
fn the_clock_of_a_call_stands_still_while_the_server_waits_for_this_side() {
    let mut connection = roots();
    let call = connection.request(T0, "tools/call", None, Some(10 * SECOND)).unwrap();
    outputs(&mut connection);
    connection.handle_timeout(T0 + 4 * SECOND);
    ask(&mut connection, "1", "roots/list", "");
    let id = match only(&mut connection) {
        Event::Request { id, call: Some(whose), .. } if whose == call => id,
        other => panic!("{other:?}"),
    };
    connection.handle_timeout(T0 + 60 * SECOND);
    assert!(events(&mut connection).is_empty());
    connection.answer(T0 + 100 * SECOND, id, Ok(&raw("{}"))).unwrap();
    assert_eq!(connection.poll_timeout(), Some(T0 + 106 * SECOND));
    // The same where the server cancels.
    asked(&mut connection, "2");
    connection.handle_timeout(T0 + 150 * SECOND);
    server_cancels(&mut connection, "2", "");
    assert_eq!(connection.poll_timeout(), Some(T0 + 156 * SECOND));
    events(&mut connection);
    // Ten minutes in all, of which 146 s are gone.
    asked(&mut connection, "3");
    events(&mut connection);
    assert_eq!(connection.poll_timeout(), Some(T0 + (150 + 600 - 146 + 6) * SECOND));
    connection.handle_timeout(T0 + (150 + 600 - 146 + 6) * SECOND);
    let (ended, result) = response(&mut connection);
    assert!(ended == call && matches!(result, Err(CallError::TimedOut)));
    assert_eq!(connection.asked(), 1, "the server waits still");
}

#[test]
fn a_request_is_for_a_call_only_if_that_is_the_only_one() {
    let mut connection = roots();
    let whose = |connection: &mut OnLines, id: &str| {
        ask(connection, id, "roots/list", "");
        match only(connection) {
            Event::Request { call, .. } => call,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(whose(&mut connection, "1"), None, "none is in flight");
    connection.ask_for_life(T0, None).unwrap();
    outputs(&mut connection);
    assert_eq!(whose(&mut connection, "2"), None, "a ping is no call");
    let call = connection.request(T0, "x", None, Some(SECOND)).unwrap();
    assert_eq!(whose(&mut connection, "3"), None, "the server can't know of it");
    outputs(&mut connection);
    assert_eq!(whose(&mut connection, "4"), Some(call));
    connection.request(T0, "x", None, None).unwrap();
    assert_eq!(whose(&mut connection, "5"), Some(call), "the other isn't sent");
    outputs(&mut connection);
    assert_eq!(whose(&mut connection, "6"), None, "it may be for either");
}

#[test]
fn a_request_outlives_the_call_it_is_for() {
    let mut connection = roots();
    let call = sent(&mut connection);
    let id = asked(&mut connection, "1");
    feed(&mut connection, &format!(r#"{{"jsonrpc":"2.0","id":{call},"result":{{}}}}"#));
    events(&mut connection);
    connection.answer(T0, id, Ok(&raw("{}"))).unwrap();
    assert_eq!(connection.poll_timeout(), None);
    assert_eq!(outputs(&mut connection).len(), 1);
}
