//! The legacy era (up to 2025-11-25): `initialize`, its answer, `notifications/initialized`; then one version
//! for the whole connection, requests without marks, `ping` in both directions (MCP 2025-11-25,
//! basic/lifecycle, basic/utilities).

use std::borrow::Cow;
use std::sync::Arc;

use crate::era::error::HandshakeError;
use crate::era::initialize;
use crate::era::methods::{CANCELLED, INITIALIZE, INITIALIZED, PING};
use crate::era::offer;
use crate::era::rules::{Answer, Finding, Rules, Verdict};
use crate::era::versions::{Era, WITH_BATCHES};
use crate::error::{CallError, RequestError};
use crate::jsonrpc::json;
use crate::options::Options;
use crate::server::Server;
use crate::types::LogLevel;

/// What is said of roots: it is told when they change (MCP 2025-11-25, client/roots).
const ROOTS: &str = r#"{"listChanged":true}"#;

#[derive(Debug)]
pub(crate) struct Legacy;

impl Rules for Legacy {
    fn era(&self) -> Era {
        Era::Legacy
    }

    fn opening_method(&self) -> &'static str {
        INITIALIZE
    }

    fn opening_params(&self, options: &Options, version: &str) -> Option<String> {
        Some(initialize_params(options, version))
    }

    fn judge_opening(&self, options: &Options, answer: Answer) -> Finding {
        match judge(options, answer) {
            Ok(server) => Finding::Open(server),
            // A server of the modern era alone, which was too slow to say so when it was asked.
            Err(HandshakeError::Rejected { error, server_supports })
                if error.code == Some(offer::UNSUPPORTED_VERSION) =>
            {
                let rejected = HandshakeError::Rejected { error, server_supports: server_supports.clone() };
                Finding::Speaks(server_supports, rejected)
            }
            Err(error) => Finding::Refused(error),
        }
    }

    fn confirmation(&self) -> Option<&'static str> {
        Some(INITIALIZED)
    }

    fn is_early(&self, method: &str) -> bool {
        method == PING
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
    fn marks(&self, _: &Options, _: &str) -> String {
        String::new()
    }

    fn stamp<'m>(
        &self,
        marks: &'m str,
        _: Option<LogLevel>,
        _: Option<&str>,
    ) -> Result<Cow<'m, str>, RequestError> {
        Ok(Cow::Borrowed(marks))
    }

    /// It is what the opening settled.
    fn may_change_version(&self) -> bool {
        false
    }

    fn has_session(&self) -> bool {
        true
    }

    fn has_listening(&self) -> bool {
        false
    }

    fn has_set_level(&self) -> bool {
        true
    }

    /// An answer is what it is.
    fn judge_answer(&self, answer: Answer) -> Verdict {
        Verdict::Final(answer)
    }

    /// The server behind a bridge was replaced, say.
    fn errors_of_other_era(&self) -> &'static [i64] {
        &offer::MODERN_ALONE
    }

    /// It asks while it is at the request.
    fn may_want_input(&self, _: &str) -> Option<&'static str> {
        None
    }

    fn has_server_requests(&self) -> bool {
        true
    }

    fn fixed_result(&self, method: &str) -> Option<&'static str> {
        (method == PING).then_some("{}")
    }

    fn has_batches(&self, version: &str) -> bool {
        version == WITH_BATCHES
    }
}

/// Params of `initialize`.
fn initialize_params(options: &Options, version: &str) -> String {
    let (version, capabilities) = (json::escaped(version), options.about.announced(ROOTS));
    let begin = [r#"{"protocolVersion":""#, &version, r#"","capabilities":"#, &capabilities];
    // Enough for most.
    let mut params = String::with_capacity(256);
    json::push(&mut params, begin);
    params.push_str(r#","clientInfo":"#);
    options.about.push_client_info(&mut params);
    params + "}"
}

/// What the answer to `initialize` means.
fn judge(options: &Options, answer: Answer) -> Result<Arc<Server>, HandshakeError> {
    let raw = match answer {
        Ok(raw) => raw,
        Err(CallError::Server(error)) => {
            let server_supports = offer::supported(&error);
            return Err(HandshakeError::Rejected { error, server_supports });
        }
        Err(error) => return Err(HandshakeError::Failed(error)),
    };
    // It is large: not moved more often than it has to be.
    let server = match initialize::server(raw) {
        Ok(server) => Arc::new(server),
        Err(error) => {
            let what = error.problem().to_owned();
            return Err(HandshakeError::Malformed { what, raw: error.into_raw() });
        }
    };
    if !options.accepts(Era::Legacy, &server.protocol_version) {
        return Err(HandshakeError::UnsupportedVersion {
            answered: json::excerpt(server.protocol_version.as_bytes()),
            supported: options.about.named_versions(),
        });
    }
    Ok(server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    #[test]
    fn the_latest_version_and_the_capabilities_as_they_are_go_out() {
        let options = Options::default()
            .client("a\"b", "1")
            .client_title("T")
            .capabilities(raw(r#"{"roots" : {"n":1.0}}"#));
        assert_eq!(
            initialize_params(&options, "2025-11-25"),
            r#"{"protocolVersion":"2025-11-25","capabilities":{"roots" : {"n":1.0}},"clientInfo":{"name":"a\"b","version":"1","title":"T"}}"#
        );
    }

    #[test]
    fn nothing_is_kept_of_a_call_to_make_it_again() {
        assert_eq!(Legacy.may_want_input("tools/call"), None);
    }

    #[test]
    fn an_unsupported_version_is_named_even_if_the_rest_is_unreadable() {
        let answer = raw(r#"{"protocolVersion":"2099-01-01"}"#);
        match judge(&Options::default(), Ok(answer.into())) {
            Err(ref error @ HandshakeError::UnsupportedVersion { ref answered, ref supported }) => {
                assert_eq!(answered, "2099-01-01");
                assert_eq!(supported.len(), 4);
                assert!(error.to_string().contains("2025-03-26, 2024-11-05"));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nonsense_is_malformed() {
        for text in [
            "{}",
            "[]",
            "null",
            r#"{"protocolVersion":1,"capabilities":{},"serverInfo":{"name":"a","version":"1"}}"#,
            r#"{"protocolVersion":null,"capabilities":{},"serverInfo":{"name":"a","version":"1"}}"#,
        ] {
            let judged = judge(&Options::default(), Ok(raw(text).into()));
            match judged {
                Err(HandshakeError::Malformed { raw, .. }) => assert_eq!(raw.get(), text),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
