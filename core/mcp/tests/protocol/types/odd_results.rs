//! Results of tools that are not as the specification says: what the tool said is still there.

use crate::common::*;
use tenure_mcp_proto::types::{CallToolResult, Content, ResultType};

fn view(text: &str) -> CallToolResult {
    let view = CallToolResult::from_raw(raw(text)).unwrap();
    assert_eq!(view.raw.get(), text);
    view
}

fn texts(view: &CallToolResult) -> Vec<&str> {
    view.content
        .iter()
        .map(|content| match content {
            Content::Text { text, .. } => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn content_that_is_plain_text_or_one_block_is_what_the_tool_said() {
    for text in [
        r#"{"content":"the answer"}"#,
        r#"{"content":["the answer"]}"#,
        r#"{"content":{"type":"text","text":"the answer"}}"#,
        r#""the answer""#,
        r#"[{"type":"text","text":"the answer"}]"#,
    ] {
        let view = view(text);
        assert_eq!(texts(&view), ["the answer"], "{text}");
        assert!(!view.is_error);
    }
}

#[test]
fn content_of_any_other_kind_is_kept_as_a_block_of_unknown_kind() {
    for (text, block) in [
        (r#"{"content":5}"#, "5"),
        (r#"{"content":true}"#, "true"),
        (r#"{"content":{"rows":[1]}}"#, r#"{"rows":[1]}"#),
        (r#"{"content":[null]}"#, "null"),
    ] {
        match &view(text).content[..] {
            [Content::Other { raw, .. }] => assert_eq!(raw.get(), block),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_result_without_content_is_kept_whole_as_a_block_of_unknown_kind() {
    let text = r#"{"success":true,"n":1.00}"#;
    match &view(text).content[..] {
        [Content::Other { raw, .. }] => assert_eq!(raw.get(), text),
        other => panic!("{other:?}"),
    }
    // There is nothing to show in these.
    for text in
        ["{}", r#"{"_meta":{},"isError":false}"#, r#"{"resultType":"input_required","requestState":"s"}"#]
    {
        assert!(view(text).content.is_empty(), "{text}");
    }
}

#[test]
fn structured_content_may_be_anything_and_stands_alone() {
    for structured in ["[1, 2]", r#""s""#, "5", "null", r#"{"a":1.0}"#] {
        let view = view(&format!(r#"{{"structuredContent":{structured}}}"#));
        assert_eq!(view.structured_content.unwrap().get(), structured);
        assert!(view.content.is_empty());
    }
}

#[test]
fn what_the_tool_said_is_there_however_is_error_is_written() {
    for (written, is_error) in [
        ("true", true),
        ("false", false),
        ("null", false),
        (r#""true""#, true),
        (r#""True""#, true),
        (r#""false""#, false),
        (r#""no""#, false),
        (r#""""#, false),
        ("1", true),
        ("0", false),
        ("0.0", false),
        // What can't be read as a no is none.
        (r#""boom""#, true),
        ("{}", true),
        ("[]", true),
    ] {
        let view = view(&format!(r#"{{"content":[{{"type":"text","text":"boom"}}],"isError":{written}}}"#));
        assert_eq!((texts(&view), view.is_error), (vec!["boom"], is_error), "{written}");
    }
}

#[test]
fn of_too_many_blocks_the_first_are_read_and_all_are_kept() {
    let blocks = vec!["0"; 65_537].join(",");
    let view = view(&format!(r#"{{"content":[{blocks}]}}"#));
    assert_eq!(view.content.len(), 65_537);
    assert_eq!(view.content[65_536].raw().get(), format!("[{blocks}]"));
}

#[test]
fn a_result_that_nothing_fits_is_handed_back_with_the_reason() {
    // MCP 2026-07-28, basic/patterns: an unknown `resultType` must be treated as invalid.
    for (text, reason) in [
        ("null", "null"),
        ("5", "5"),
        ("true", "true"),
        (r#"{"content":[],"resultType":"strange"}"#, "unknown resultType \"strange\""),
    ] {
        let error = CallToolResult::from_raw(raw(text)).unwrap_err();
        assert!(error.problem().contains(reason), "{error}");
        assert_eq!(error.raw().get(), text);
        assert_eq!(error.into_raw().get(), text);
    }
}

#[test]
fn results_as_they_should_be_have_no_warnings_and_odd_ones_name_what_is_odd() {
    let good = view(r#"{"content":[{"type":"hologram"}],"structuredContent":{},"isError":true}"#);
    assert!(good.warnings.is_empty(), "{:?}", good.warnings);
    assert_eq!(good.result_type, ResultType::Complete);
    for (text, named) in [
        (r#"{"content":"a"}"#, "content"),
        (r#"{"content":["a"]}"#, "content[0]"),
        (r#"{"success":true}"#, "content"),
        (r#"{"content":[],"isError":"true"}"#, "isError"),
        (r#""a""#, "object"),
    ] {
        let view = view(text);
        assert!(view.warnings.iter().any(|warning| warning.contains(named)), "{text}: {:?}", view.warnings);
    }
}
