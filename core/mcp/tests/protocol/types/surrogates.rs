//! Half of a UTF-16 pair, which JSON can write and no text holds: U+FFFD in the views, kept in the raw JSON.

use crate::common::*;
use tenure_mcp_proto::types::{CallToolResult, Content, ListToolsResult, Tool};
use tenure_mcp_proto::{CallError, Event, Options};

#[test]
fn half_of_a_pair_is_a_replacement_character_in_the_view_and_stays_in_the_raw_json() {
    for (written, read) in [
        (r"a\ud83d", "a\u{fffd}"),
        (r"\ud83d b", "\u{fffd} b"),
        (r"\uDE00", "\u{fffd}"),
        (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        (r"\ud83d\u0041", "\u{fffd}A"),
        (r"\ud83d\n\\ud83d", "\u{fffd}\n\\ud83d"),
        (r"\ud83d\ude00", "😀"),
    ] {
        let block = format!(r#"{{"type":"text","text":"{written}"}}"#);
        let result = format!(r#"{{"content":[{block}]}}"#);
        let view = CallToolResult::from_raw(raw(&result)).unwrap();
        assert_eq!(view.raw.get(), result);
        match &view.content[..] {
            [Content::Text { text, raw, .. }] => {
                assert_eq!((text.as_str(), raw.get()), (read, block.as_str()));
            }
            other => panic!("{written}: {other:?}"),
        }
    }
}

#[test]
fn it_costs_nothing_in_names_titles_and_descriptions() {
    let tool = r#"{"name":"a\ud83d","title":"b\ud83d","description":"c\ud83d","inputSchema":{"d":"\ud83d"}}"#;
    let page = ListToolsResult::from_raw(raw(&format!(r#"{{"tools":[{tool}]}}"#))).unwrap();
    let [Tool { name, title, description, input_schema, raw: kept, .. }] = &page.items[..] else {
        panic!("{page:?}")
    };
    assert_eq!((name.as_str(), title.as_deref()), ("a\u{fffd}", Some("b\u{fffd}")));
    assert_eq!(description.as_deref(), Some("c\u{fffd}"));
    assert_eq!((input_schema.get(), kept.get()), (r#"{"d":"\ud83d"}"#, tool));
}

#[test]
fn it_costs_nothing_in_resources_and_links() {
    let link = r#"{"type":"resource_link","uri":"u\ud83d","name":"n\ud83d"}"#;
    let resource = r#"{"type":"resource","resource":{"uri":"u","text":"t\ud83d"}}"#;
    match Content::from_raw(raw(link)) {
        Content::ResourceLink { uri, name, .. } => {
            assert_eq!((uri.as_str(), name.as_str()), ("u\u{fffd}", "n\u{fffd}"));
        }
        other => panic!("{other:?}"),
    }
    match Content::from_raw(raw(resource)) {
        Content::Resource { text, .. } => assert_eq!(text.as_deref(), Some("t\u{fffd}")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_costs_nothing_in_messages_and_in_the_handshake() {
    let mut connection = opening(Options::default());
    feed(
        &mut connection,
        r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s\ud83d","version":"1"},"instructions":"i\ud83d"}}"#,
    );
    match only(&mut connection) {
        Event::Ready(server) => {
            assert_eq!(server.name, "s\u{fffd}");
            assert_eq!(server.instructions.as_deref(), Some("i\u{fffd}"));
        }
        other => panic!("{other:?}"),
    }
    connection.poll_line().unwrap();
    feed(&mut connection, r#"{"jsonrpc":"2.0","method":"n\ud83d"}"#);
    assert!(matches!(only(&mut connection), Event::Notification { method, .. } if method == "n\u{fffd}"));
    sent(&mut connection);
    feed(&mut connection, r#"{"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"no\ud83d"}}"#);
    match response(&mut connection).1 {
        Err(error @ CallError::Server { .. }) => assert!(error.to_string().contains("no\u{fffd}"), "{error}"),
        other => panic!("{other:?}"),
    }
}
