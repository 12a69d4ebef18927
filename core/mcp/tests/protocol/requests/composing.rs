//! What a client composes of a caller's values, and what it says of itself.

use std::time::Duration;

use crate::common::eras::*;
use crate::common::*;
use serde_json::json;
use serde_json::value::RawValue;
use tenure_mcp_proto::types::{
    CompletionReference, CreateMessageResult, ElicitAction, ElicitResult, ListRootsResult, Params,
    ParamsError, Role, Root, meta_of,
};
use tenure_mcp_proto::{Cancel, Options};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

fn text(params: &Params) -> &str {
    params.raw().unwrap().get()
}

#[test]
fn params_are_composed_of_a_callers_values_with_what_is_raw_byte_for_byte() {
    let arguments = raw(r#"{"n": 1.00}"#);
    assert_eq!(text(&Params::of_prompt("p", &arguments).unwrap()), r#"{"name":"p","arguments":{"n": 1.00}}"#);
    assert_eq!(text(&Params::of_resource("a\"b")), r#"{"uri":"a\"b"}"#);
    let reference = CompletionReference::Prompt("p");
    let of = || Params::of_completion(reference, "n", "v");
    let plain = r#"{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"n","value":"v"}}"#;
    assert_eq!(text(&of()), plain);
    let with = of().with_context(&arguments).unwrap();
    assert_eq!(text(&with), plain.replace("\"v\"}}", "\"v\"},\"context\":{\"arguments\":{\"n\": 1.00}}}"));
    assert_eq!(text(&of().with_context(()).unwrap()), plain);
    assert_eq!(with.with_context(&arguments).unwrap_err(), ParamsError::ContextTwice);
    for refused in
        [Params::of_prompt("p", [1]), of().with_context("x"), Params::new(()).unwrap().with_meta(5)]
    {
        assert!(matches!(refused, Err(ParamsError::NotAnObject { .. })), "{refused:?}");
    }
}

#[test]
fn answers_to_what_a_server_asks_are_composed_of_a_callers_values() {
    let roots: ListRootsResult = [Root::new("file:///a"), Root::new("file:///b")].into_iter().collect();
    assert_eq!(roots.to_raw().get(), r#"{"roots":[{"uri":"file:///a"},{"uri":"file:///b"}]}"#);
    let answer = CreateMessageResult::text("m", "hi").stop_reason("endTurn").meta(raw(r#"{"a":1}"#));
    let expected = json!({
        "role": "assistant", "model": "m", "content": { "type": "text", "text": "hi" },
        "stopReason": "endTurn", "_meta": { "a": 1 },
    });
    assert_eq!(serde_json::from_str::<serde_json::Value>(answer.to_raw().get()).unwrap(), expected);
    let accepted = ElicitResult::accept(json!({ "a": 1 })).unwrap().without_content();
    assert_eq!((accepted.action, accepted.to_raw().get()), (ElicitAction::Accept, r#"{"action":"accept"}"#));
    let roles = [Role::User, Role::Assistant, Role::Other("x".to_owned())];
    assert_eq!(roles.map(|role| role.as_str().to_owned()), ["user", "assistant", "x"]);
}

#[test]
fn meta_is_found_in_any_params() {
    let meta = |text: &str| meta_of(Some(&raw(text))).map(|meta| meta.get().to_owned());
    assert_eq!(meta(r#"{"_meta":{"a" : 1}}"#).as_deref(), Some(r#"{"a" : 1}"#));
    assert_eq!((meta("{}"), meta("[]"), meta_of(None).is_none()), (None, None, true));
}

#[test]
fn what_is_announced_of_sampling_says_whether_tools_come_along() {
    let announces = |text: &str| Options::default().capabilities(raw(text)).announces_sampling_tools();
    assert!(announces(r#"{"sampling":{"tools":{}}}"#));
    for none in ["{}", r#"{"sampling":{}}"#, r#"{"sampling":{"tools":true}}"#, r#"{"sampling":5}"#] {
        assert!(!announces(none), "{none}");
    }
    assert_eq!(Options::default().discover_deadline(), None);
    let window = Some(Duration::from_secs(1));
    assert_eq!(Options::default().discover_window(window).discover_deadline(), window);
}

#[test]
fn a_request_that_the_server_wants_again_is_known_as_one() {
    let mut connection = ready_modern(modern());
    let call = connection.request(T0, "tools/call", None, None).unwrap();
    assert!(!connection.was_wanted_again(call));
    line(&mut connection);
    answer(&mut connection, 2, r#""result":{"resultType":"input_required","requestState":"s"}"#);
    assert!(connection.was_wanted_again(call));
    line(&mut connection);
    answer(&mut connection, 3, r#""result":{"resultType":"complete"}"#);
    assert!(!connection.was_wanted_again(call), "it is over");
    assert_eq!(connection.cancel(call, None), Cancel::NotInFlight);
}
