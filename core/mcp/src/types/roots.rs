//! `roots/list` (MCP 2025-11-25, client/roots): where a server may work.

use serde_json::value::RawValue;

use crate::jsonrpc::json;
use crate::types::written::Written;

/// A place where the server may work (MCP 2025-11-25, schema, `Root`).
///
/// ```
/// use tenure_mcp_proto::types::{ListRootsResult, Root};
///
/// let roots = ListRootsResult::new([Root::new("file:///project").name("the project")]);
/// assert_eq!(roots.to_raw().get(), r#"{"roots":[{"uri":"file:///project","name":"the project"}]}"#);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Root {
    /// Its URI. The protocol demands that it begins with `file://`.
    pub uri: String,
    /// The name for people.
    pub name: Option<String>,
    /// `_meta`, an object; sent byte for byte.
    pub meta: Option<Box<RawValue>>,
}

impl Root {
    /// The root of this URI.
    pub fn new(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), name: None, meta: None }
    }

    /// The same with a name for people.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same with `_meta`, an object.
    #[must_use]
    pub fn meta(mut self, meta: Box<RawValue>) -> Self {
        self.meta = Some(meta);
        self
    }

    fn write(&self) -> Written<'_> {
        let written = Written::new().text("uri", &self.uri);
        let written = match &self.name {
            Some(name) => written.text("name", name),
            None => written,
        };
        written.raw("_meta", self.meta.as_deref())
    }
}

/// The answer to `roots/list`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ListRootsResult {
    /// The roots; none mean that the server may work nowhere.
    pub roots: Vec<Root>,
    /// `_meta`, an object; sent byte for byte.
    pub meta: Option<Box<RawValue>>,
}

impl ListRootsResult {
    /// These roots.
    pub fn new(roots: impl IntoIterator<Item = Root>) -> Self {
        Self { roots: roots.into_iter().collect(), meta: None }
    }

    /// The answer as JSON.
    pub fn to_raw(&self) -> Box<RawValue> {
        let roots: Vec<_> = self.roots.iter().map(|root| root.write().into_raw()).collect();
        let roots = json::list(&roots);
        Written::new().raw("roots", Some(&roots)).raw("_meta", self.meta.as_deref()).into_raw()
    }
}

impl FromIterator<Root> for ListRootsResult {
    fn from_iter<I: IntoIterator<Item = Root>>(roots: I) -> Self {
        Self::new(roots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn roots_are_written_as_the_schema_has_them() {
        let meta = raw(r#"{ "n":1.00 }"#);
        let roots = [Root::new("file:///a\n"), Root::new("file:///b").name("\"b\"").meta(meta.clone())];
        let mut result = ListRootsResult::new(roots);
        result.meta = Some(meta);
        assert_eq!(
            result.to_raw().get(),
            r#"{"roots":[{"uri":"file:///a\n"},{"uri":"file:///b","name":"\"b\"","_meta":{ "n":1.00 }}],"_meta":{ "n":1.00 }}"#
        );
        assert_eq!(ListRootsResult::default().to_raw().get(), r#"{"roots":[]}"#);
    }
}
