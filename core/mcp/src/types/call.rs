//! `tools/call` (MCP 2025-11-25, server/tools, "Calling Tools").

use serde_core::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::jsonrpc::json::{self, excerpt};
use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::reader::Reader;
use crate::jsonrpc::string::string;
use crate::types::content::Content;
use crate::types::decode::{DecodeError, MOST_ELEMENTS, decode, kept, no_object, present, short};
use crate::types::result_type::ResultType;
use crate::types::typed::typed;
use crate::types::warnings::Warnings;
use crate::types::written::Written;

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
        Written::new()
            .text("name", self.name)
            .raw("arguments", self.arguments)
            .raw("_meta", self.meta)
            .into_raw()
    }
}

/// The result of a tool call.
///
/// A server that has acted may answer in an odd way, and its answer still counts. So whatever can be shown is:
/// see [`from_raw`](Self::from_raw).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallToolResult {
    /// What the tool said, in order. Empty if the server left it out.
    pub content: Vec<Content>,
    /// What the tool said, for programs. `null` is a value like any other.
    pub structured_content: Option<Raw>,
    /// Whether the tool itself failed; then the content says how.
    pub is_error: bool,
    /// Whether this is final.
    pub result_type: ResultType,
    /// `_meta`.
    pub meta: Option<Raw>,
    /// What is not as it should be and was read as well as it can be, in words. Empty for a proper result.
    pub warnings: Vec<String>,
    /// The whole result as received.
    pub raw: Raw,
}

impl CallToolResult {
    /// Reads a result, be it odd. Each of these is told in [`warnings`](Self::warnings):
    ///
    /// - Plain text in the place of the content, or of a block, is read as text; one block alone as one.
    ///   Anything else there is kept as [`Content::Other`], and so is a whole result that has neither content
    ///   nor structured content but something else to say. A list or a text in the place of the whole result is
    ///   read as its content.
    /// - `isError` in another kind is true unless it says no, as `"false"` and `0` do.
    /// - Of more than 65 536 blocks the first are read, and the whole list is kept as one more.
    ///
    /// # Errors
    /// If nothing of it can be read: it is `null`, a number or a boolean, or its `resultType` is unknown, which
    /// makes it invalid (MCP 2026-07-28, basic/patterns). The error hands it back.
    pub fn from_raw(raw: impl Into<Raw>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "CallToolResult", View::read)?;
        let View { content, structured, is_error, result_type, meta, warnings } = view;
        let warnings = warnings.into_vec();
        Ok(Self { content, structured_content: structured, is_error, result_type, meta, warnings, raw })
    }

    /// All text that the tool said: that of its text blocks in order, one below the other. Empty if there is none.
    ///
    /// Blocks of other kinds are left out; [`content`](Self::content) has them. The text of a tool that
    /// [failed](Self::is_error) says how.
    ///
    /// ```
    /// # use tenure_mcp_proto::types::CallToolResult;
    /// # let raw = |text: &str| serde_json::value::RawValue::from_string(text.to_owned()).unwrap();
    /// let raw = raw(r#"{"content":[{"type":"text","text":"12 °C"},{"type":"text","text":"rain"}]}"#);
    /// assert_eq!(CallToolResult::from_raw(raw)?.text(), "12 °C\nrain");
    /// # Ok::<(), tenure_mcp_proto::types::DecodeError>(())
    /// ```
    pub fn text(&self) -> String {
        let texts = self.content.iter().filter_map(|block| match block {
            Content::Text { text, .. } => Some(text.as_str()),
            Content::Image { .. }
            | Content::Audio { .. }
            | Content::ResourceLink { .. }
            | Content::Resource { .. }
            | Content::Other { .. } => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// What the tool said for programs, as a type of the program's own (MCP 2025-11-25, server/tools, "Structured
    /// Content").
    ///
    /// It is read whether or not the tool says that it [failed](Self::is_error).
    ///
    /// ```
    /// # use tenure_mcp_proto::types::CallToolResult;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Weather {
    ///     temperature: f64,
    /// }
    ///
    /// # let raw = |text: &str| serde_json::value::RawValue::from_string(text.to_owned()).unwrap();
    /// let raw = raw(r#"{"content":[],"structuredContent":{"temperature":12.5,"sky":"grey"}}"#);
    /// let weather: Weather = CallToolResult::from_raw(raw)?.structured()?;
    /// assert_eq!(weather.temperature, 12.5);
    /// # Ok::<(), tenure_mcp_proto::types::DecodeError>(())
    /// ```
    ///
    /// # Errors
    /// If there is none, or it is something else. The error says so, with what the tool said if it failed, and holds
    /// the whole result as received.
    pub fn structured<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        let read = match &self.structured_content {
            Some(structured) => typed(structured),
            None => Err("it is missing".to_owned()),
        };
        read.map_err(|problem| {
            let problem = match (self.is_error, self.result_type) {
                (true, _) => format!("{problem}, and the tool failed: {}", excerpt(self.text().as_bytes())),
                (false, ResultType::InputRequired) => {
                    format!("{problem}, and the server asks for input first")
                }
                (false, ResultType::Complete) => problem,
            };
            DecodeError::new("structuredContent", problem, self.raw.clone())
        })
    }
}

/// What is read of a result.
#[derive(Default)]
struct View {
    content: Vec<Content>,
    structured: Option<Raw>,
    is_error: bool,
    result_type: ResultType,
    meta: Option<Raw>,
    warnings: Warnings,
}

impl View {
    fn read(raw: &Raw) -> Result<Self, String> {
        let mut view = Self::default();
        if raw.get().starts_with(['"', '[']) {
            view.warn(format!("not a JSON object but {}", short(raw)));
            view.take_content(raw, raw, Blocks::next(raw, &mut Reader::of(raw)));
            return Ok(view);
        }
        let names = ["content", "structuredContent", "isError", "resultType", "_meta"];
        let mut blocks = None;
        let fields = Reader::of(raw).fields_with(names, |place, value| {
            if place == 0 {
                blocks = Blocks::next(raw, value);
            }
        });
        let [content, structured, is_error, kind, meta] = fields.ok_or_else(|| no_object(raw))?;
        view.result_type = ResultType::read(kind)?;
        view.is_error = present(is_error).is_some_and(|raw| view.read_is_error(raw));
        view.structured = structured.map(|structured| raw.part(structured));
        view.meta = kept(raw, meta);
        if let Some(content) = present(content) {
            view.take_content(raw, content, blocks);
        } else if view.structured.is_none()
            && view.result_type == ResultType::Complete
            && json::has_other_fields(raw.get(), &["content", "isError", "resultType", "_meta"])
        {
            view.warn("content is missing".to_owned());
            view.content.push(Content::other(raw.clone()));
        }
        Ok(view)
    }

    /// The content is this, and of these blocks if it is a list.
    fn take_content(&mut self, whole: &Raw, raw: &RawValue, blocks: Option<Blocks>) {
        let Some(blocks) = blocks else {
            self.warn(format!("content is not a list but {}", short(raw)));
            self.content.push(Content::read(whole, raw));
            return;
        };
        self.content = blocks.read;
        blocks.warnings.into_vec().into_iter().for_each(|warning| self.warn(warning));
        if !blocks.is_whole {
            self.warn(format!("content has more than {MOST_ELEMENTS} blocks; the first are read"));
            self.content.push(Content::other(whole.part(raw)));
        }
    }

    fn read_is_error(&mut self, raw: &RawValue) -> bool {
        if let Ok(is_error) = serde_json::from_str(raw.get()) {
            return is_error;
        }
        self.warn(format!("isError is not a boolean but {}", short(raw)));
        let said = string(raw).map_or_else(|| raw.get().to_owned(), |text| text.trim().to_lowercase());
        let is_zero = said.parse::<f64>().is_ok_and(|number| number == 0.0);
        !(is_zero || matches!(said.as_str(), "" | "false" | "no" | "null" | "none"))
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }
}

/// A list of blocks.
#[derive(Default)]
struct Blocks {
    read: Vec<Content>,
    /// There are no more.
    is_whole: bool,
    warnings: Warnings,
}

impl Blocks {
    /// The list that begins here, if one does.
    fn next(whole: &Raw, at: &mut Reader<'_>) -> Option<Self> {
        let mut blocks = Self { is_whole: true, ..Self::default() };
        at.array(|block| {
            let place = blocks.read.len();
            if place >= MOST_ELEMENTS {
                blocks.is_whole = false;
                return block.next_value().map(drop);
            }
            if place == 0 {
                // Mostly there is one.
                blocks.read.reserve_exact(1);
            }
            let block = Content::next(whole, block)?;
            if !json::is_object(block.raw()) {
                let what = short(block.raw());
                blocks.warnings.push(format!("content[{place}] is not an object but {what}"));
            }
            blocks.read.push(block);
            Some(())
        })?;
        Some(blocks)
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
}
