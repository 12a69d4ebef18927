//! JSON as it was received, shared.

use std::fmt;
use std::ops::Deref;

use serde_core::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::jsonrpc::known::known;
use crate::jsonrpc::shared::Shared;

/// JSON as it was received, byte for byte: a whole result, or a part of one.
///
/// It is used as the [`RawValue`] that it is. The parts of a result share its text, and so do clones, so that each
/// costs next to nothing; the text is kept as long as any of them is. Whoever keeps a small part of a large result
/// for long keeps [a copy](Self::to_boxed) instead.
///
/// ```
/// use serde_json::value::RawValue;
/// use tenure_mcp_proto::types::{ListToolsResult, Raw};
///
/// let page = RawValue::from_string(r#"{"tools":[{"name":"t","inputSchema":{"maximum":1.00}}]}"#.to_owned())?;
/// let page = ListToolsResult::from_raw(page)?;
/// let schema: Raw = page.items[0].input_schema.clone();
/// assert_eq!(schema.get(), r#"{"maximum":1.00}"#);
/// let kept: Box<RawValue> = schema.to_boxed();
/// # let _ = kept;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Raw(Shared);

impl Raw {
    /// A copy of the JSON, for itself.
    pub fn to_boxed(&self) -> Box<RawValue> {
        (**self).to_owned()
    }

    /// A part, borrowed from the same text.
    pub(crate) fn part(&self, part: &RawValue) -> Self {
        Self(self.0.part(part.get()))
    }

    /// Its text, for parts that are no JSON by themselves.
    pub(crate) const fn shared(&self) -> &Shared {
        &self.0
    }
}

impl From<&RawValue> for Raw {
    fn from(whole: &RawValue) -> Self {
        Self(Shared::new(whole.get()))
    }
}

impl From<Box<RawValue>> for Raw {
    fn from(whole: Box<RawValue>) -> Self {
        Self::from(&*whole)
    }
}

impl From<Raw> for Box<RawValue> {
    fn from(raw: Raw) -> Self {
        raw.to_boxed()
    }
}

impl Deref for Raw {
    type Target = RawValue;

    fn deref(&self) -> &RawValue {
        known(self.0.get().unwrap_or("null"))
    }
}

impl AsRef<RawValue> for Raw {
    fn as_ref(&self) -> &RawValue {
        self
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json;

    #[test]
    fn a_part_is_what_it_is_of_and_outlives_the_rest() {
        let whole = Raw::from(json::raw(r#"{"a":[1.00, {}],"b":null}"#));
        let part = {
            let [a, _] = json::fields_of(&whole, ["a", "b"]).unwrap();
            whole.part(a.unwrap())
        };
        drop(whole);
        assert_eq!(part.get(), "[1.00, {}]");
        assert_eq!(serde_json::to_string(&part).unwrap(), part.to_string());
        assert_eq!(format!("{part:?}"), r"RawValue([1.00, {}])");
        assert_eq!(part.as_ref().get(), part.to_boxed().get());
    }

    #[test]
    fn a_copy_is_for_itself() {
        let raw = Raw::from(json::raw(r#"{"a":1}"#));
        let copies = [raw.to_boxed(), raw.clone().into()];
        for copy in copies {
            assert_eq!(copy.get(), raw.get());
            assert_ne!(copy.get().as_ptr(), raw.get().as_ptr());
        }
        assert_eq!(raw.clone().get().as_ptr(), raw.get().as_ptr());
    }
}
