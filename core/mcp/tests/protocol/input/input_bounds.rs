//! Input that a server wants, and for which there is no room.

use crate::common::eras::*;
use crate::common::rounds::*;
use crate::common::*;
use serde_json::value::RawValue;
use tenure_mcp_proto::{CallError, ClientFeature, Event, InputError, Options, RequestError};

#[test]
fn input_that_finds_no_room_is_refused_and_what_fits_may_be_given_then() {
    let mut connection = ready_modern(modern().offer(ClientFeature::Roots).max_queued(600));
    connection.request(T0, "tools/call", None, None).unwrap();
    line(&mut connection);
    let asked = r#""inputRequests":{"a":{"method":"roots/list"}}"#;
    answer(&mut connection, 2, &format!(r#""result":{{"resultType":"input_required",{asked}}}"#));
    let Event::Request { id, .. } = only(&mut connection) else {
        panic!("it is handed out");
    };
    let large = RawValue::from_string(format!("{{\"x\":\"{}\"}}", "x".repeat(2000))).unwrap();
    assert_eq!(connection.answer(T0, id, Ok(&large)), Err(RequestError::QueueFull { limit: 600 }));
    let small = RawValue::from_string("{}".to_owned()).unwrap();
    connection.answer(T0, id, Ok(&small)).unwrap();
    assert!(line(&mut connection).contains(r#""inputResponses":{"a":{}}"#));
}

/// A notification, not polled.
fn told(connection: &mut OnLines, bytes: usize) {
    let params = format!(r#"{{"x":"{}"}}"#, "x".repeat(bytes));
    feed(connection, &format!(r#"{{"jsonrpc":"2.0","method":"notifications/x","params":{params}}}"#));
}

/// What comes of a call for which a server wants this, where so many notifications of so many bytes wait to be polled.
fn wanted(inputs: &str, notifications: usize, bytes: usize) -> Vec<Event> {
    let mut connection = ready_modern(offering().max_events(4).max_message(4000));
    call(&mut connection);
    for _ in 0..notifications {
        told(&mut connection, bytes);
    }
    wants(&mut connection, 2, &format!(r#""inputRequests":{{{inputs}}}"#));
    events(&mut connection).split_off(notifications)
}

#[test]
fn input_is_handed_out_as_far_as_so_many_events_may_wait() {
    let two = format!(r#"{ROOTS},"s":{{"method":"sampling/createMessage"}}"#);
    assert!(matches!(wanted(&two, 2, 10)[..], [Event::Request { .. }, Event::Request { .. }]));
    let [Event::Response { result: Err(CallError::InputRequired { why, .. }), .. }] =
        &wanted(&two, 3, 10)[..]
    else {
        panic!("there is room for one of them alone");
    };
    assert_eq!(*why, InputError::TooMuch);
}

#[test]
fn input_is_handed_out_as_far_as_so_many_bytes_may_wait() {
    let large = format!(r#""r":{{"method":"roots/list","params":{{"x":"{}"}}}}"#, "x".repeat(1500));
    assert!(matches!(wanted(&large, 1, 2000)[..], [Event::Request { .. }]));
    let [Event::Response { result: Err(CallError::InputRequired { why, .. }), .. }] =
        &wanted(&large, 1, 3000)[..]
    else {
        panic!("they are too large together");
    };
    assert_eq!(*why, InputError::TooMuch);
}

/// What becomes of a call for which a server wants so much input at once.
fn wanted_at_once(options: Options, inputs: usize) -> Vec<Event> {
    let all: Vec<_> = (0..inputs).map(|n| format!(r#""r{n}":{{"method":"roots/list"}}"#)).collect();
    let mut connection = ready_modern(options);
    call(&mut connection);
    wants(&mut connection, 2, &format!(r#""inputRequests":{{{}}}"#, all.join(",")));
    events(&mut connection)
}

/// tests/http/ROWS.md, section 7.
#[test]
fn sixteen_inputs_are_handed_out_at_once_and_no_more() {
    hands_out_and_no_more(&offering, 16);
}

#[test]
fn another_number_of_inputs_may_be_chosen() {
    hands_out_and_no_more(&|| offering().max_inputs(3), 3);
}

fn hands_out_and_no_more(options: &dyn Fn() -> Options, most: usize) {
    let handed_out = wanted_at_once(options(), most);
    assert_eq!(handed_out.len(), most);
    assert!(handed_out.iter().all(|event| matches!(event, Event::Request { .. })), "{handed_out:?}");
    let [Event::Response { result: Err(CallError::InputRequired { why, .. }), .. }] =
        &wanted_at_once(options(), most + 1)[..]
    else {
        panic!("there is one too many");
    };
    assert_eq!(*why, InputError::TooMuch);
}
