//! A message of exactly as many bytes as are allowed is sent, one of a byte more is not: what the connection sends for
//! itself, and rounds with input.

use crate::common::eras::*;
use crate::common::*;
use serde_json::value::RawValue;
use tenure_mcp_proto::{ClientFeature, Event, Options, RequestError, Subscriptions};

/// The smallest limit with which it goes well.
fn least(range: std::ops::Range<usize>, goes_well: impl Fn(usize) -> bool) -> usize {
    let least = range.clone().find(|limit| goes_well(*limit)).unwrap();
    assert!(range.start < least, "the range begins too late");
    least
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

fn wished() -> Subscriptions {
    Subscriptions::default().resource("x".repeat(1500))
}

/// What a modern server is asked for it.
fn listening(max_message: usize) -> Option<String> {
    let mut connection = ready_modern(modern().max_message(max_message));
    connection.subscribe(T0, wished()).ok()?;
    Some(line(&mut connection))
}

#[test]
fn a_request_of_the_connections_own_may_have_as_many_bytes_as_any() {
    let sent = listening(1 << 20).unwrap();
    let limit = least(1400..2400, |limit| listening(limit).is_some());
    assert_eq!(limit, sent.trim_end().len());
}

#[test]
fn what_is_wished_of_a_legacy_server_may_be_as_large_as_the_request_of_the_other_era() {
    let sent = listening(1 << 20).unwrap();
    let (_, rest) = sent.split_once(r#""notifications":"#).unwrap();
    let filter = rest.get(..rest.find('}').unwrap() + 1).unwrap();
    let limit = least(1400..2400, |limit| {
        let mut connection = ready_with(Options::default().max_message(limit), "2025-11-25");
        match connection.subscribe(T0, wished()) {
            Ok(()) => true,
            Err(error) => {
                assert!(matches!(error, RequestError::TooLarge { .. }), "{error}");
                false
            }
        }
    });
    assert_eq!(limit, filter.len());
}

/// A call that the server wants again, with its state alone: what goes out then.
fn again(max_message: usize) -> Option<String> {
    let mut connection = ready_modern(modern().max_message(max_message));
    let arguments = format!(r#"{{"name":"t","arguments":{{"a":"{}"}}}}"#, "x".repeat(1500));
    connection.request(T0, "tools/call", Some(&raw(&arguments)), None).ok()?;
    line(&mut connection);
    answer(&mut connection, 2, r#""result":{"resultType":"input_required","requestState":"s"}"#);
    let sent = connection.poll_line();
    sent.map(|line| String::from_utf8(line).unwrap())
}

#[test]
fn a_round_may_have_as_many_bytes_as_any_message() {
    let sent = again(1 << 20).unwrap();
    assert!(sent.contains("requestState"), "{sent}");
    let limit = least(1500..2600, |limit| again(limit).is_some());
    assert_eq!(limit, sent.trim_end().len());
    for limit in 1500..limit {
        assert!(again(limit).is_none(), "{limit}");
    }
}

/// A call that goes out again with an answer.
fn answered(max_message: usize) -> Option<String> {
    let mut connection = ready_modern(modern().offer(ClientFeature::Roots).max_message(max_message));
    connection.request(T0, "tools/call", Some(&raw(r#"{"name":"t"}"#)), None).unwrap();
    line(&mut connection);
    let asked = r#""inputRequests":{"a":{"method":"roots/list"}}"#;
    answer(&mut connection, 2, &format!(r#""result":{{"resultType":"input_required",{asked}}}"#));
    let Event::Request { id, .. } = only(&mut connection) else { panic!("it is handed out") };
    let large = raw(&format!(r#"{{"roots":[],"x":"{}"}}"#, "x".repeat(1500)));
    connection.answer(T0, id, Ok(&large)).ok()?;
    Some(line(&mut connection))
}

#[test]
fn a_round_with_input_may_have_as_many_bytes_as_any_message() {
    let sent = answered(1 << 20).unwrap();
    let limit = least(1500..2600, |limit| answered(limit).is_some());
    assert_eq!(limit, sent.trim_end().len());
}
