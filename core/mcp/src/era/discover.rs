//! The answer to `server/discover` (MCP 2026-07-28, server/discover, `DiscoverResult`).

use std::sync::Arc;

use crate::era::error::HandshakeError;
use crate::era::initialize::{self, Implementation};
use crate::era::offer;
use crate::era::rules::Finding;
use crate::era::versions::Era;
use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::options::Options;
use crate::server::Server;
use crate::types::decode::kept;
use crate::types::{CacheHints, ResultType, Text};

/// Returns whether a server of the modern era answers so.
#[cfg(feature = "http")]
pub(crate) fn names_versions(result: &serde_json::value::RawValue) -> bool {
    json::fields(result.get(), ["supportedVersions"]).is_ok_and(|[versions]| versions.is_some())
}

/// What a result of `server/discover` means. Only a list of versions makes it one: legacy servers have been
/// seen to answer anything with a result.
pub(crate) fn judge(options: &Options, raw: Raw) -> Finding {
    let names =
        ["supportedVersions", "resultType", "capabilities", "_meta", "instructions", "ttlMs", "cacheScope"];
    let Ok([versions, kind, capabilities, meta, instructions, ttl, scope]) = json::fields(raw.get(), names)
    else {
        return Finding::OtherEra(malformed("not an object", raw));
    };
    if ResultType::read(kind) != Ok(ResultType::Complete) {
        return Finding::OtherEra(malformed("its resultType is not \"complete\"", raw));
    }
    let Some(supported) = versions.filter(|versions| versions.get().starts_with('[')).map(offer::versions)
    else {
        return Finding::OtherEra(malformed("supportedVersions is missing", raw));
    };
    let Some(protocol_version) =
        options.common(Era::Modern, &supported).map(|version| Text::from(&**version))
    else {
        let error = HandshakeError::NoCommonVersion {
            server_supports: supported.clone(),
            supported: options.about.named_versions(),
        };
        return Finding::Speaks(supported, error);
    };
    let info = meta.and_then(|meta| json::fields(meta.get(), ["io.modelcontextprotocol/serverInfo"]).ok());
    let Implementation { name, version, title, description, website_url, icons } =
        initialize::implementation(&raw, info.and_then(|[info]| info));
    let capabilities = initialize::capabilities(&raw, capabilities);
    let instructions = Text::of(&raw, instructions);
    let meta = kept(&raw, meta);
    let cache = CacheHints::read(ttl, scope);
    Finding::Open(Arc::new(Server {
        name,
        version,
        title,
        description,
        website_url,
        icons,
        capabilities,
        instructions,
        era: Era::Modern,
        protocol_version,
        cache,
        meta,
        raw,
    }))
}

fn malformed(what: &str, raw: Raw) -> HandshakeError {
    HandshakeError::Malformed { what: what.to_owned(), raw }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::era::versions::Eras;
    use crate::jsonrpc::json::raw;

    const RESULT: &str = r#"{"resultType":"complete","supportedVersions":["2099-01-01","2026-07-28"],"capabilities":{"tools":{}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"n","version":"1","title":"t"}},"instructions":"i","ttlMs":1.0}"#;

    fn found(text: &str) -> Finding {
        judge(&Options::default().eras(Eras::Auto), raw(text).into())
    }

    #[test]
    fn all_is_read_and_all_is_kept() {
        match found(RESULT) {
            Finding::Open(server) => {
                assert_eq!((server.name.as_str(), server.version.as_str()), ("n", "1"));
                assert_eq!((server.title.as_deref(), server.instructions.as_deref()), (Some("t"), Some("i")));
                assert_eq!((server.era, server.protocol_version.as_str()), (Era::Modern, "2026-07-28"));
                assert!(server.capability("tools").is_some());
                assert_eq!(server.raw.get(), RESULT);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_but_the_versions_is_needed() {
        for text in [
            r#"{"supportedVersions":["2026-07-28"]}"#,
            r#"{"supportedVersions":["2026-07-28",5],"capabilities":null,"_meta":[],"instructions":5,"resultType":null}"#,
        ] {
            match found(text) {
                Finding::Open(server) => {
                    assert_eq!((server.name.as_str(), server.capabilities.get()), ("", "{}"), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_server_of_other_versions_says_so() {
        match found(r#"{"supportedVersions":["2025-11-25","2099-01-01"]}"#) {
            Finding::Speaks(versions, error) => {
                assert_eq!(versions, ["2025-11-25", "2099-01-01"]);
                let words = error.to_string();
                assert!(words.contains("2099-01-01") && words.contains("2026-07-28"), "{words}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_no_server_of_this_era_answers_is_none_of_its_answers() {
        for text in [
            "{}",
            "null",
            "[]",
            r#"{"supportedVersions":"2026-07-28"}"#,
            r#"{"supportedVersions":null}"#,
            r#"{"supportedVersions":["2026-07-28"],"resultType":"input_required"}"#,
            r#"{"supportedVersions":["2026-07-28"],"resultType":"x"}"#,
        ] {
            match found(text) {
                Finding::OtherEra(HandshakeError::Malformed { raw, .. }) => assert_eq!(raw.get(), text),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
