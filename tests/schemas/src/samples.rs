//! Values that a definition of a schema allows, at its edges.

use serde_json::{Map, Value, json};

use crate::Spec;

/// How much of what a schema allows is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Much {
    /// What must be there, and empty lists.
    Least,
    /// All that the schema has a name for, with an element in each list.
    Most,
}

/// Schemas may go in circles (a tool's result that holds content); so deep they are followed.
const DEEPEST: usize = 16;

/// Values of a definition: the least, the most, and each with every alternative of each part at least once.
pub fn of(spec: &Spec, definition: &str) -> Vec<Value> {
    let schema = spec.definition(definition);
    [Much::Least, Much::Most].into_iter().flat_map(|much| values(spec, schema, much, 0)).collect()
}

fn values(spec: &Spec, schema: &Value, much: Much, depth: usize) -> Vec<Value> {
    if depth > DEEPEST {
        return Vec::new();
    }
    if let Some(referred) = spec.referred(schema) {
        return values(spec, referred, much, depth + 1);
    }
    if let Some(value) = schema.get("const") {
        return vec![value.clone()];
    }
    if let Some(all) = schema["enum"].as_array() {
        return all.clone();
    }
    if let Some(parts) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        return parts.iter().flat_map(|part| values(spec, part, much, depth + 1)).collect();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts: Vec<_> = parts.iter().map(|part| values(spec, part, much, depth + 1)).collect();
        return merged(&parts);
    }
    match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().flat_map(|kind| of_kind(spec, schema, kind, much, depth)).collect()
        }
        kind => of_kind(spec, schema, kind, much, depth),
    }
}

/// Objects that are of all parts: the first of each together, and each other one in its place.
fn merged(parts: &[Vec<Value>]) -> Vec<Value> {
    let fields = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let first: Map<String, Value> = parts.iter().flat_map(|part| fields(part.first())).collect();
    let others = parts.iter().flat_map(|part| part.iter().skip(1)).map(|other| {
        let mut value = first.clone();
        value.extend(fields(Some(other)));
        Value::Object(value)
    });
    [Value::Object(first.clone())].into_iter().chain(others).collect()
}

fn of_kind(spec: &Spec, schema: &Value, kind: &Value, much: Much, depth: usize) -> Vec<Value> {
    match kind.as_str() {
        Some("object") => objects(spec, schema, much, depth),
        Some("array") => lists(spec, schema, much, depth),
        Some("string") => vec![text(schema, much)],
        Some("integer") => vec![number(schema, 7)],
        Some("number") => vec![json!(0.5), number(schema, 1)],
        Some("boolean") => vec![json!(true), json!(false)],
        Some("null") => vec![Value::Null],
        // Anything at all.
        _ => vec![json!({ "any": [null, 1.5, "\u{e9}\n"] })],
    }
}

fn text(schema: &Value, much: Much) -> Value {
    match (schema["format"].as_str(), much) {
        (Some("uri" | "uri-template"), _) => json!("file:///a%20b"),
        (Some("byte"), _) => json!("QUI="),
        (_, Much::Least) => json!(""),
        (_, Much::Most) => json!("a \"\u{e9}\"\n\u{1f600}"),
    }
}

fn number(schema: &Value, usual: i64) -> Value {
    let least = schema["minimum"].as_i64().unwrap_or(usual);
    json!(usual.max(least).min(schema["maximum"].as_i64().unwrap_or(usual)))
}

fn lists(spec: &Spec, schema: &Value, much: Much, depth: usize) -> Vec<Value> {
    match much {
        Much::Least => vec![json!([])],
        // All alternatives in one list.
        Much::Most => vec![Value::Array(values(spec, &schema["items"], much, depth + 1))],
    }
}

/// One object with the first alternative of each part, and one for each other alternative of each part.
fn objects(spec: &Spec, schema: &Value, much: Much, depth: usize) -> Vec<Value> {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let none = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    let wanted = properties
        .iter()
        .filter(|(name, _)| much == Much::Most || required.contains(&json!(name)))
        .map(|(name, schema)| (name, values(spec, schema, much, depth + 1)));
    let parts: Vec<_> = wanted.collect();
    if parts.iter().any(|(name, values)| values.is_empty() && required.contains(&json!(name))) {
        return Vec::new();
    }
    let parts: Vec<_> = parts.into_iter().filter(|(_, values)| !values.is_empty()).collect();
    let mut first: Map<String, Value> =
        parts.iter().map(|(name, values)| ((*name).clone(), values[0].clone())).collect();
    let rest = schema.get("additionalProperties").filter(|rest| **rest != false);
    if let Some(rest) = rest.filter(|_| much == Much::Most) {
        let more = values(spec, rest, much, depth + 1).into_iter().next();
        first.extend(more.map(|value| ("example.org/more".to_owned(), value)));
    }
    let mut all = vec![Value::Object(first.clone())];
    for (name, values) in parts {
        for value in values.into_iter().skip(1) {
            let mut other = first.clone();
            other.insert(name.clone(), value);
            all.push(Value::Object(other));
        }
    }
    all
}
