//! The legacy era (up to 2025-11-25): `initialize`, its answer, `notifications/initialized`; then one version
//! for the whole connection, requests without marks, `ping` in both directions (MCP 2025-11-25,
//! basic/lifecycle, basic/utilities).

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::era::error::HandshakeError;
use crate::era::initialize;
use crate::era::rules::{Answer, Composed, Rules};
use crate::era::versions::WITH_BATCHES;
use crate::error::{CallError, RequestError};
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::json;
use crate::jsonrpc::message::ServerError;
use crate::options::Options;
use crate::server::Server;

const INITIALIZE: &str = "initialize";
const INITIALIZED: &str = "notifications/initialized";
const CANCELLED: &str = "notifications/cancelled";
const PING: &str = "ping";

/// Legacy servers answer an unknown version with this...
const INVALID_PARAMS: i64 = -32602;
/// ...and those of the modern era with this.
const UNSUPPORTED_VERSION: i64 = -32022;

#[derive(Debug)]
pub(crate) struct Legacy;

impl Rules for Legacy {
    fn opening(&self, options: &Options) -> Result<Composed, RequestError> {
        if !json::is_object(&options.capabilities) {
            return Err(RequestError::InvalidParams);
        }
        Ok(Composed { method: INITIALIZE, params: initialize_params(options) })
    }

    fn judge_opening(&self, options: &Options, answer: Answer) -> Result<Server, HandshakeError> {
        judge(options, answer)
    }

    fn confirmation(&self) -> Option<&'static str> {
        Some(INITIALIZED)
    }

    fn early_requests(&self) -> &'static [&'static str] {
        &[PING]
    }

    fn reserved_requests(&self) -> &'static [&'static str] {
        &[INITIALIZE]
    }

    fn reserved_notifications(&self) -> &'static [&'static str] {
        &[INITIALIZED, CANCELLED]
    }

    fn sign_of_life(&self) -> &'static str {
        PING
    }

    /// Nothing is marked: the handshake said it all.
    fn stamp<'p>(&self, _: &Options, params: Option<&'p str>) -> Option<Cow<'p, str>> {
        params.map(Cow::Borrowed)
    }

    /// MCP 2025-11-25, basic/utilities/cancellation.
    fn cancel_notice(&self, id: RequestId, reason: Option<&str>) -> Composed {
        let params = match reason {
            Some(reason) => format!(r#"{{"requestId":{id},"reason":{}}}"#, json::quoted(reason)),
            None => format!(r#"{{"requestId":{id}}}"#),
        };
        Composed { method: CANCELLED, params }
    }

    /// An answer is what it is.
    fn judge_answer(&self, answer: Answer) -> Answer {
        answer
    }

    fn fixed_result(&self, method: &str) -> Option<&'static str> {
        (method == PING).then_some("{}")
    }

    fn has_batches(&self, version: &str) -> bool {
        version == WITH_BATCHES
    }
}

/// Params of `initialize`.
fn initialize_params(options: &Options) -> String {
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
fn judge(options: &Options, answer: Answer) -> Result<Server, HandshakeError> {
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
    initialize::server(raw).map_err(|error| HandshakeError::Malformed { what: error.problem().to_owned() })
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
    fn what_a_refusing_server_supports_is_handed_on() {
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
    fn of_an_endless_list_of_versions_a_few_are_kept() {
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
