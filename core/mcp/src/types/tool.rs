//! Tools and their list (MCP 2025-11-25, server/tools, "Listing Tools").

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::reader::Reader;
use crate::types::decode::{DecodeError, decode, kept, object, present, required, short};
use crate::types::list::{ListResult, Listed, sealed};
use crate::types::text::Text;

/// One page of tools.
pub type ListToolsResult = ListResult<Tool>;

/// A tool (MCP 2025-11-25, schema, `Tool`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tool {
    /// The name to call it by.
    pub name: Text,
    /// The name for people.
    pub title: Option<Text>,
    /// What it does, meant for a model.
    pub description: Option<Text>,
    /// JSON Schema of its arguments, an object, as it was sent.
    pub input_schema: Raw,
    /// JSON Schema of its structured content, as it was sent.
    pub output_schema: Option<Raw>,
    /// Hints; not to be trusted unless the server is.
    pub annotations: Option<Raw>,
    /// Icons, a list, as they were sent.
    pub icons: Option<Raw>,
    /// How it is run, such as whether as a task, as it was sent.
    pub execution: Option<Raw>,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// The whole tool as received.
    pub raw: Raw,
}

impl Tool {
    /// Reads a tool.
    ///
    /// # Errors
    /// If it has no name, or no schema of its arguments that is an object.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (tool, _) = decode(raw, "Tool", |raw| Self::read(object(raw, FIELDS)?, raw.clone()))?;
        Ok(tool)
    }

    fn read(fields: [Option<&RawValue>; FIELDS.len()], raw: Raw) -> Result<Self, String> {
        let [name, title, description, input, output, annotations, icons, execution, meta] = fields;
        let text = |part| Text::of(&raw, part);
        Ok(Self {
            name: required("name", name, text(name))?,
            title: text(title),
            description: text(description),
            input_schema: schema(&raw, input)?,
            output_schema: kept(&raw, output),
            annotations: kept(&raw, annotations),
            icons: kept(&raw, icons),
            execution: kept(&raw, execution),
            meta: kept(&raw, meta),
            raw,
        })
    }
}

const FIELDS: [&str; 9] = [
    "name",
    "title",
    "description",
    "inputSchema",
    "outputSchema",
    "annotations",
    "icons",
    "execution",
    "_meta",
];

fn schema(tool: &Raw, raw: Option<&RawValue>) -> Result<Raw, String> {
    let raw = present(raw).ok_or("inputSchema is missing")?;
    if json::is_object(raw) {
        Ok(tool.part(raw))
    } else {
        Err(format!("inputSchema is not an object but {}", short(raw)))
    }
}

impl Listed for Tool {
    const METHOD: &'static str = "tools/list";

    fn name(&self) -> &str {
        &self.name
    }

    fn raw(&self) -> &RawValue {
        &self.raw
    }
}

impl sealed::Readable for Tool {
    const FIELD: &'static str = "tools";
    const RESULT: &'static str = "ListToolsResult";

    fn next(whole: &Raw, at: &mut Reader<'_>) -> Option<Result<Self, String>> {
        let begin = at.place();
        let fields = at.next_fields(FIELDS)?;
        Some(Self::read(fields, whole.part(at.since(begin))))
    }

    #[cfg(feature = "http")]
    fn unsendable(&self) -> Option<String> {
        let error = crate::http::params::check(&self.input_schema).err()?;
        Some(error.to_string())
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
        assert_eq!(view.next_cursor.unwrap().raw().get(), "\"\"");
        assert_eq!(view.meta.unwrap().get(), r#"{"a":1}"#);
        assert_eq!(view.raw.get(), page);
        let [seen] = &view.items[..] else { panic!("one tool") };
        assert_eq!(seen.input_schema.get(), schema);
        assert!(seen.output_schema.is_none());
        assert_eq!(seen.annotations.as_ref().unwrap().get(), r#"{"readOnlyHint":true}"#);
        assert_eq!(seen.raw.get(), tool);
    }
}
