//! Typed views of params and results, lenient where leniency does no harm.
//!
//! Each view keeps the raw JSON it was made from, byte for byte, with every
//! field that is unknown here, every number as it was written and every key in
//! its place; JSON inside (schemas, structured content, `_meta`) stays raw.
//!
//! Optional text of the wrong type is read as absent, and of a repeated key
//! the last one counts. What a result can't do without, and what would change
//! its meaning (`isError`, `nextCursor`, `resultType`), must be right, else
//! the whole view fails with a [`DecodeError`] that hands the raw JSON back.

mod call;
mod content;
mod initialize;
mod list;

pub use call::{CallToolParams, CallToolResult};
pub use content::Content;
pub use initialize::{Implementation, InitializeResult};
pub use list::{ListToolsParams, ListToolsResult, Tool};

use serde_json::value::RawValue;

use crate::jsonrpc::json;

/// More tools or content blocks than this in one result are refused: each
/// takes far more memory decoded than as text.
const MOST_ELEMENTS: usize = 65_536;

/// JSON that is not what its view needs.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{problem}")]
pub struct DecodeError {
    problem: String,
    raw: Box<RawValue>,
}

impl DecodeError {
    /// What is wrong, and where.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The JSON, byte for byte.
    pub fn raw(&self) -> &RawValue {
        &self.raw
    }

    /// The JSON, byte for byte, handed back.
    pub fn into_raw(self) -> Box<RawValue> {
        self.raw
    }
}

/// Whether a result is final (MCP 2026-07-28, basic/patterns). Servers of
/// earlier versions don't say; that means complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ResultType {
    /// The result is final.
    #[default]
    Complete,
    /// The server wants input first and the request made again.
    InputRequired,
}

impl ResultType {
    fn read(raw: Option<&RawValue>) -> Result<Self, String> {
        let Some(raw) = raw else {
            return Ok(Self::Complete);
        };
        match json::string(raw).as_deref() {
            Some("complete") => Ok(Self::Complete),
            Some("input_required") => Ok(Self::InputRequired),
            _ => Err(format!("unknown resultType {}", short(raw))),
        }
    }
}

/// Reads `raw`, or hands it back with what is wrong with it.
fn decode<T>(
    raw: Box<RawValue>,
    what: &str,
    read: impl FnOnce(&RawValue) -> Result<T, String>,
) -> Result<(T, Box<RawValue>), DecodeError> {
    match read(&raw) {
        Ok(view) => Ok((view, raw)),
        Err(problem) => Err(DecodeError { problem: format!("{what}: {problem}"), raw }),
    }
}

/// The fields of an object; the error for anything else.
fn object<'a, const N: usize>(
    raw: &'a RawValue,
    names: [&str; N],
) -> Result<[Option<&'a RawValue>; N], String> {
    json::fields(raw.get(), names).map_err(|error| error.to_string())
}

/// Decodes an array's elements, the place of a bad one named.
fn list<T>(
    name: &str,
    raw: &RawValue,
    read: impl Fn(Box<RawValue>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, String> {
    let mut items = Vec::new();
    json::elements(raw.get(), &mut |element| {
        let place = items.len();
        if place >= MOST_ELEMENTS {
            return Err(format!("more than {MOST_ELEMENTS} elements"));
        }
        items.push(read(element.to_owned()).map_err(|error| format!("[{place}]: {error}"))?);
        Ok(())
    })
    .map_err(|error| format!("{name}: {error}"))?;
    Ok(items)
}

/// A field that must be a string.
fn required(name: &str, raw: Option<&RawValue>) -> Result<String, String> {
    let Some(raw) = raw else {
        return Err(format!("{name} is missing"));
    };
    json::string(raw).ok_or_else(|| format!("{name} is not a string but {}", short(raw)))
}

/// A field that should be a string.
fn text(raw: Option<&RawValue>) -> Option<String> {
    json::string(raw?)
}

/// A field of any kind, null being none.
fn any(raw: Option<&RawValue>) -> Option<Box<RawValue>> {
    raw.filter(|raw| !json::is_null(raw)).map(ToOwned::to_owned)
}

fn short(raw: &RawValue) -> String {
    json::excerpt(raw.get().as_bytes())
}

#[cfg(test)]
pub(crate) fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_result_type_is_complete_and_an_unknown_one_invalid() {
        let read = |text: &str| ResultType::read(Some(&raw(text)));
        assert_eq!(ResultType::read(None), Ok(ResultType::Complete));
        assert_eq!(read("\"complete\""), Ok(ResultType::Complete));
        assert_eq!(read("\"input_required\""), Ok(ResultType::InputRequired));
        assert!(read("\"other\"").is_err());
        assert!(read("null").is_err());
    }
}
