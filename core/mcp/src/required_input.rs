//! A result with which a server wants input, kept for whoever called.

use std::fmt;
use std::ops::Deref;

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;

/// A server's result that wants input (MCP 2026-07-28, basic/patterns/mrtr, `InputRequiredResult`), byte for byte.
///
/// It is used as the [`RawValue`] that it is. Its `requestState` is the server's own and may be secret, so that `Debug`
/// shows how large the result is and nothing of it; what may be shown is [`requests`](Self::requests).
///
/// ```
/// use serde_json::value::RawValue;
/// use tenure_mcp_proto::RequiredInput;
///
/// let raw = r#"{"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}},"requestState":"s"}"#;
/// let required = RequiredInput::from(RawValue::from_string(raw.to_owned())?);
/// assert_eq!(format!("{required:?}"), "RequiredInput(96 bytes)");
/// assert_eq!(required.requests().map(RawValue::get), Some(r#"{"r":{"method":"roots/list"}}"#));
/// assert_eq!(required.get(), raw);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct RequiredInput(Raw);

impl RequiredInput {
    /// What the server wants, by the names that it gave: `inputRequests`, if that is there.
    pub fn requests(&self) -> Option<&RawValue> {
        json::fields(self.0.get(), ["inputRequests"]).ok().and_then(|[requests]| requests)
    }

    /// The result for itself.
    pub fn into_raw(self) -> Raw {
        self.0
    }
}

impl<T: Into<Raw>> From<T> for RequiredInput {
    fn from(raw: T) -> Self {
        Self(raw.into())
    }
}

impl Deref for RequiredInput {
    type Target = RawValue;

    fn deref(&self) -> &RawValue {
        &self.0
    }
}

impl fmt::Debug for RequiredInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequiredInput").field(&format_args!("{} bytes", self.0.get().len())).finish()
    }
}
