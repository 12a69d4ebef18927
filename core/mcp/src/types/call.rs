//! `tools/call` (MCP 2025-11-25, server/tools, "Calling Tools").

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::types::content::Content;
use crate::types::decode::{DecodeError, any, decode, list, object, short};
use crate::types::result_type::ResultType;

/// Params of `tools/call`.
#[derive(Clone, Debug, Default)]
pub struct CallToolParams<'a> {
    /// The tool's name.
    pub name: &'a str,
    /// Its arguments, an object; sent byte for byte.
    pub arguments: Option<&'a RawValue>,
    /// `_meta`, an object, such as a progress token; sent byte for byte.
    pub meta: Option<&'a RawValue>,
}

impl CallToolParams<'_> {
    /// The params as JSON.
    pub fn to_raw(&self) -> Box<RawValue> {
        let mut params = format!(r#"{{"name":{}"#, json::quoted(self.name));
        if let Some(arguments) = self.arguments {
            params.push_str(r#","arguments":"#);
            params.push_str(arguments.get());
        }
        if let Some(meta) = self.meta {
            params.push_str(r#","_meta":"#);
            params.push_str(meta.get());
        }
        params.push('}');
        json::object(&params)
    }
}

/// The result of a tool call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallToolResult {
    /// What the tool said, in order. Empty if the server left it out.
    pub content: Vec<Content>,
    /// What the tool said, for programs. `null` is a value like any other.
    pub structured_content: Option<Box<RawValue>>,
    /// Whether the tool itself failed; then the content says how.
    pub is_error: bool,
    /// Whether this is final.
    pub result_type: ResultType,
    /// `_meta`.
    pub meta: Option<Box<RawValue>>,
    /// The whole result as received.
    pub raw: Box<RawValue>,
}

impl CallToolResult {
    /// Reads a result. Content of unknown kinds is no failure.
    pub fn from_raw(raw: Box<RawValue>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "CallToolResult", |raw| {
            let [content, structured, is_error, kind, meta] =
                object(raw, ["content", "structuredContent", "isError", "resultType", "_meta"])?;
            let content = match content.filter(|content| !json::is_null(content)) {
                Some(content) => list("content", content, |raw| Ok(Content::from_raw(raw)))?,
                None => Vec::new(),
            };
            let is_error = match is_error.filter(|is_error| !json::is_null(is_error)) {
                Some(is_error) => serde_json::from_str(is_error.get())
                    .map_err(|_| format!("isError is not a boolean but {}", short(is_error)))?,
                None => false,
            };
            let structured = structured.map(ToOwned::to_owned);
            let kind = ResultType::read(kind)?;
            Ok((content, structured, is_error, kind, any(meta)))
        })?;
        let (content, structured_content, is_error, result_type, meta) = view;
        Ok(Self { content, structured_content, is_error, result_type, meta, raw })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn arguments_go_out_byte_for_byte() {
        let arguments = raw(r#"{ "z":1.00,"a":123456789012345678901234567890,"a":"\u00e9" }"#);
        let params = CallToolParams {
            name: "t\n",
            arguments: Some(&arguments),
            meta: Some(&raw(r#"{"progressToken":7}"#)),
        };
        assert_eq!(
            params.to_raw().get(),
            r#"{"name":"t\n","arguments":{ "z":1.00,"a":123456789012345678901234567890,"a":"\u00e9" },"_meta":{"progressToken":7}}"#
        );
    }

    #[test]
    fn a_result_is_read_and_kept() {
        let text = r#"{"structuredContent":{"n":1e999,"n":-0.0},"content":[{"type":"text","text":"a"}],"isError":true,"other":1}"#;
        let view = CallToolResult::from_raw(raw(text)).unwrap();
        assert_eq!(view.raw.get(), text);
        assert_eq!(view.structured_content.unwrap().get(), r#"{"n":1e999,"n":-0.0}"#);
        assert!(view.is_error);
        assert_eq!(view.result_type, ResultType::Complete);
        assert!(matches!(&view.content[..], [Content::Text { text, .. }] if text == "a"));
    }

    #[test]
    fn leniency_ends_where_meaning_begins() {
        let view = CallToolResult::from_raw(raw("{}")).unwrap();
        assert!(view.content.is_empty() && !view.is_error);
        for text in [r#"{"isError":"true"}"#, r#"{"content":{}}"#, r#"{"resultType":"strange"}"#, "null"] {
            assert!(CallToolResult::from_raw(raw(text)).is_err(), "{text}");
        }
    }
}
