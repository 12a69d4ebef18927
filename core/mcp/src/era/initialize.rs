//! The answer to `initialize` (MCP 2025-11-25, schema, `InitializeResult`).

use serde_json::value::RawValue;

use crate::era::versions::Era;
use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::server::Server;
use crate::types::decode::{DecodeError, decode, kept, object, present, required};
use crate::types::{CacheHints, Text};

const VERSION: &str = "protocolVersion";

/// The version that an `InitializeResult` settles, if it names one.
#[cfg(feature = "http")]
pub(crate) fn version(result: &RawValue) -> Option<String> {
    let [version] = json::fields_of(result, [VERSION])?;
    crate::types::decode::text(version)
}

/// Reads an `InitializeResult`. The protocol's version must be there: it decides how the rest is read. On the
/// rest nothing depends.
pub(crate) fn server(raw: Raw) -> Result<Server, DecodeError> {
    let (view, raw) = decode(raw, "InitializeResult", |raw| {
        let [version, capabilities, info, instructions, meta] =
            object(raw, [VERSION, "capabilities", "serverInfo", "instructions", "_meta"])?;
        let protocol_version = required(VERSION, version, Text::of(raw, version))?;
        Ok((
            protocol_version,
            self::capabilities(raw, capabilities),
            implementation(raw, info),
            Text::of(raw, instructions),
            kept(raw, meta),
        ))
    })?;
    let (protocol_version, capabilities, info, instructions, meta) = view;
    let Implementation { name, version, title, description, website_url, icons } = info;
    Ok(Server {
        name,
        version,
        title,
        description,
        website_url,
        icons,
        capabilities,
        instructions,
        era: Era::Legacy,
        protocol_version,
        cache: CacheHints::default(),
        meta,
        raw,
    })
}

/// What a server says it has, or nothing.
pub(super) fn capabilities(of: &Raw, raw: Option<&RawValue>) -> Raw {
    raw.filter(|raw| json::is_object(raw)).map_or_else(|| json::object("{}").into(), |raw| of.part(raw))
}

/// A program (MCP 2025-11-25, schema, `Implementation`), as far as it says who it is.
pub(super) struct Implementation {
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) title: Option<Text>,
    pub(super) description: Option<Text>,
    pub(super) website_url: Option<Text>,
    pub(super) icons: Option<Raw>,
}

pub(super) fn implementation(of: &Raw, raw: Option<&RawValue>) -> Implementation {
    let names = ["name", "version", "title", "description", "websiteUrl", "icons"];
    let fields = raw.and_then(|raw| json::fields(raw.get(), names).ok());
    let [name, version, title, description, website_url, icons] = fields.unwrap_or_default();
    Implementation {
        name: word(of, name),
        version: word(of, version),
        title: Text::of(of, title),
        description: Text::of(of, description),
        website_url: Text::of(of, website_url),
        icons: kept(of, icons),
    }
}

/// A text, or whatever stands in its place as it is written: a version may well be a number.
fn word(of: &Raw, raw: Option<&RawValue>) -> Text {
    let raw = present(raw);
    Text::of(of, raw).or_else(|| raw.map(|raw| Text::as_written(of, raw))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    const RESULT: &str = r#"{"x":1.0,"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"logging":null},"serverInfo":{"name":"n","version":"","icons":[]},"instructions":5}"#;

    #[test]
    #[cfg(feature = "http")]
    fn the_version_is_read_where_there_is_one() {
        assert_eq!(version(&raw(RESULT)).as_deref(), Some("2025-11-25"));
        for none in ["{}", "5", r#"{"protocolVersion":5}"#] {
            assert_eq!(version(&raw(none)), None, "{none}");
        }
    }

    #[test]
    fn all_is_read_and_all_is_kept() {
        let server = server(raw(RESULT).into()).unwrap();
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
        let error = server(raw("[1.0]").into()).unwrap_err();
        assert_eq!(error.raw().get(), "[1.0]");
        assert!(error.problem().contains("a JSON object"), "{error}");
        assert_eq!(error.into_raw().get(), "[1.0]");
    }

    #[test]
    fn it_needs_the_protocols_version_and_nothing_else() {
        // MCP 2025-11-25, schema, `InitializeResult` and `Implementation`: more is required, nothing depends on
        // it.
        let good = r#"{"protocolVersion":"v","capabilities":{},"serverInfo":{"name":"n","version":"1","title":"t"},"instructions":"i","_meta":{}}"#;
        let view = server(raw(good).into()).unwrap();
        assert_eq!(view.title.as_deref(), Some("t"));
        assert_eq!(view.instructions.as_deref(), Some("i"));
        let error = server(raw(&good.replace(r#""protocolVersion":"v","#, "")).into()).unwrap_err();
        assert_eq!(error.problem(), "protocolVersion is missing");
        for (part, odd, expected) in [
            (r#""capabilities":{}"#, r#""x":1"#, ("n", "1", "{}")),
            (r#""capabilities":{}"#, r#""capabilities":null"#, ("n", "1", "{}")),
            (r#""capabilities":{}"#, r#""capabilities":["tools"]"#, ("n", "1", "{}")),
            (r#""serverInfo":{"name":"n","version":"1","title":"t"}"#, r#""x":1"#, ("", "", "{}")),
            (r#"{"name":"n","version":"1","title":"t"}"#, "null", ("", "", "{}")),
            (r#"{"name":"n","version":"1","title":"t"}"#, r#""n""#, ("", "", "{}")),
            (r#""name":"n","#, "", ("", "1", "{}")),
            (r#""name":"n""#, r#""name":null"#, ("", "1", "{}")),
            (r#","version":"1""#, "", ("n", "", "{}")),
            (r#""version":"1""#, r#""version":1.20"#, ("n", "1.20", "{}")),
            (r#""version":"1""#, r#""version":null"#, ("n", "", "{}")),
            (r#""instructions":"i""#, r#""instructions":null"#, ("n", "1", "{}")),
        ] {
            let text = good.replace(part, odd);
            let view = server(raw(&text).into()).unwrap();
            let seen = (view.name.as_str(), view.version.as_str(), view.capabilities.get());
            assert_eq!(seen, expected, "{text}");
            assert_eq!(view.raw.get(), text);
        }
    }

    #[test]
    fn capabilities_that_were_replaced_by_no_object_hold_nothing() {
        let good =
            r#"{"protocolVersion":"v","capabilities":{"tools":{}},"serverInfo":{"name":"n","version":"1"}}"#;
        let mut view = server(raw(good).into()).unwrap();
        assert!(view.capability("tools").is_some());
        view.capabilities = raw("[]").into();
        assert!(view.capability("tools").is_none());
    }
}
