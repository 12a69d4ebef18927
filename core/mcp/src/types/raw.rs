//! JSON as it was received, shared.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use serde_core::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::jsonrpc::known::known;

/// JSON as it was received, byte for byte: a whole result, or a part of one.
///
/// It is used as the [`RawValue`] that it is. The parts of a result share its text, and so do clones, so that each
/// costs next to nothing; the text is kept as long as any of them is. Whoever keeps a small part of a large result
/// for long keeps [a copy](Self::into_boxed) instead.
///
/// ```
/// use serde_json::value::RawValue;
/// use tenure_mcp_proto::types::{ListToolsResult, Raw};
///
/// let page = RawValue::from_string(r#"{"tools":[{"name":"t","inputSchema":{"maximum":1.00}}]}"#.to_owned())?;
/// let page = ListToolsResult::from_raw(page)?;
/// let schema: Raw = page.items[0].input_schema.clone();
/// assert_eq!(schema.get(), r#"{"maximum":1.00}"#);
/// let kept: Box<RawValue> = schema.into_boxed();
/// # let _ = kept;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Raw {
    whole: Arc<Box<RawValue>>,
    place: Range<usize>,
}

impl Raw {
    /// The JSON for itself: that which it was made from, if it is the whole and nobody shares it, else a copy.
    pub fn into_boxed(self) -> Box<RawValue> {
        if self.place.len() < self.whole.get().len() {
            return (*self).to_owned();
        }
        Arc::unwrap_or_clone(self.whole)
    }

    /// A part, borrowed from the same text.
    pub(crate) fn part(&self, part: &RawValue) -> Self {
        let place = |text: &str| text.as_ptr().addr();
        let begin = place(part.get()).saturating_sub(place(self.whole.get()));
        Self { whole: Arc::clone(&self.whole), place: begin..begin.saturating_add(part.get().len()) }
    }
}

impl From<Box<RawValue>> for Raw {
    fn from(whole: Box<RawValue>) -> Self {
        let place = 0..whole.get().len();
        Self { whole: Arc::new(whole), place }
    }
}

impl From<Raw> for Box<RawValue> {
    fn from(raw: Raw) -> Self {
        raw.into_boxed()
    }
}

impl Deref for Raw {
    type Target = RawValue;

    fn deref(&self) -> &RawValue {
        known(self.whole.get().get(self.place.clone()).unwrap_or("null"))
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
        assert_eq!(part.as_ref().get(), part.clone().into_boxed().get());
    }

    #[test]
    fn the_whole_is_handed_back_without_a_copy_if_nobody_else_has_it() {
        let text = json::raw(r#"{"a":1}"#);
        let place = text.get().as_ptr();
        let raw = Raw::from(text);
        let shared = Box::<RawValue>::from(raw.clone());
        assert_eq!(shared.get(), raw.get());
        assert_ne!(shared.get().as_ptr(), place);
        assert_eq!(raw.into_boxed().get().as_ptr(), place);
    }
}
