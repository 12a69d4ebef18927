//! `tools/list` (MCP 2025-11-25, server/tools, "Listing Tools").

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::types::decode::{DecodeError, any, decode, list, object, required, text};
use crate::types::result_type::ResultType;

/// Params of `tools/list`.
#[derive(Clone, Debug, Default)]
pub struct ListToolsParams<'a> {
    /// Where to go on, as the server said; opaque.
    pub cursor: Option<&'a str>,
}

impl ListToolsParams<'_> {
    /// The params as JSON.
    pub fn to_raw(&self) -> Box<RawValue> {
        match self.cursor {
            Some(cursor) => json::object(&format!(r#"{{"cursor":{}}}"#, json::quoted(cursor))),
            None => json::object("{}"),
        }
    }
}

/// One page of tools.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListToolsResult {
    /// The tools in the server's order.
    pub tools: Vec<Tool>,
    /// Where the next page is. An empty string is a cursor like any other.
    pub next_cursor: Option<String>,
    /// Whether this is final.
    pub result_type: ResultType,
    /// `_meta`.
    pub meta: Option<Box<RawValue>>,
    /// The whole result as received.
    pub raw: Box<RawValue>,
}

impl ListToolsResult {
    /// Reads a page. One bad tool makes a bad page, and the error says which.
    pub fn from_raw(raw: Box<RawValue>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "ListToolsResult", |raw| {
            let [tools, cursor, kind, meta] = object(raw, ["tools", "nextCursor", "resultType", "_meta"])?;
            let kind = ResultType::read(kind)?;
            let tools = match (tools, kind) {
                (Some(tools), _) => list("tools", tools, Tool::from_raw)?,
                (None, ResultType::InputRequired) => Vec::new(),
                (None, ResultType::Complete) => return Err("tools is missing".to_owned()),
            };
            let cursor = match cursor.filter(|cursor| !json::is_null(cursor)) {
                Some(cursor) => Some(required("nextCursor", Some(cursor))?),
                None => None,
            };
            Ok((tools, cursor, kind, any(meta)))
        })?;
        let (tools, next_cursor, result_type, meta) = view;
        Ok(Self { tools, next_cursor, result_type, meta, raw })
    }
}

/// A tool (MCP 2025-11-25, schema, `Tool`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tool {
    /// The name to call it by.
    pub name: String,
    /// The name for people.
    pub title: Option<String>,
    /// What it does, meant for a model.
    pub description: Option<String>,
    /// JSON Schema of its arguments, as it was sent.
    pub input_schema: Box<RawValue>,
    /// JSON Schema of its structured content, as it was sent.
    pub output_schema: Option<Box<RawValue>>,
    /// Hints; not to be trusted unless the server is.
    pub annotations: Option<Box<RawValue>>,
    /// `_meta`.
    pub meta: Option<Box<RawValue>>,
    /// The whole tool as received.
    pub raw: Box<RawValue>,
}

impl Tool {
    /// Reads a tool.
    pub fn from_raw(raw: Box<RawValue>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "Tool", |raw| {
            let [name, title, description, input, output, annotations, meta] = object(
                raw,
                ["name", "title", "description", "inputSchema", "outputSchema", "annotations", "_meta"],
            )?;
            let name = required("name", name)?;
            let Some(input) = any(input) else {
                return Err(format!("inputSchema of {:?} is missing", json::excerpt(name.as_bytes())));
            };
            let texts = (name, text(title), text(description));
            Ok((texts, input, any(output), any(annotations), any(meta)))
        })?;
        let ((name, title, description), input_schema, output_schema, annotations, meta) = view;
        Ok(Self { name, title, description, input_schema, output_schema, annotations, meta, raw })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn schemas_stay_as_they_were_sent() {
        let schema = r#"{ "type":"object","$defs":{"z":{},"a":{}},"allOf":[],"maximum":1e400,"maximum":12345678901234567890123 }"#;
        let tool = format!(
            r#"{{"name":"t","inputSchema": {schema},"outputSchema":null,"annotations":{{"readOnlyHint":true}},"new":[1.50]}}"#
        );
        let page = format!(r#"{{"tools":[{tool}],"nextCursor":"","_meta":{{"a":1}}}}"#);
        let view = ListToolsResult::from_raw(raw(&page)).unwrap();
        assert_eq!(view.next_cursor.as_deref(), Some(""));
        assert_eq!(view.meta.unwrap().get(), r#"{"a":1}"#);
        assert_eq!(view.raw.get(), page);
        let [seen] = &view.tools[..] else { panic!("one tool") };
        assert_eq!(seen.input_schema.get(), schema);
        assert!(seen.output_schema.is_none());
        assert_eq!(seen.annotations.as_ref().unwrap().get(), r#"{"readOnlyHint":true}"#);
        assert_eq!(seen.raw.get(), tool);
    }

    #[test]
    fn a_bad_tool_is_named() {
        let page = r#"{"tools":[{"name":"a","inputSchema":{}},{"name":"b"}]}"#;
        let error = ListToolsResult::from_raw(raw(page)).unwrap_err();
        assert!(error.problem().contains("[1]"), "{error}");
        assert!(error.problem().contains("\"b\""), "{error}");
        assert_eq!(error.raw().get(), page);
    }

    #[test]
    fn a_cursor_that_is_no_string_is_not_taken_for_the_end() {
        for (page, good) in [
            (r#"{"tools":[],"nextCursor":5}"#, false),
            (r#"{"tools":[],"nextCursor":null}"#, true),
            (r#"{"nextCursor":"a"}"#, false),
            (r#"{"tools":[],"resultType":"strange"}"#, false),
        ] {
            assert_eq!(ListToolsResult::from_raw(raw(page)).is_ok(), good, "{page}");
        }
    }

    #[test]
    fn too_many_elements_are_refused_before_they_take_memory() {
        let page = format!(r#"{{"tools":[{}{{}}]}}"#, "{},".repeat(10));
        assert!(ListToolsResult::from_raw(raw(&page)).is_err());
        let tool = r#"{"name":"a","inputSchema":{}},"#.repeat(crate::types::decode::MOST_ELEMENTS + 1);
        let page = format!(r#"{{"tools":[{}]}}"#, tool.trim_end_matches(','));
        let error = ListToolsResult::from_raw(raw(&page)).unwrap_err();
        assert!(error.problem().contains("more than"), "{error}");
    }

    #[test]
    fn params_are_written() {
        assert_eq!(ListToolsParams::default().to_raw().get(), "{}");
        let cursor = Some("a\"\u{1}");
        let written = ListToolsParams { cursor }.to_raw();
        assert_eq!(written.get(), r#"{"cursor":"a\"\u0001"}"#);
    }
}
