//! Which headers a schema wants, by one who reads it into memory first
//! (MCP 2026-07-28, basic/transports/streamable-http, "Schema Extension").

use serde_json::Value;

/// The headers that a schema wants, in lower case, each with the path to its argument; `None` if it may not want them
/// so.
pub(super) fn wanted(schema: &Value) -> Option<Vec<(String, Vec<String>)>> {
    let mut found = Vec::new();
    let mut path = Vec::new();
    let reached = reached(schema, &mut path, &mut found)?;
    // Wherever else one stands, it stands wrong.
    if reached != annotations(schema) {
        return None;
    }
    let mut names: Vec<_> = found.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    (names.len() == count).then_some(found)
}

/// Takes in what is reached by properties alone. Returns how many there are.
fn reached(schema: &Value, path: &mut Vec<String>, found: &mut Vec<(String, Vec<String>)>) -> Option<usize> {
    let Some(fields) = schema.as_object() else {
        return Some(0);
    };
    let mut count = 0;
    if let Some(name) = fields.get("x-mcp-header") {
        let name = name.as_str().filter(|name| is_token(name))?;
        let kind = fields.get("type").and_then(Value::as_str)?;
        if path.is_empty() || !["string", "integer", "boolean"].contains(&kind) {
            return None;
        }
        found.push((format!("mcp-param-{}", name.to_ascii_lowercase()), path.clone()));
        count += 1;
    }
    for (name, schema) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
        path.push(name.clone());
        count += reached(schema, path, found)?;
        path.pop();
    }
    Some(count)
}

/// How many there are anywhere.
fn annotations(schema: &Value) -> usize {
    match schema {
        Value::Array(elements) => elements.iter().map(annotations).sum(),
        Value::Object(fields) => {
            let inner = fields.iter().map(|(key, value)| match (key.as_str(), value) {
                ("default" | "const" | "enum" | "examples", _) => 0,
                ("properties" | "$defs", value) => {
                    value.as_object().into_iter().flatten().map(|(_, value)| annotations(value)).sum()
                }
                (_, value) => annotations(value),
            });
            inner.sum::<usize>() + usize::from(fields.contains_key("x-mcp-header"))
        }
        _ => 0,
    }
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
