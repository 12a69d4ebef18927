//! Resources: their lists, their templates, and what they hold (MCP 2025-11-25, server/resources).

use crate::common::*;
use tenure_mcp_proto::pages::{Pages, PromptPages, ResourcePages, ResourceTemplatePages};
use tenure_mcp_proto::types::{
    Listed, ReadResourceResult, Resource, ResourceContents, ResourceParams, ResourceTemplate, ResultType,
};

#[test]
fn a_resource_has_all_it_came_with() {
    let text = r#"{"_meta":{"m":1.0},"icons":[{"src":"i"}],"annotations":{"a":1.0},"size":1e3,"mimeType":"mt","description":"d","title":"t","name":"n","uri":"u","new":[]}"#;
    let resource = Resource::from_raw(raw(text)).unwrap();
    assert_eq!((resource.uri.as_str(), resource.name.as_str()), ("u", "n"));
    assert_eq!(resource.size, Some(1000));
    let texts = [resource.title, resource.description, resource.mime_type];
    assert_eq!(texts.map(Option::unwrap), ["t", "d", "mt"]);
    let raws = [resource.annotations, resource.icons, resource.meta].map(Option::unwrap);
    assert_eq!(raws.each_ref().map(|raw| raw.get()), [r#"{"a":1.0}"#, r#"[{"src":"i"}]"#, r#"{"m":1.0}"#]);
    assert_eq!(resource.raw.get(), text);
}

#[test]
fn a_template_has_all_it_came_with() {
    let text = r#"{"_meta":{"m":1.0},"icons":[],"annotations":{"a":1.0},"mimeType":"mt","description":"d","title":"t","name":"n","uriTemplate":"u{x}"}"#;
    let template = ResourceTemplate::from_raw(raw(text)).unwrap();
    assert_eq!((template.uri_template.as_str(), template.name.as_str()), ("u{x}", "n"));
    let texts = [template.title, template.description, template.mime_type];
    assert_eq!(texts.map(Option::unwrap), ["t", "d", "mt"]);
    let raws = [template.annotations, template.icons, template.meta].map(Option::unwrap);
    assert_eq!(raws.each_ref().map(|raw| raw.get()), [r#"{"a":1.0}"#, "[]", r#"{"m":1.0}"#]);
    assert_eq!(template.raw.get(), text);
    let error = ResourceTemplate::from_raw(raw(r#"{"name":"n"}"#)).unwrap_err();
    assert_eq!(error.to_string(), "ResourceTemplate: uriTemplate is missing");
}

#[test]
fn a_resource_needs_its_uri_and_nothing_else() {
    let resource = Resource::from_raw(raw(r#"{"uri":"u","size":-1,"title":5}"#)).unwrap();
    assert_eq!((resource.name.as_str(), resource.size, resource.title), ("", None, None));
    for (text, problem) in [
        (r#"{"name":"n"}"#, "uri is missing"),
        (r#"{"uri":5}"#, "uri is not a string but 5"),
        ("null", "not a JSON object but null"),
    ] {
        let error = Resource::from_raw(raw(text)).unwrap_err();
        assert_eq!(error.problem(), problem);
        assert_eq!(error.raw().get(), text);
    }
}

fn collected<T: Listed>(mut pages: Pages<T>, answers: &[&str]) -> (Vec<String>, Vec<String>) {
    for answer in answers {
        assert!(pages.next_params().is_some());
        pages.handle_page(raw(answer)).unwrap();
    }
    assert!(pages.next_params().is_none());
    let list = pages.into_list();
    let warnings = list.warnings.iter().map(ToString::to_string).collect();
    (list.items.iter().map(|item| item.name().to_owned()).collect(), warnings)
}

#[test]
fn one_odd_resource_costs_itself_with_a_warning() {
    assert_eq!(ResourcePages::METHOD, "resources/list");
    let (uris, warnings) = collected(
        ResourcePages::new(),
        &[r#"{"resources":[{"uri":"a"},{"name":"odd"}],"nextCursor":"2"}"#, r#"{"resources":[{"uri":"b"}]}"#],
    );
    assert_eq!(uris, ["a", "b"]);
    assert_eq!(warnings, [r#"left out: element [1], "odd", of page 1: uri is missing"#]);
}

#[test]
fn two_resources_of_one_name_are_two() {
    // What a list brings twice is known by its URI, not by its name.
    let page = r#"{"resources":[{"uri":"a","name":"n"},{"uri":"b","name":"n"}],"nextCursor":"2"}"#;
    let (uris, _) = collected(ResourcePages::new(), &[page, r#"{"resources":[{"uri":"c","name":"n"}]}"#]);
    assert_eq!(uris, ["a", "b", "c"]);
}

#[test]
fn a_page_that_comes_twice_is_listed_once() {
    let page = r#"{"resources":[{"uri":"a"},{"uri":"b"}],"nextCursor":"2"}"#;
    let last = r#"{"resources":[{"uri":"a"}]}"#;
    assert_eq!(collected(ResourcePages::new(), &[page, page, last]).0, ["a", "b"]);
    let page = r#"{"resourceTemplates":[{"uriTemplate":"a/{x}"}],"nextCursor":"2"}"#;
    let last = r#"{"resourceTemplates":[{"uriTemplate":"a/{x}"}]}"#;
    assert_eq!(collected(ResourceTemplatePages::new(), &[page, last]).0, ["a/{x}"]);
    let page = r#"{"prompts":[{"name":"p"}],"nextCursor":"2"}"#;
    assert_eq!(collected(PromptPages::new(), &[page, r#"{"prompts":[{"name":"p"}]}"#]).0, ["p"]);
}

#[test]
fn templates_are_collected_page_by_page() {
    assert_eq!(ResourceTemplatePages::METHOD, "resources/templates/list");
    let (templates, warnings) =
        collected(ResourceTemplatePages::new(), &[r#"{"resourceTemplates":[{"uriTemplate":"a/{x}"},7]}"#]);
    assert_eq!(templates, ["a/{x}"]);
    assert_eq!(warnings, ["left out: element [1] of page 1: not a JSON object but 7"]);
}

#[test]
fn a_uri_goes_out_escaped_and_meta_byte_for_byte() {
    let meta = raw(r#"{ "n":1.00 }"#);
    let params = ResourceParams { uri: "a\"\n", meta: Some(&meta) };
    assert_eq!(params.to_raw().get(), r#"{"uri":"a\"\n","_meta":{ "n":1.00 }}"#);
    let params = ResourceParams { uri: "a", meta: None };
    assert_eq!(params.to_raw().get(), r#"{"uri":"a"}"#);
}

#[test]
fn contents_are_text_or_bytes() {
    let text = r#"{"contents":[{"uri":"u","mimeType":"m","text":"t","_meta":{"n":1.0}},{"blob":"aa","mimeType":"x","uri":"v"}],"_meta":{"a":1.0}}"#;
    let result = ReadResourceResult::from_raw(raw(text)).unwrap();
    assert_eq!(result.meta.as_ref().unwrap().get(), r#"{"a":1.0}"#);
    assert_eq!((result.result_type, result.warnings.len()), (ResultType::Complete, 0));
    assert_eq!(result.raw.get(), text);
    assert_eq!(result.contents[0].meta().unwrap().get(), r#"{"n":1.0}"#);
    assert!(result.contents[1].meta().is_none());
    match &result.contents[..] {
        [
            ResourceContents::Text { uri, mime_type, text, .. },
            ResourceContents::Blob { uri: v, mime_type: x, blob, .. },
        ] => {
            assert_eq!((uri.as_str(), mime_type.as_deref(), text.as_str()), ("u", Some("m"), "t"));
            assert_eq!((v.as_str(), x.as_deref(), blob.as_str()), ("v", Some("x"), "aa"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn odd_contents_cost_nothing_else() {
    let text = r#"{"contents":[{"uri":"u"},17,{"text":"good"}]}"#;
    let result = ReadResourceResult::from_raw(raw(text)).unwrap();
    let raws: Vec<_> = result.contents.iter().map(|contents| contents.raw().get()).collect();
    assert_eq!(raws, [r#"{"uri":"u"}"#, "17", r#"{"text":"good"}"#]);
    assert!(
        matches!(&result.contents[2], ResourceContents::Text { text, uri, .. } if text == "good" && uri.is_empty())
    );
    assert_eq!(
        result.warnings,
        [
            r#"contents[0] have neither text nor bytes: {"uri":"u"}"#,
            "contents[1] have neither text nor bytes: 17"
        ]
    );
    let alone = ReadResourceResult::from_raw(raw(r#"{"contents":{"uri":"u","text":"t"}}"#)).unwrap();
    assert!(matches!(&alone.contents[..], [ResourceContents::Text { text, .. }] if text == "t"));
    assert_eq!(alone.warnings, [r#"contents are not a list but {"uri":"u","text":"t"}"#]);
}

#[test]
fn what_cannot_be_read_is_handed_back() {
    for (text, problem) in [
        ("[]", "not a JSON object but []"),
        (r#"{"contents":null}"#, "contents are missing"),
        (r#"{"contents":[],"resultType":"x"}"#, r#"unknown resultType "x""#),
    ] {
        let error = ReadResourceResult::from_raw(raw(text)).unwrap_err();
        assert_eq!((error.problem(), error.raw().get()), (problem, text));
    }
    let asks = ReadResourceResult::from_raw(raw(r#"{"resultType":"input_required"}"#)).unwrap();
    assert!(asks.contents.is_empty() && asks.result_type == ResultType::InputRequired);
}

#[test]
fn of_endless_contents_the_first_are_read() {
    let many = vec!["{}"; 65_537].join(",");
    let result = ReadResourceResult::from_raw(raw(&format!(r#"{{"contents":[{many}]}}"#))).unwrap();
    assert_eq!(result.contents.len(), 65_536);
    assert_eq!(result.warnings.len(), 16, "bounded");
    let texts = vec![r#"{"text":""}"#; 65_537].join(",");
    let result = ReadResourceResult::from_raw(raw(&format!(r#"{{"contents":[{texts}]}}"#))).unwrap();
    assert_eq!(result.warnings, ["there are more than 65536 contents; the first are read"]);
}
