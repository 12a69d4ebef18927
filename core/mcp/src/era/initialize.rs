//! The answer to `initialize` (MCP 2025-11-25, schema, `InitializeResult`).

use serde_json::value::RawValue;

use crate::era::versions::Era;
use crate::jsonrpc::json;
use crate::server::Server;
use crate::types::decode::{DecodeError, decode, object, required, text};

/// Reads an `InitializeResult`. Both versions, the name and the capabilities must be there.
pub(crate) fn server(raw: Box<RawValue>) -> Result<Server, DecodeError> {
    let (view, raw) = decode(raw, "InitializeResult", |raw| {
        let [version, capabilities, info, instructions] =
            object(raw, ["protocolVersion", "capabilities", "serverInfo", "instructions"])?;
        let protocol_version = required("protocolVersion", version)?;
        let capabilities =
            capabilities.filter(|raw| json::is_object(raw)).ok_or("capabilities is not an object")?;
        let info = implementation(info.ok_or("serverInfo is missing")?)
            .map_err(|problem| format!("Implementation: {problem}"))?;
        Ok((protocol_version, capabilities.to_owned(), info, text(instructions)))
    })?;
    let (protocol_version, capabilities, (name, version, title), instructions) = view;
    Ok(Server { name, version, title, capabilities, instructions, era: Era::Legacy, protocol_version, raw })
}

/// The name, version and title of a program (MCP 2025-11-25, schema, `Implementation`).
fn implementation(raw: &RawValue) -> Result<(String, String, Option<String>), String> {
    let [name, version, title] = object(raw, ["name", "version", "title"])?;
    Ok((required("name", name)?, required("version", version)?, text(title)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    const RESULT: &str = r#"{"x":1.0,"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"logging":null},"serverInfo":{"name":"n","version":"","icons":[]},"instructions":5}"#;

    #[test]
    fn all_is_read_and_all_is_kept() {
        let server = server(raw(RESULT)).unwrap();
        assert_eq!(server.protocol_version, "2025-11-25");
        assert_eq!((server.name.as_str(), server.version.as_str()), ("n", ""));
        assert_eq!((server.title.as_deref(), server.instructions.as_deref()), (None, None));
        assert_eq!(server.raw.get(), RESULT);
        assert_eq!(server.era, Era::Legacy);
        assert_eq!(server.capability("tools").unwrap().get(), r#"{"listChanged":true}"#);
        assert!(server.capability("logging").is_none());
        assert!(server.capability("prompts").is_none());
    }

    #[test]
    fn what_is_refused_is_handed_back() {
        let error = server(raw("[1.0]")).unwrap_err();
        assert_eq!(error.raw().get(), "[1.0]");
        assert!(error.problem().contains("a JSON object"), "{error}");
        assert_eq!(error.into_raw().get(), "[1.0]");
    }

    #[test]
    fn it_needs_both_versions_both_names_and_capabilities() {
        // MCP 2025-11-25, schema, `InitializeResult` and `Implementation`.
        let good = r#"{"protocolVersion":"v","capabilities":{},"serverInfo":{"name":"n","version":"1","title":"t"},"instructions":"i","_meta":{}}"#;
        let view = server(raw(good)).unwrap();
        assert_eq!(view.title.as_deref(), Some("t"));
        assert_eq!(view.instructions.as_deref(), Some("i"));
        for (part, missing) in [
            (r#""protocolVersion":"v","#, "protocolVersion is missing"),
            (r#""capabilities":{},"#, "capabilities is not an object"),
            (r#""serverInfo":{"name":"n","version":"1","title":"t"},"#, "serverInfo is missing"),
            (r#""name":"n","#, "name is missing"),
            (r#","version":"1""#, "version is missing"),
        ] {
            let error = server(raw(&good.replace(part, ""))).unwrap_err();
            assert!(error.problem().ends_with(missing), "{error}");
        }
    }

    #[test]
    fn capabilities_that_were_replaced_by_no_object_hold_nothing() {
        let good =
            r#"{"protocolVersion":"v","capabilities":{"tools":{}},"serverInfo":{"name":"n","version":"1"}}"#;
        let mut view = server(raw(good)).unwrap();
        assert!(view.capability("tools").is_some());
        view.capabilities = raw("[]");
        assert!(view.capability("tools").is_none());
    }
}
