//! Looking into JSON without changing it: values are borrowed as raw text.
//!
//! Objects are read like `JSON.parse` reads them, which is what most servers were tested against: of a key
//! that is repeated, the last one counts.

use std::borrow::Cow;
use std::fmt;

use serde_core::Serialize;
use serde_core::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::{RawValue, to_raw_value};

use crate::jsonrpc::known::known;
use crate::jsonrpc::reader::Reader;

/// The values of the named fields of a JSON object, in the order of `names`; `None` where the field is
/// absent. Unknown fields are skipped.
pub(crate) fn fields<'a, const N: usize>(
    text: &'a str,
    names: [&str; N],
) -> serde_json::Result<[Option<&'a RawValue>; N]> {
    match Reader::new(text).fields(names) {
        Some(found) => Ok(found),
        None => fields_at_any_depth(text, names),
    }
}

/// The same, to any depth, and with what is wrong where something is.
fn fields_at_any_depth<'a, const N: usize>(
    text: &'a str,
    names: [&str; N],
) -> serde_json::Result<[Option<&'a RawValue>; N]> {
    let mut json = serde_json::Deserializer::from_str(text);
    let found = json.deserialize_map(Fields(names))?;
    json.end()?;
    Ok(found)
}

/// The same of what is known to be JSON; `None` if it is no object.
pub(crate) fn fields_of<'a, const N: usize>(
    raw: &'a RawValue,
    names: [&str; N],
) -> Option<[Option<&'a RawValue>; N]> {
    Reader::of(raw).fields(names)
}

/// Returns whether a JSON object has other fields than those named.
pub(crate) fn has_other_fields(text: &str, names: &[&str]) -> bool {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(OtherFields(names)).unwrap_or(false)
}

/// Calls `each` with the elements of a JSON array, until it fails.
pub(crate) fn elements<'a>(
    text: &'a str,
    each: &mut dyn FnMut(&'a RawValue) -> Result<(), String>,
) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_seq(Elements(each))?;
    json.end()
}

/// Calls `each` with the keys (raw, with their quotes) and values of a JSON object, until it fails.
pub(crate) fn entries<'a>(
    text: &'a str,
    each: &mut dyn FnMut(&'a RawValue, &'a RawValue) -> Result<(), String>,
) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(Entries(each))?;
    json.end()
}

/// The JSON values of a text that has them one behind the other.
pub(crate) fn values(text: &str) -> impl Iterator<Item = serde_json::Result<&RawValue>> {
    serde_json::Deserializer::from_str(text).into_iter()
}

/// Returns whether the text is more than one JSON object and nothing else.
pub(crate) fn is_several_objects(text: &str) -> bool {
    let mut objects = 0_usize;
    for value in values(text) {
        match value {
            Ok(value) if is_object(value) => objects = objects.saturating_add(1),
            Ok(_) | Err(_) => return false,
        }
    }
    objects > 1
}

pub(crate) fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

pub(crate) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// Text that is known to be a JSON value, as a raw value.
pub(crate) fn object(text: &str) -> Box<RawValue> {
    known(text).to_owned()
}

/// What is known to be writable as JSON, as a raw value. What is written here is not read again to see that it is JSON.
pub(crate) fn written(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// The text of an object with another entry at its end; `None` if it is no object.
pub(crate) fn with_entry(object: &str, entry: &str) -> Option<String> {
    let inside = inside(object)?;
    let comma = if inside.trim_ascii().is_empty() { "" } else { "," };
    Some(format!("{{{inside}{comma}{entry}}}"))
}

/// What stands between the braces of an object; `None` if it is no object.
pub(crate) fn inside(object: &str) -> Option<&str> {
    object.strip_prefix('{')?.strip_suffix('}')
}

/// A JSON array of these.
pub(crate) fn list(elements: &[Box<RawValue>]) -> Box<RawValue> {
    written(&elements)
}

/// Adds pieces to a text.
pub(crate) fn push<const N: usize>(text: &mut String, pieces: [&str; N]) {
    for piece in pieces {
        text.push_str(piece);
    }
}

/// A string as JSON text, with its quotes.
pub(crate) fn quoted(text: &str) -> String {
    ["\"", &escaped(text), "\""].concat()
}

/// What stands between the quotes of a string: mostly the text as it is.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    // All of it, many bytes at a time: mostly none is found.
    let special = |byte: u8| u8::from(byte < b' ') | u8::from(byte == b'"') | u8::from(byte == b'\\');
    if text.bytes().fold(0, |found, byte| found | special(byte)) == 0 {
        return Cow::Borrowed(text);
    }
    let quoted = serde_json::Value::from(text).to_string();
    let inside = 1..quoted.len().saturating_sub(1);
    Cow::Owned(quoted.get(inside).unwrap_or_default().to_owned())
}

/// The beginning of some bytes, for error messages: bounded, always valid.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const MOST: usize = 120;
    match bytes.get(..MOST) {
        Some(head) if bytes.len() > MOST => format!("{}…", String::from_utf8_lossy(head)),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

struct Fields<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> Visitor<'de> for Fields<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(place) = map.next_key_seed(Place(&self.0))? {
            let value = map.next_value::<&RawValue>()?;
            if let Some(slot) = place.and_then(|place| found.get_mut(place)) {
                *slot = Some(value);
            }
        }
        Ok(found)
    }
}

struct Entries<'f, 'de>(&'f mut dyn FnMut(&'de RawValue, &'de RawValue) -> Result<(), String>);

impl<'de> Visitor<'de> for Entries<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            (self.0)(key, value).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

struct OtherFields<'n>(&'n [&'n str]);

impl<'de> Visitor<'de> for OtherFields<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(place) = map.next_key_seed(Place(self.0))? {
            map.next_value::<&RawValue>()?;
            found |= place.is_none();
        }
        Ok(found)
    }
}

/// A key's place among the names.
struct Place<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        // As bytes, so that a key with a lone surrogate is just an unknown key.
        key.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Place<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E: Error>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| name.as_bytes() == key))
    }
}

struct Elements<'f, 'de>(&'f mut dyn FnMut(&'de RawValue) -> Result<(), String>);

impl<'de> Visitor<'de> for Elements<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element::<&RawValue>()? {
            (self.0)(element).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[cfg(test)]
mod tests;
