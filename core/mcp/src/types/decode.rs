//! Reading raw JSON into views, and what is said of JSON that can't be read so.

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::reader::Reader;
use crate::jsonrpc::string::string;

/// So many elements of a list are read, and no more: each takes far more memory decoded than as text.
pub(crate) const MOST_ELEMENTS: usize = 65_536;

/// JSON that is not what its view needs. The JSON is handed back: it may be an answer all the same.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{what}: {problem}")]
pub struct DecodeError {
    what: &'static str,
    problem: String,
    raw: Raw,
}

impl DecodeError {
    pub(crate) const fn new(what: &'static str, problem: String, raw: Raw) -> Self {
        Self { what, problem, raw }
    }

    /// What is wrong, and where.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The JSON, byte for byte.
    pub fn raw(&self) -> &RawValue {
        &self.raw
    }

    /// The JSON, byte for byte, handed back.
    pub fn into_raw(self) -> Raw {
        self.raw
    }
}

/// `_meta` of params that are not read otherwise (MCP 2025-11-25, basic, "`_meta`").
pub fn meta_of(params: Option<&RawValue>) -> Option<Box<RawValue>> {
    let [meta] = object(params?, ["_meta"]).ok()?;
    any(meta)
}

/// Reads `raw`, or hands it back with what is wrong with it.
pub(crate) fn decode<T>(
    raw: impl Into<Raw>,
    what: &'static str,
    read: impl FnOnce(&Raw) -> Result<T, String>,
) -> Result<(T, Raw), DecodeError> {
    let raw = raw.into();
    match read(&raw) {
        Ok(view) => Ok((view, raw)),
        Err(problem) => Err(DecodeError { what, problem, raw }),
    }
}

/// The fields of an object; the error for anything else.
pub(crate) fn object<'a, const N: usize>(
    raw: &'a RawValue,
    names: [&str; N],
) -> Result<[Option<&'a RawValue>; N], String> {
    json::fields_of(raw, names).ok_or_else(|| no_object(raw))
}

/// What is said of anything else.
pub(crate) fn no_object(raw: &RawValue) -> String {
    format!("not a JSON object but {}", short(raw))
}

/// An array's elements, as many as are read; `None` if it is no array.
pub(crate) fn elements(raw: &RawValue) -> Option<Elements<'_>> {
    let mut elements = Elements { read: Vec::new(), is_whole: true };
    Reader::of(raw).array(|element| {
        let element = element.next_value()?;
        if elements.read.len() < MOST_ELEMENTS {
            elements.read.push(element);
        } else {
            elements.is_whole = false;
        }
        Some(())
    })?;
    Some(elements)
}

/// The first elements of an array.
pub(crate) struct Elements<'a> {
    pub(crate) read: Vec<&'a RawValue>,
    /// There are no more.
    pub(crate) is_whole: bool,
}

/// A field that must be a string, and what it says if it is one.
pub(crate) fn required<T>(name: &str, raw: Option<&RawValue>, text: Option<T>) -> Result<T, String> {
    text.ok_or_else(|| match raw {
        None => format!("{name} is missing"),
        Some(raw) => format!("{name} is not a string but {}", short(raw)),
    })
}

/// A field that should be a string.
pub(crate) fn text(raw: Option<&RawValue>) -> Option<String> {
    string(raw?)
}

/// A field of any kind, null being none.
pub(crate) fn present(raw: Option<&RawValue>) -> Option<&RawValue> {
    raw.filter(|raw| !json::is_null(raw))
}

/// A field of any kind to be kept for itself, null being none.
pub(crate) fn any(raw: Option<&RawValue>) -> Option<Box<RawValue>> {
    present(raw).map(ToOwned::to_owned)
}

/// A field of any kind to be kept with the whole that it is of, null being none.
pub(crate) fn kept(of: &Raw, raw: Option<&RawValue>) -> Option<Raw> {
    present(raw).map(|raw| of.part(raw))
}

pub(crate) fn short(raw: &RawValue) -> String {
    json::excerpt(raw.get().as_bytes())
}
