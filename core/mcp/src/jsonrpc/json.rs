//! Looking into JSON without changing it: values are borrowed as raw text.
//!
//! Objects are read like `JSON.parse` reads them, which is what most servers were tested against: of a key
//! that is repeated, the last one counts.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The values of the named fields of a JSON object, in the order of `names`; `None` where the field is
/// absent. Unknown fields are skipped.
pub(crate) fn fields<'a, const N: usize>(
    text: &'a str,
    names: [&str; N],
) -> serde_json::Result<[Option<&'a RawValue>; N]> {
    let mut json = serde_json::Deserializer::from_str(text);
    let found = json.deserialize_map(Fields(names))?;
    json.end()?;
    Ok(found)
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

/// A string's value, or `None` if this is no string (or not Unicode).
pub(crate) fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

pub(crate) fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

pub(crate) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// Text that is known to be a JSON value, as a raw value.
pub(crate) fn object(text: &str) -> Box<RawValue> {
    // The fallback is for the type checker: callers pass valid JSON only.
    RawValue::from_string(text.to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// A string as JSON text, with its quotes.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
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
mod tests {
    use super::*;

    #[test]
    fn the_last_of_repeated_keys_counts() {
        let [a, b] = fields(r#"{"a":1,"x":[{}],"a":2.50}"#, ["a", "b"]).unwrap();
        assert_eq!(a.unwrap().get(), "2.50");
        assert!(b.is_none());
    }

    #[test]
    fn null_is_not_absent() {
        let [a] = fields(r#"{"a":null}"#, ["a"]).unwrap();
        assert!(is_null(a.unwrap()));
    }

    #[test]
    fn escaped_keys_are_understood_and_broken_ones_skipped() {
        let [id] = fields(r#"{"\ud800":0,"\u0069d":7}"#, ["id"]).unwrap();
        assert_eq!(id.unwrap().get(), "7");
    }

    #[test]
    fn deep_nesting_is_no_problem() {
        let depth = 300_000;
        let text = format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        let [a] = fields(&text, ["a"]).unwrap();
        assert_eq!(a.unwrap().get().len(), 2 * depth);
    }

    #[test]
    fn other_values_than_objects_are_refused() {
        for text in ["[]", "1", "\"a\"", "null", "", "{} {}", "{"] {
            assert!(fields(text, ["a"]).is_err(), "{text}");
        }
    }

    #[test]
    fn elements_come_raw_and_in_order() {
        let mut seen = Vec::new();
        elements("[1.0, {\"b\" :2} ,null]", &mut |raw| {
            seen.push(raw.get());
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["1.0", "{\"b\" :2}", "null"]);
        assert!(elements("{}", &mut |_| Ok(())).is_err());
    }

    #[test]
    fn excerpts_are_bounded_and_survive_cut_characters() {
        let long = "ä".repeat(1000);
        assert!(excerpt(&long.as_bytes()[1..]).len() < 400);
        assert_eq!(excerpt(b"short"), "short");
    }
}
