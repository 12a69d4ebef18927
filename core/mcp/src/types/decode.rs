//! Reading raw JSON into views, and what is said of JSON that can't be read so.

use serde_json::value::RawValue;

use crate::jsonrpc::json;

/// More tools or content blocks than this in one result are refused: each takes far more memory decoded than
/// as text.
pub(crate) const MOST_ELEMENTS: usize = 65_536;

/// JSON that is not what its view needs.
#[derive(Clone, Debug, thiserror::Error)]
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

/// Reads `raw`, or hands it back with what is wrong with it.
pub(crate) fn decode<T>(
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
pub(crate) fn object<'a, const N: usize>(
    raw: &'a RawValue,
    names: [&str; N],
) -> Result<[Option<&'a RawValue>; N], String> {
    json::fields(raw.get(), names).map_err(|error| error.to_string())
}

/// Decodes an array's elements, the place of a bad one named.
pub(crate) fn list<T>(
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
pub(crate) fn required(name: &str, raw: Option<&RawValue>) -> Result<String, String> {
    let Some(raw) = raw else {
        return Err(format!("{name} is missing"));
    };
    json::string(raw).ok_or_else(|| format!("{name} is not a string but {}", short(raw)))
}

/// A field that should be a string.
pub(crate) fn text(raw: Option<&RawValue>) -> Option<String> {
    json::string(raw?)
}

/// A field of any kind, null being none.
pub(crate) fn any(raw: Option<&RawValue>) -> Option<Box<RawValue>> {
    raw.filter(|raw| !json::is_null(raw)).map(ToOwned::to_owned)
}

pub(crate) fn short(raw: &RawValue) -> String {
    json::excerpt(raw.get().as_bytes())
}
