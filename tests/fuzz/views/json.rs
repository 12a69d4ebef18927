//! JSON as a server might send it: the field names that the views read, with values of any kind.

use crate::bytes::Bytes;

/// What the views read, and one name that nobody does.
const NAMES: [&str; 64] = [
    "tools",
    "resources",
    "resourceTemplates",
    "prompts",
    "name",
    "title",
    "description",
    "inputSchema",
    "outputSchema",
    "annotations",
    "icons",
    "nextCursor",
    "_meta",
    "uri",
    "uriTemplate",
    "mimeType",
    "size",
    "arguments",
    "required",
    "messages",
    "role",
    "content",
    "type",
    "text",
    "data",
    "resource",
    "blob",
    "contents",
    "completion",
    "values",
    "total",
    "hasMore",
    "structuredContent",
    "isError",
    "resultType",
    "ttlMs",
    "cacheScope",
    "progress",
    "progressToken",
    "message",
    "level",
    "logger",
    "requestedSchema",
    "properties",
    "enum",
    "oneOf",
    "const",
    "default",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "format",
    "items",
    "mode",
    "url",
    "elicitationId",
    "maxTokens",
    "modelPreferences",
    "systemPrompt",
    "roots",
    "na\\u006de",
    "\\ud83d",
    "other",
];

/// Values without parts.
const PLAIN: [&str; 24] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.00",
    "1e400",
    "18446744073709551616",
    "\"\"",
    "\"a\"",
    "\"text\"",
    "\"image\"",
    "\"audio\"",
    "\"resource\"",
    "\"resource_link\"",
    "\"object\"",
    "\"string\"",
    "\"integer\"",
    "\"complete\"",
    "\"input_required\"",
    "\"\\ud83d\"",
    "\"\\u202e\"",
    "\"user\"",
    "\"error\"",
];

/// No value is nested deeper.
const DEEPEST: usize = 6;

/// A JSON object.
pub(super) fn object(bytes: &mut Bytes<'_>) -> String {
    let mut text = String::new();
    push_object(bytes, 0, &mut text);
    text
}

fn push_object(bytes: &mut Bytes<'_>, depth: usize, text: &mut String) {
    text.push('{');
    for place in 0..bytes.byte() % 6 {
        if place > 0 {
            text.push(',');
        }
        let name = bytes.choose(&NAMES).unwrap_or_default();
        text.extend(["\"", name, "\":"]);
        push_value(bytes, depth + 1, text);
    }
    text.push('}');
}

fn push_value(bytes: &mut Bytes<'_>, depth: usize, text: &mut String) {
    match bytes.byte() % 8 {
        0..=2 if depth < DEEPEST => push_object(bytes, depth, text),
        3 | 4 if depth < DEEPEST => {
            text.push('[');
            for place in 0..bytes.byte() % 5 {
                text.push_str(if place > 0 { " ," } else { "" });
                push_value(bytes, depth + 1, text);
            }
            text.push(']');
        }
        _ => text.push_str(bytes.choose(&PLAIN).unwrap_or("null")),
    }
}
