//! Raw values of text that is known to be JSON, without another look at it.

use std::iter;

use serde_core::Deserialize;
use serde_core::de::value::{BorrowedStrDeserializer, Error, MapDeserializer};
use serde_json::value::RawValue;

/// What `serde_json` calls a raw value that another format hands over: a map of this to the text.
const RAW: &str = "$serde_json::private::RawValue";

/// A part of a text as a raw value. It must be one JSON value, without blanks around it: nobody looks.
pub(crate) fn known(text: &str) -> &RawValue {
    let text_of_raw = iter::once((RAW, BorrowedStrDeserializer::<Error>::new(text)));
    // A `serde_json` that calls it otherwise looks at it again.
    <&RawValue>::deserialize(MapDeserializer::new(text_of_raw))
        .or_else(|_| serde_json::from_str(text))
        .unwrap_or(RawValue::NULL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_text_is_taken_as_it_is_and_not_looked_at() {
        let text = r#"{"a":[1.00]}"#;
        assert_eq!(known(text).get().as_ptr(), text.as_ptr());
        assert_eq!(known("{").get(), "{");
    }
}
