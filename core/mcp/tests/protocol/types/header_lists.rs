//! Tools whose `x-mcp-header` isn't valid, in lists (MCP 2026-07-28, basic/transports/streamable-http).
#![cfg(feature = "http")]

use serde_json::value::RawValue;
use tenure_mcp_proto::pages::{ListWarning, PromptPages, ToolPages};
use tenure_mcp_proto::types::ListToolsResult;

const PAGE: &str = r#"{"tools":[
    {"name":"a","inputSchema":{"properties":{"x":{"type":"string","x-mcp-header":"X"}}}},
    null,
    {"name":"b\u001b","inputSchema":{"properties":{"x":{"type":"number","x-mcp-header":"X"}}}},
    {"name":"c"},
    {"name":"d","inputSchema":{"x-mcp-header":"X"}},
    {"name":"e","inputSchema":{}}
]}"#;

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[test]
fn tools_with_invalid_headers_become_odd_elements_in_their_places() {
    let mut page = ListToolsResult::from_raw(raw(PAGE)).unwrap();
    assert_eq!(page.items.len(), 4);
    page.retain_valid_headers();
    let names: Vec<_> = page.items.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["a", "e"]);
    let odd: Vec<_> = page.odd.iter().map(|odd| (odd.position, odd.name.as_deref())).collect();
    assert_eq!(odd, [(1, None), (2, Some("b\u{1b}")), (3, Some("c")), (4, Some("d"))]);
    assert_eq!(page.odd[1].reason, r#"x-mcp-header: the type of "x" is not string, integer or boolean"#);
    assert_eq!(page.odd[3].raw.get(), r#"{"name":"d","inputSchema":{"x-mcp-header":"X"}}"#);
    assert_eq!(page.raw.get(), PAGE);
    let before = format!("{page:?}");
    page.retain_valid_headers();
    assert_eq!(format!("{page:?}"), before);
}

#[test]
fn lists_leave_them_out_with_a_warning_that_names_them() {
    let mut pages = ToolPages::new().retain_valid_headers(true);
    pages.handle_page(raw(PAGE)).unwrap();
    let list = pages.into_list();
    assert_eq!(list.len(), 2);
    let warnings: Vec<_> = list.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings[3],
        r#"left out: element [4], "d", of page 1: x-mcp-header: it stands where it may not, not at a property"#
    );
    let named = |name: &str| {
        list.warnings
            .iter()
            .any(|warning| matches!(warning, ListWarning::Element { name: Some(of), .. } if of == name))
    };
    assert!(named("b\u{1b}") && named("d") && !named("a"));
}

#[test]
fn they_stay_where_headers_say_nothing() {
    let mut pages = ToolPages::new();
    pages.handle_page(raw(PAGE)).unwrap();
    let list = pages.into_list();
    assert_eq!((list.len(), list.warnings.len()), (4, 2));
}

#[test]
fn other_lists_than_that_of_tools_stay_as_they_are() {
    let mut pages = PromptPages::new().retain_valid_headers(true);
    pages.handle_page(raw(r#"{"prompts":[{"name":"a","inputSchema":{"x-mcp-header":"X"}}]}"#)).unwrap();
    assert_eq!(pages.into_list().len(), 1);
}
