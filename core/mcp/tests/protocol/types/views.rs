//! Typed views: each field comes from its own place, and nothing is lost.

use crate::common::*;
use tenure_mcp_proto::types::{
    CallToolParams, CallToolResult, Content, ListParams, Prompt, PromptArgument, Resource, ResourceContents,
    ResourceTemplate, ResultType, Tool,
};

fn content(text: &str) -> Content {
    Content::from_raw(raw(text))
}

#[test]
fn params_that_are_left_out_are_not_sent() {
    // MCP 2025-11-25, schema, `CallToolRequestParams`: `arguments` is optional.
    let bare = CallToolParams { name: "t", ..CallToolParams::default() };
    assert_eq!(bare.to_raw().get(), r#"{"name":"t"}"#);
    assert_eq!(ListParams::default().to_raw().get(), "{}");
}

#[test]
fn an_element_is_read_by_itself_too_or_handed_back_with_the_reason() {
    for (error, problem) in [
        (Tool::from_raw(raw("5")).unwrap_err(), "Tool: not a JSON object but 5"),
        (Tool::from_raw(raw("{}")).unwrap_err(), "Tool: name is missing"),
        (Prompt::from_raw(raw("[]")).unwrap_err(), "Prompt: not a JSON object but []"),
        (Prompt::from_raw(raw("{}")).unwrap_err(), "Prompt: name is missing"),
        (PromptArgument::from_raw(raw("1")).unwrap_err(), "PromptArgument: not a JSON object but 1"),
        (PromptArgument::from_raw(raw("{}")).unwrap_err(), "PromptArgument: name is missing"),
        (Resource::from_raw(raw("null")).unwrap_err(), "Resource: not a JSON object but null"),
        (Resource::from_raw(raw("{}")).unwrap_err(), "Resource: uri is missing"),
        (ResourceTemplate::from_raw(raw("1")).unwrap_err(), "ResourceTemplate: not a JSON object but 1"),
        (ResourceTemplate::from_raw(raw("{}")).unwrap_err(), "ResourceTemplate: uriTemplate is missing"),
    ] {
        assert_eq!(error.to_string(), problem);
    }
    let argument = r#"{"name":"a","required":true,"n":1.00}"#;
    let read = PromptArgument::from_raw(raw(argument)).unwrap();
    assert_eq!((read.name.as_str(), read.required, read.raw.get()), ("a", true, argument));
    let contents = ResourceContents::from_raw(raw(r#"{"uri":"u","text":"t"}"#));
    assert!(
        matches!(&contents, ResourceContents::Text { uri, text, .. } if (uri, text) == (&"u".into(), &"t".into()))
    );
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
    let text = r#"{"icons":[1.0],"execution":{"taskSupport":"optional"},"_meta":{"m":1},"outputSchema":{"o":1},"inputSchema":{"i":1},"annotations":{"a":1},"description":"d","title":"t","name":"n"}"#;
    let tool = Tool::from_raw(raw(text)).unwrap();
    assert_eq!(tool.name, "n");
    assert_eq!((tool.title.as_deref(), tool.description.as_deref()), (Some("t"), Some("d")));
    assert_eq!(tool.input_schema.get(), r#"{"i":1}"#);
    assert_eq!(tool.icons.unwrap().get(), "[1.0]");
    assert_eq!(tool.execution.unwrap().get(), r#"{"taskSupport":"optional"}"#);
    let optional = [tool.output_schema, tool.annotations, tool.meta];
    assert_eq!(
        optional.each_ref().map(|raw| raw.as_ref().unwrap().get()),
        [r#"{"o":1}"#, r#"{"a":1}"#, r#"{"m":1}"#]
    );
    // Text of the wrong type is absent text, not a lost tool.
    let tool = Tool::from_raw(raw(r#"{"name":"n","title":5,"inputSchema":{}}"#)).unwrap();
    assert!(tool.title.is_none());
    assert_eq!(tool.input_schema.get(), "{}");
}

#[test]
fn as_many_elements_as_the_cap_are_fine() {
    let blocks = vec!["{}"; 65_536].join(",");
    let view = CallToolResult::from_raw(raw(&format!(r#"{{"content":[{blocks}]}}"#))).unwrap();
    assert_eq!((view.content.len(), view.warnings.len()), (65_536, 0));
}
