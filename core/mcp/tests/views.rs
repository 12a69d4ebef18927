//! Typed views: each field comes from its own place, and nothing is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail the test")]

mod common;

use common::*;
use tenure_mcp_proto::types::{
    CallToolParams, CallToolResult, Content, ListToolsParams, ListToolsResult, ResultType, Tool,
};

fn content(text: &str) -> Content {
    Content::from_raw(raw(text))
}

#[test]
fn params_that_are_left_out_are_not_sent() {
    // MCP 2025-11-25, schema, `CallToolRequestParams`: `arguments` is optional.
    let bare = CallToolParams { name: "t", ..CallToolParams::default() };
    assert_eq!(bare.to_raw().get(), r#"{"name":"t"}"#);
    assert_eq!(ListToolsParams::default().to_raw().get(), "{}");
}

#[test]
fn images_and_sounds_keep_data_and_kind_apart() {
    match content(r#"{"type":"image","mimeType":"image/png","data":"aa=="}"#) {
        Content::Image { data, mime_type, .. } => {
            assert_eq!((data.as_str(), mime_type.as_str()), ("aa==", "image/png"));
        }
        other => panic!("{other:?}"),
    }
    match content(r#"{"type":"audio","mimeType":"audio/wav","data":"bb=="}"#) {
        Content::Audio { data, mime_type, .. } => {
            assert_eq!((data.as_str(), mime_type.as_str()), ("bb==", "audio/wav"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_resource_link_has_all_it_came_with() {
    let text =
        r#"{"type":"resource_link","mimeType":"m","description":"d","title":"t","name":"n","uri":"u"}"#;
    match content(text) {
        Content::ResourceLink { uri, name, title, description, mime_type, .. } => {
            assert_eq!((uri.as_str(), name.as_str()), ("u", "n"));
            let optional = [title, description, mime_type];
            assert_eq!(optional.map(Option::unwrap), ["t", "d", "m"]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_embedded_resource_is_text_or_bytes() {
    match content(r#"{"type":"resource","resource":{"blob":"bb","mimeType":"m","uri":"u"}}"#) {
        Content::Resource { uri, mime_type, text, blob, .. } => {
            assert_eq!((uri.as_str(), mime_type.as_deref()), ("u", Some("m")));
            assert_eq!((text.as_deref(), blob.as_deref()), (None, Some("bb")));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn blocks_that_lack_what_their_kind_needs_cost_nothing_else() {
    for text in [
        r#"{"type":"audio","data":"aa"}"#,
        r#"{"type":"audio","mimeType":"m"}"#,
        r#"{"type":"resource_link","uri":"u"}"#,
        r#"{"type":"resource_link","name":"n"}"#,
        r#"{"type":"resource"}"#,
        r#"{"type":"resource","resource":{"text":"t"}}"#,
        r#"{"type":"image","mimeType":"m"}"#,
    ] {
        let result = format!(r#"{{"content":[{text},{{"type":"text","text":"good"}}]}}"#);
        let view = CallToolResult::from_raw(raw(&result)).unwrap();
        match &view.content[..] {
            [Content::Other { raw, .. }, Content::Text { text: good, .. }] => {
                assert_eq!((raw.get(), good.as_str()), (text, "good"));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn annotations_and_meta_of_a_block_are_its_own() {
    let text = r#"{"type":"text","text":"","_meta":{"n":1.0},"annotations":null}"#;
    assert_eq!(content(text).meta().unwrap().get(), r#"{"n":1.0}"#);
    assert!(content(text).annotations().is_none());
    let no_object = content("17");
    assert!(no_object.annotations().is_none() && no_object.meta().is_none());
}

#[test]
fn a_result_tells_all_it_says_of_itself() {
    let text = r#"{"_meta":{"n":1.0},"resultType":"input_required","isError":null,"content":null}"#;
    let view = CallToolResult::from_raw(raw(text)).unwrap();
    assert_eq!(view.meta.unwrap().get(), r#"{"n":1.0}"#);
    assert_eq!(view.result_type, ResultType::InputRequired);
    assert!(view.content.is_empty() && !view.is_error && view.structured_content.is_none());
    // The server's `null` is a value: structured content may be any JSON.
    let view = CallToolResult::from_raw(raw(r#"{"structuredContent":null}"#)).unwrap();
    assert_eq!(view.structured_content.unwrap().get(), "null");
}

#[test]
fn a_tool_has_all_it_came_with() {
    let text = r#"{"_meta":{"m":1},"outputSchema":{"o":1},"inputSchema":{"i":1},"annotations":{"a":1},"description":"d","title":"t","name":"n"}"#;
    let tool = Tool::from_raw(raw(text)).unwrap();
    assert_eq!(tool.name, "n");
    assert_eq!((tool.title.as_deref(), tool.description.as_deref()), (Some("t"), Some("d")));
    assert_eq!(tool.input_schema.get(), r#"{"i":1}"#);
    let optional = [tool.output_schema, tool.annotations, tool.meta];
    assert_eq!(
        optional.each_ref().map(|raw| raw.as_ref().unwrap().get()),
        [r#"{"o":1}"#, r#"{"a":1}"#, r#"{"m":1}"#]
    );
    // Text of the wrong type is absent text, not a lost tool.
    let tool = Tool::from_raw(raw(r#"{"name":"n","title":5,"inputSchema":true}"#)).unwrap();
    assert!(tool.title.is_none());
    assert_eq!(tool.input_schema.get(), "true");
}

#[test]
fn as_many_elements_as_the_cap_are_fine() {
    let blocks = vec!["0"; 65_536].join(",");
    let view = CallToolResult::from_raw(raw(&format!(r#"{{"content":[{blocks}]}}"#))).unwrap();
    assert_eq!(view.content.len(), 65_536);
    assert!(CallToolResult::from_raw(raw(&format!(r#"{{"content":[{blocks},0]}}"#))).is_err());
}

#[test]
fn a_page_without_tools_is_one_only_if_the_server_wants_input_first() {
    // MCP 2026-07-28, basic/patterns (MRTR).
    let asks = ListToolsResult::from_raw(raw(r#"{"resultType":"input_required"}"#)).unwrap();
    assert!(asks.tools.is_empty() && asks.result_type == ResultType::InputRequired);
    assert!(ListToolsResult::from_raw(raw(r#"{"resultType":"complete"}"#)).is_err());
}
