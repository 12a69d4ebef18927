//! Results as the program's own types, and as text.

use serde::Deserialize;
use serde_json::value::RawValue;
use tenure_mcp_proto::types::{CallToolResult, decode};

fn result(text: &str) -> CallToolResult {
    CallToolResult::from_raw(raw(text)).unwrap()
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[derive(Debug, PartialEq, Deserialize)]
struct Sum {
    sum: i64,
}

#[test]
fn the_text_of_a_result_is_that_of_all_its_text_blocks() {
    let blocks = r#"{"content":[
        {"type":"text","text":"a\n"}, {"type":"image","data":"aa","mimeType":"m"},
        {"type":"resource","resource":{"uri":"u","text":"not said"}}, "b", {"type":"text","text":""},
        {"type":"text"}, {"type":"text","text":"c"}]}"#;
    assert_eq!(result(blocks).text(), "a\n\nb\n\nc");
    assert_eq!(result(r#"{"content":[{"type":"text","text":"3"}]}"#).text(), "3");
    assert_eq!(result(r#"{"content":[]}"#).text(), "");
}

#[test]
fn structured_content_is_read_as_a_type_of_the_programs_own() {
    let answer = result(r#"{"content":[],"structuredContent":{"sum":3,"more":1.0}}"#);
    assert_eq!(answer.structured::<Sum>().unwrap(), Sum { sum: 3 });
    assert_eq!(answer.structured::<Box<RawValue>>().unwrap().get(), r#"{"sum":3,"more":1.0}"#);
    let null = result(r#"{"content":[],"structuredContent":null}"#);
    assert_eq!(null.structured::<Option<Sum>>().unwrap(), None);
}

#[test]
fn structured_content_that_is_missing_or_something_else_is_told_and_the_result_kept() {
    for (answer, problem) in [
        (r#"{"content":[]}"#, "it is missing"),
        (r#"{"content":[],"structuredContent":{"sum":"3"}}"#, "invalid type: string \"3\", expected i64"),
        (r#"{"content":[],"structuredContent":null}"#, "invalid type: null, expected struct Sum"),
        (
            r#"{"content":[{"type":"text","text":"no disk"}],"isError":true}"#,
            "it is missing, and the tool failed: no disk",
        ),
        (
            r#"{"content":[],"resultType":"input_required"}"#,
            "it is missing, and the server asks for input first",
        ),
    ] {
        let error = result(answer).structured::<Sum>().unwrap_err();
        assert!(error.problem().starts_with(problem), "{error}");
        assert!(error.to_string().starts_with("structuredContent: "), "{error}");
        assert_eq!(error.raw().get(), answer);
    }
}

#[test]
fn any_result_is_read_as_a_type_or_handed_back() {
    assert_eq!(decode::<Sum>(raw(r#"{"sum":3,"n":1.0}"#)).unwrap(), Sum { sum: 3 });
    let error = decode::<Sum>(raw(r#"{ "n":1.0 }"#)).unwrap_err();
    assert!(error.to_string().starts_with("the result: missing field `sum`"), "{error}");
    assert_eq!(error.into_raw().get(), r#"{ "n":1.0 }"#);
}
