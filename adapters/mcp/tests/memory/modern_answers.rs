//! Answers of the modern era that are no results: whoever called is given what came.

use serde_json::json;
use tenure_mcp::proto::InputError;
use tenure_mcp::{Delivery, Error};

use crate::eras::modern;
use crate::stage::{Call, Stage};

/// What a call is told that is answered with this.
fn error_of(result: &serde_json::Value) -> Error {
    let mut stage = Stage::new();
    let server = modern(&mut stage);
    let client = stage.client.clone();
    let mut call = Call::begun(client.call_tool("t", ()));
    stage.turn();
    server.answer(&server.heard_one(), result);
    stage.turn();
    call.poll().unwrap().unwrap_err()
}

#[test]
fn a_result_of_a_kind_that_nobody_knows_is_handed_back_as_it_came() {
    let result = json!({ "resultType": "elsewhere", "content": [] });
    let (error, text) = (error_of(&result), result.to_string());
    assert!(matches!(&error, Error::Unreadable { raw, .. } if raw.get() == text), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[test]
fn a_server_that_wants_what_is_not_offered_is_told_of_with_its_words() {
    let asked = json!({ "method": "roots/list", "params": {} });
    let result =
        json!({ "resultType": "input_required", "inputRequests": { "a": asked }, "requestState": "secret" });
    let error = error_of(&result);
    match &error {
        Error::InputRequired { why: InputError::NotOffered { method }, raw } => {
            assert_eq!((method.as_str(), raw.get()), ("roots/list", result.to_string().as_str()));
        }
        other => panic!("{other:?}"),
    }
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    assert_eq!(error.to_string(), "the server wants input first: \"roots/list\" was not offered");
    assert!(!error.is_retryable() && error.delivery() == Delivery::Unknown);
}
