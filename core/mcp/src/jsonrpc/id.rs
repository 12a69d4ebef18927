//! Ids of requests: ours, and what a peer may write for one.

use std::fmt;

use serde_json::value::RawValue;

use crate::jsonrpc::number::integer;
use crate::jsonrpc::string::text;

/// Longer ids are not taken for ids. Ours have at most 16 digits.
pub(crate) const MAX_ID: usize = 1024;

/// The name of a request on its connection. Counts up from 1 and is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(crate) u64);

impl RequestId {
    /// The number that is sent as the JSON-RPC id.
    pub fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One of our ids, as a peer may write it. Some peers keep all numbers as floats (`5.0`, `5e0`) or all ids as
/// strings (`"5"`); ours are whole numbers and never strings, so there is no doubt which one is meant.
pub(crate) fn own_id(id: &str) -> Option<RequestId> {
    let number = if id.starts_with('"') {
        let text = serde_json::from_str::<&RawValue>(id).ok().and_then(text)?;
        integer(text.trim_ascii())
    } else {
        integer(id.trim_ascii())
    };
    u64::try_from(number?).ok().map(RequestId)
}

/// Returns whether an id can be echoed: a string or a number of sensible length.
pub(crate) fn is_valid_id(id: &str) -> bool {
    id.len() <= MAX_ID
        && (id.starts_with('"') || id.starts_with(|first: char| first == '-' || first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_ids_are_known_in_every_common_spelling() {
        for text in ["5", "5.0", "5.000", "5e0", "50E-1", "\"5\"", "\"5.0\"", "\" 5 \"", "\"\\u0035\""] {
            assert_eq!(own_id(text), Some(RequestId(5)), "{text}");
        }
        for text in [
            "5.1",
            "-5",
            "+5",
            "\"5",
            "null",
            "\"\"",
            "\"+5\"",
            "[5]",
            "{}",
            "\"a\"",
            "99999999999999999999",
            ".",
        ] {
            assert_eq!(own_id(text), None, "{text}");
        }
    }
}
