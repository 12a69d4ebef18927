//! Where a list goes on.

use serde_json::value::RawValue;

use crate::jsonrpc::json;

/// Where a list goes on, as the server said (MCP 2026-07-28, server/utilities/pagination).
///
/// It is opaque: it goes back byte for byte, and it can't be compared, since nothing follows from two cursors
/// being equal or not. The empty string is one like any other.
#[derive(Clone, Debug)]
pub struct Cursor(Box<RawValue>);

impl Cursor {
    /// The cursor as it came.
    pub const fn new(raw: Box<RawValue>) -> Self {
        Self(raw)
    }

    /// The cursor as it came.
    pub fn raw(&self) -> &RawValue {
        &self.0
    }
}

/// Params of a list's request, such as `tools/list`.
#[derive(Clone, Debug, Default)]
pub struct ListParams<'a> {
    /// Where to go on; from the beginning if there is none.
    pub cursor: Option<&'a Cursor>,
}

impl ListParams<'_> {
    /// The params as JSON.
    pub fn to_raw(&self) -> Box<RawValue> {
        match self.cursor {
            Some(cursor) => json::object(&format!(r#"{{"cursor":{}}}"#, cursor.raw())),
            None => json::object("{}"),
        }
    }
}
