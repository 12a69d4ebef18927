//! Text as a server said it.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use serde_core::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::jsonrpc::raw::Raw;
use crate::jsonrpc::shared::Shared;
use crate::jsonrpc::string;

/// Text of a result.
///
/// It is used as the `str` that it is. Where nothing in it is escaped it is not copied out of the JSON it stands in, be
/// it an image of megabytes: it shares that, as [`Raw`] does, and keeps it as long. Whoever keeps a small text of a
/// large result for long keeps a `String` instead.
///
/// ```
/// # use serde_json::value::RawValue;
/// use tenure_mcp_proto::types::{Content, Text};
///
/// let block = RawValue::from_string(r#"{"type":"text","text":"12 °C"}"#.to_owned())?;
/// if let Content::Text { text, .. } = Content::from_raw(block) {
///     assert_eq!(text, "12 °C");
///     assert!(text.ends_with("°C"));
///     let kept: String = text.into();
/// #   assert_eq!(kept, Text::from("12 °C"));
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Text(Kept);

#[derive(Clone)]
enum Kept {
    /// What stands between the quotes.
    Part(Shared),
    /// What was escaped there.
    Own(String),
}

impl Text {
    /// What the string `part` of `whole` says; `None` if that is no string.
    pub(crate) fn of(whole: &Raw, part: Option<&RawValue>) -> Option<Self> {
        Some(Self(match string::text(part?)? {
            Cow::Borrowed(text) => Kept::Part(whole.shared().part(text)),
            Cow::Owned(text) => Kept::Own(text),
        }))
    }

    /// The JSON `part` of `whole` as it is written there.
    pub(crate) fn as_written(whole: &Raw, part: &RawValue) -> Self {
        Self(Kept::Part(whole.shared().part(part.get())))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kept::Part(part) => part.get().unwrap_or_default(),
            Kept::Own(text) => text,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self(Kept::Own(String::new()))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Kept::Own(text.to_owned()))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        match text.0 {
            Kept::Part(_) => text.as_str().to_owned(),
            Kept::Own(text) => text,
        }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl FromIterator<Text> for String {
    fn from_iter<I: IntoIterator<Item = Text>>(texts: I) -> Self {
        let mut all = Self::new();
        for text in texts {
            all.push_str(&text);
        }
        all
    }
}

/// They are equal, ordered and hashed alike.
impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        other == self
    }
}

impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        other == self
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;
    use crate::jsonrpc::json;

    #[test]
    fn text_is_copied_only_where_something_in_it_is_escaped() {
        let whole = Raw::from(json::raw(r#"{"a":"plain","b":"a\nb","c":""}"#));
        let [a, b, c] = json::fields_of(&whole, ["a", "b", "c"]).unwrap();
        let [plain, escaped, empty] = [a, b, c].map(|part| Text::of(&whole, part).unwrap());
        let inside = whole.get().as_bytes().as_ptr_range();
        assert!(inside.contains(&plain.as_ptr()) && inside.contains(&empty.as_ptr()));
        assert!(!inside.contains(&escaped.as_ptr()));
        drop(whole);
        assert_eq!([plain.as_str(), escaped.as_str(), empty.as_str()], ["plain", "a\nb", ""]);
        assert_eq!(Text::of(&Raw::from(json::raw("5")), None), None);
    }

    #[test]
    fn text_is_like_a_str_whichever_way_it_is_kept() {
        let whole = Raw::from(json::raw(r#""ab""#));
        let shared = Text::of(&whole, Some(&whole)).unwrap();
        let own = Text::from("ab");
        assert_eq!(shared, own);
        let string = String::from("ab");
        assert_eq!(AsRef::<str>::as_ref(&shared), "ab");
        assert_eq!(shared, "ab");
        assert_eq!(shared, *"ab");
        assert_eq!(*"ab", shared);
        assert_eq!(shared, string);
        assert_eq!(string, shared);
        assert_ne!(shared, Text::default());
        assert!((Text::default()..own.clone()).contains(&Text::from("a")));
        assert_eq!(format!("{shared:?} {shared:>4}"), "\"ab\"   ab");
        assert_eq!(serde_json::to_string(&shared).unwrap(), "\"ab\"");
        assert_eq!([shared.clone(), own.clone()].join(" "), "ab ab");
        assert_eq!(BTreeMap::from([(shared.clone(), 5)]).get("ab"), Some(&5));
        assert_eq!(HashMap::from([(shared.clone(), 5)]).get("ab"), Some(&5));
        assert_eq!([String::from(shared.clone()), String::from(own.clone())], ["ab", "ab"]);
        assert_eq!(String::from_iter([shared, own]), "abab");
    }
}
