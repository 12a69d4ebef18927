//! The answer to `initialize` (MCP 2025-11-25, schema, `InitializeResult`).

use serde_json::value::RawValue;

use super::{DecodeError, any, decode, object, required, text};
use crate::jsonrpc::json;

/// What the server says of itself in the handshake.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InitializeResult {
    /// The version that the server chose; on
    /// [`Event::Ready`](crate::Event::Ready) the negotiated one.
    pub protocol_version: String,
    /// The server's capabilities, an object.
    pub capabilities: Box<RawValue>,
    /// The server's name and version.
    pub server_info: Implementation,
    /// How to use the server, meant for a model.
    pub instructions: Option<String>,
    /// `_meta`.
    pub meta: Option<Box<RawValue>>,
    /// The whole result as received.
    pub raw: Box<RawValue>,
}

impl InitializeResult {
    /// Reads a result.
    pub fn from_raw(raw: Box<RawValue>) -> Result<Self, DecodeError> {
        let (view, raw) = decode(raw, "InitializeResult", |raw| {
            let [version, capabilities, info, instructions, meta] =
                object(raw, ["protocolVersion", "capabilities", "serverInfo", "instructions", "_meta"])?;
            let version = required("protocolVersion", version)?;
            let capabilities =
                capabilities.filter(|raw| json::is_object(raw)).ok_or("capabilities is not an object")?;
            let info = info.ok_or("serverInfo is missing")?;
            let info = Implementation::from_raw(info.to_owned()).map_err(|error| error.to_string())?;
            let capabilities = capabilities.to_owned();
            Ok((version, capabilities, info, text(instructions), any(meta)))
        })?;
        let (protocol_version, capabilities, server_info, instructions, meta) = view;
        Ok(Self { protocol_version, capabilities, server_info, instructions, meta, raw })
    }

    /// One of the server's capabilities, such as `tools`; `None` if the server
    /// does not have it.
    pub fn capability(&self, name: &str) -> Option<&RawValue> {
        let [found] = json::fields(self.capabilities.get(), [name]).ok()?;
        found.filter(|raw| !json::is_null(raw))
    }
}

/// The name and version of a program (MCP 2025-11-25, schema,
/// `Implementation`).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Implementation {
    /// The name for programs.
    pub name: String,
    /// The version. Some servers send an empty one.
    pub version: String,
    /// The name for people.
    pub title: Option<String>,
    /// The whole object as received.
    pub raw: Box<RawValue>,
}

impl Implementation {
    /// Reads an implementation.
    pub fn from_raw(raw: Box<RawValue>) -> Result<Self, DecodeError> {
        let ((name, version, title), raw) = decode(raw, "Implementation", |raw| {
            let [name, version, title] = object(raw, ["name", "version", "title"])?;
            let name = required("name", name)?;
            Ok((name, required("version", version)?, text(title)))
        })?;
        Ok(Self { name, version, title, raw })
    }
}

#[cfg(test)]
mod tests {
    use super::super::raw;
    use super::*;

    const RESULT: &str = r#"{"x":1.0,"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"logging":null},"serverInfo":{"name":"n","version":"","icons":[]},"instructions":5}"#;

    #[test]
    fn all_is_read_and_all_is_kept() {
        let view = InitializeResult::from_raw(raw(RESULT)).unwrap();
        assert_eq!(view.protocol_version, "2025-11-25");
        assert_eq!(view.server_info.name, "n");
        assert_eq!(view.server_info.version, "");
        assert_eq!(view.server_info.raw.get(), r#"{"name":"n","version":"","icons":[]}"#);
        assert_eq!(view.instructions, None);
        assert_eq!(view.raw.get(), RESULT);
        let tools = view.capability("tools").unwrap();
        assert_eq!(tools.get(), r#"{"listChanged":true}"#);
        assert!(view.capability("logging").is_none());
        assert!(view.capability("prompts").is_none());
    }

    #[test]
    fn what_is_refused_is_handed_back() {
        let error = InitializeResult::from_raw(raw("[1.0]")).unwrap_err();
        assert_eq!(error.raw().get(), "[1.0]");
        assert!(error.problem().contains("a JSON object"), "{error}");
        assert_eq!(error.into_raw().get(), "[1.0]");
    }
}
