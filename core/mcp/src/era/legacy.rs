//! The opening of the handshake era (up to 2025-11-25): `initialize`, its
//! answer, `notifications/initialized` (MCP 2025-11-25, basic/lifecycle).
//!
//! This module and [`Phase`](crate::exchange::inbound::Phase) are all that knows of it. An
//! opening is: the first request, and a judgement of its answer. An era
//! without handshake goes from `New` to `Ready` in `start`, has no use for
//! this module, and stamps its version on each request instead.

use serde_json::value::RawValue;

use crate::Options;
use crate::error::{CallError, HandshakeError, ServerError};
use crate::jsonrpc::json;
use crate::types::InitializeResult;

/// How a connection is opened and its requests are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Era {
    /// `initialize` first, one version for the whole connection: protocol
    /// versions up to 2025-11-25.
    #[default]
    Handshake,
}

pub(crate) const INITIALIZE: &str = "initialize";
pub(crate) const INITIALIZED: &str = "notifications/initialized";

/// Legacy servers answer an unknown version with this...
const INVALID_PARAMS: i64 = -32602;
/// ...and those of the handshake-free era with this.
const UNSUPPORTED_VERSION: i64 = -32022;

/// Params of `initialize`.
pub(crate) fn initialize_params(options: &Options) -> String {
    let version = options.versions.first().map_or("", String::as_str);
    let title = match &options.client_title {
        Some(title) => format!(r#","title":{}"#, json::quoted(title)),
        None => String::new(),
    };
    format!(
        r#"{{"protocolVersion":{},"capabilities":{},"clientInfo":{{"name":{},"version":{}{title}}}}}"#,
        json::quoted(version),
        options.capabilities.get(),
        json::quoted(&options.client_name),
        json::quoted(&options.client_version),
    )
}

/// What the answer to `initialize` means.
pub(crate) fn judge(
    options: &Options,
    answer: Result<Box<RawValue>, CallError>,
) -> Result<InitializeResult, HandshakeError> {
    let raw = match answer {
        Ok(raw) => raw,
        Err(CallError::Server { code, message, data }) => {
            let server_supports = match code {
                INVALID_PARAMS | UNSUPPORTED_VERSION => supported(data.as_deref()),
                _ => Vec::new(),
            };
            let error = ServerError { code, message, data };
            return Err(HandshakeError::Rejected { error, server_supports });
        }
        Err(error) => return Err(HandshakeError::Failed(error)),
    };
    // The version first: it decides how the rest is to be read.
    let version =
        json::fields(raw.get(), ["protocolVersion"]).ok().and_then(|[version]| json::string(version?));
    if let Some(version) = version
        && !options.accepts(&version)
    {
        return Err(HandshakeError::UnsupportedVersion {
            answered: json::excerpt(version.as_bytes()),
            supported: options.versions.clone(),
        });
    }
    InitializeResult::from_raw(raw)
        .map_err(|error| HandshakeError::Malformed { what: error.problem().to_owned() })
}

/// `data.supported`, as far as it is what it should be.
fn supported(data: Option<&RawValue>) -> Vec<String> {
    const MOST: usize = 64;
    let mut versions = Vec::new();
    let list = data.and_then(|data| json::fields(data.get(), ["supported"]).ok()).and_then(|[list]| list);
    if let Some(list) = list {
        // A fault in the list ends it, no more: it is only for people to read.
        let _ = json::elements(list.get(), &mut |version| {
            if versions.len() >= MOST {
                return Err("too many".to_owned());
            }
            versions.extend(json::string(version).map(|text| json::excerpt(text.as_bytes())));
            Ok(())
        });
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn the_latest_version_and_the_capabilities_as_they_are_go_out() {
        let options = Options::default()
            .client("a\"b", "1")
            .client_title("T")
            .capabilities(raw(r#"{"roots" : {"n":1.0}}"#));
        assert_eq!(
            initialize_params(&options),
            r#"{"protocolVersion":"2025-11-25","capabilities":{"roots" : {"n":1.0}},"clientInfo":{"name":"a\"b","version":"1","title":"T"}}"#
        );
    }

    #[test]
    fn an_unsupported_version_is_named_even_if_the_rest_is_unreadable() {
        let answer = raw(r#"{"protocolVersion":"2099-01-01"}"#);
        match judge(&Options::default(), Ok(answer)) {
            Err(ref error @ HandshakeError::UnsupportedVersion { ref answered, ref supported }) => {
                assert_eq!(answered, "2099-01-01");
                assert_eq!(supported.len(), 4);
                assert!(error.to_string().contains("2025-03-26, 2024-11-05"));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_a_refusing_server_supports_is_told() {
        for (code, data, expected) in [
            (-32602, r#"{"supported":["2024-11-05"]}"#, vec!["2024-11-05"]),
            (-32022, r#"{"supported":["a",1,"b"],"requested":"x"}"#, vec!["a", "b"]),
            (-32022, r#"{"supported":"a"}"#, vec![]),
            (-32022, "[]", vec![]),
            (-1, r#"{"supported":["a"]}"#, vec![]),
        ] {
            let answer = CallError::Server { code, message: "no".to_owned(), data: Some(raw(data)) };
            match judge(&Options::default(), Err(answer)) {
                Err(HandshakeError::Rejected { error, server_supports }) => {
                    assert_eq!(error.code, code);
                    assert_eq!(error.data.unwrap().get(), data);
                    assert_eq!(server_supports, expected);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn of_an_endless_list_of_versions_a_few_are_told() {
        let data = raw(&format!(r#"{{"supported":[{}"z"]}}"#, r#""a","#.repeat(1000)));
        assert_eq!(supported(Some(&data)).len(), 64);
    }

    #[test]
    fn nonsense_is_malformed() {
        for text in [
            "{}",
            "[]",
            "null",
            r#"{"protocolVersion":"2025-11-25"}"#,
            r#"{"protocolVersion":1,"capabilities":{},"serverInfo":{"name":"a","version":"1"}}"#,
            r#"{"protocolVersion":"2025-11-25","capabilities":[],"serverInfo":{"name":"a","version":"1"}}"#,
            r#"{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":"a"}"#,
        ] {
            let judged = judge(&Options::default(), Ok(raw(text)));
            assert!(matches!(judged, Err(HandshakeError::Malformed { .. })), "{text}");
        }
    }
}
