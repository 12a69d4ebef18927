//! JSON of any kind, as an answer and as what a view reads, held against `serde_json`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::value::RawValue;
use tenure_mcp_proto::types::{CallToolResult, Content, meta_of};
use tenure_mcp_proto::{Connection, Eras, Event, Incoming, Options};

/// What the client reads of a text is what `serde_json` reads.
pub fn json(data: &[u8]) {
    answered(data);
    let raw = std::str::from_utf8(data).ok().and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
    if let Some(raw) = raw {
        fields(raw);
        elements(raw);
        strings(raw);
    }
}

/// As the result of an answer the text comes out byte for byte, if it is JSON.
fn answered(data: &[u8]) {
    let (mut connection, id) = asking();
    let head = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"#);
    let message = [head.as_bytes(), data, b"}"].concat();
    connection.handle_message(Incoming::Message(&message));
    let whole = std::str::from_utf8(&message).ok();
    // One message, or several.
    let values = |text| serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let is_json = whole.is_some_and(|text| values(text).all(|value| value.is_ok()));
    let expected =
        std::str::from_utf8(data).ok().and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
    let answer = std::iter::from_fn(|| connection.poll_event()).find_map(|event| match event {
        Event::Response { result, .. } => Some(result),
        _ => None,
    });
    match (answer, expected) {
        (Some(Ok(result)), Some(expected)) => assert_eq!(result.get(), expected.get()),
        // More fields than the result, the id again among them.
        (_, None) if is_json => {}
        // A key of the message itself, which nobody reads, may hold control characters.
        (Some(Ok(_)), None) if data.iter().any(|byte| *byte < b' ') => {}
        (Some(Ok(result)), None) => panic!("not JSON, and read as {result}"),
        (Some(Err(_)) | None, None) => {}
        (answer, Some(expected)) => panic!("{expected} was read as {answer:?}"),
    }
}

/// A connection that waits for an answer, and the id of the request.
fn asking() -> (Connection, u64) {
    let mut connection = Connection::new(Options::default().eras(Eras::Legacy).max_message(1 << 20));
    let hello = r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}"#;
    connection.start(Duration::ZERO).expect("a start");
    let _opening = connection.poll_message();
    connection.handle_message(Incoming::Message(hello.as_bytes()));
    let id = connection.request(Duration::ZERO, "x", None, None).expect("a request").as_u64();
    while connection.poll_message().is_some() {}
    (connection, id)
}

/// Of a repeated key the last one counts.
fn fields(raw: &RawValue) {
    if let Ok(fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get()) {
        let expected = fields.get("_meta").map(|meta| meta.get()).filter(|meta| *meta != "null");
        assert_eq!(meta_of(Some(raw)).as_deref().map(RawValue::get), expected, "{raw}");
    }
}

fn elements(raw: &RawValue) {
    if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        let result = CallToolResult::from_raw(raw.to_owned()).expect("a list is a result");
        let read: Vec<_> = result.content.iter().map(|block| block.raw().get()).collect();
        let expected: Vec<_> = elements.iter().map(|element| element.get()).collect();
        assert_eq!(read, expected);
    }
}

/// Half of a pair of UTF-16 is no string for `serde_json`, and U+FFFD for a view.
fn strings(raw: &RawValue) {
    let read = match Content::from_raw(raw.to_owned()) {
        Content::Text { text, .. } if raw.get().starts_with('"') => Some(text),
        _ => None,
    };
    match serde_json::from_str::<String>(raw.get()) {
        Ok(expected) => assert_eq!(read.as_deref(), Some(&*expected)),
        Err(_) if raw.get().starts_with('"') => assert!(read.is_some_and(|text| text.contains('\u{fffd}'))),
        Err(_) => assert_eq!(read, None),
    }
}
