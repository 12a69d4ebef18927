//! The modern era (2026-07-28 on): no handshake; each request carries its version, the client's capabilities
//! and who it is in `_meta` (MCP 2026-07-28, basic/index, "Per-request protocol fields"). Only the client asks,
//! and `server/discover` stands in for the handshake and for `ping`.

use std::borrow::Cow;

use crate::era::discover;
use crate::era::error::HandshakeError;
use crate::era::methods::{CANCELLED, DISCOVER, INITIALIZE, INITIALIZED};
use crate::era::offer;
use crate::era::rules::{Answer, Finding, Rules, Verdict};
use crate::era::versions::Era;
use crate::error::{CallError, RequestError};
use crate::jsonrpc::error::ServerError;
use crate::jsonrpc::{json, meta};
use crate::options::Options;
use crate::types::{LogLevel, ResultType};

/// What is said of roots: nothing is told any more when they change (MCP 2026-07-28, client/roots).
const ROOTS: &str = "{}";

/// What marks each request. A caller's own members of these names are refused.
const MARKS: [&str; 3] = [
    "io.modelcontextprotocol/protocolVersion",
    "io.modelcontextprotocol/clientInfo",
    "io.modelcontextprotocol/clientCapabilities",
];

/// The log messages that a request asks for (MCP 2026-07-28, server/utilities/logging). A caller's own goes first.
const LEVEL: &str = "io.modelcontextprotocol/logLevel";

#[derive(Debug)]
pub(crate) struct Modern;

impl Rules for Modern {
    fn era(&self) -> Era {
        Era::Modern
    }

    fn opening_method(&self) -> &'static str {
        DISCOVER
    }

    /// The marks are all that is asked with (MCP 2026-07-28, server/discover).
    fn opening_params(&self, _: &Options, _: &str) -> Option<String> {
        None
    }

    fn judge_opening(&self, options: &Options, answer: Answer) -> Finding {
        match answer {
            Ok(raw) => discover::judge(options, raw),
            Err(CallError::Server(error)) => refused(error),
            // Nobody was asked, or whoever was has no time: nothing was found out.
            #[cfg(feature = "http")]
            Err(CallError::Http(error)) if says_nothing(&error) => {
                Finding::Refused(HandshakeError::Failed(error.into()))
            }
            Err(error) => Finding::OtherEra(HandshakeError::Failed(error)),
        }
    }

    fn confirmation(&self) -> Option<&'static str> {
        None
    }

    fn is_early(&self, _: &str) -> bool {
        false
    }

    fn reserved_requests(&self) -> &'static [&'static str] {
        &[INITIALIZE]
    }

    fn reserved_notifications(&self) -> &'static [&'static str] {
        &[INITIALIZED, CANCELLED]
    }

    /// There is no ping; a server must know this one (MCP 2026-07-28, server/discover).
    fn sign_of_life(&self) -> &'static str {
        DISCOVER
    }

    fn marks(&self, options: &Options, version: &str) -> String {
        let [version_key, info_key, capabilities_key] = MARKS;
        let (version, capabilities) = (json::escaped(version), options.about.announced(ROOTS));
        // Enough for most.
        let mut marks = String::with_capacity(512);
        json::push(&mut marks, ["\"", version_key, "\":\"", &version, "\",\"", info_key, "\":"]);
        options.about.push_client_info(&mut marks);
        json::push(&mut marks, [",\"", capabilities_key, "\":", &capabilities]);
        marks
    }

    fn stamp<'m>(
        &self,
        marks: &'m str,
        level: Option<LogLevel>,
        params: Option<&str>,
    ) -> Result<Cow<'m, str>, RequestError> {
        let own = params.and_then(meta::of);
        if let Some(key) = own.and_then(taken_mark) {
            return Err(RequestError::ReservedMeta { key });
        }
        Ok(match level.filter(|_| !own.is_some_and(has_level)) {
            Some(level) => Cow::Owned(format!(r#"{marks},"{LEVEL}":"{}""#, level.as_str())),
            None => Cow::Borrowed(marks),
        })
    }

    /// MCP 2026-07-28, basic/versioning.
    fn may_change_version(&self) -> bool {
        true
    }

    fn has_session(&self) -> bool {
        false
    }

    fn has_listening(&self) -> bool {
        true
    }

    fn has_set_level(&self) -> bool {
        false
    }

    /// MCP 2026-07-28, basic/index, `ResultType`: what isn't known is invalid.
    fn judge_answer(&self, answer: Answer) -> Verdict {
        let Ok(raw) = answer else {
            return Verdict::Final(answer);
        };
        let kind = json::fields_of(&raw, ["resultType"]).and_then(|[kind]| kind);
        match ResultType::read(kind) {
            Ok(ResultType::Complete) => Verdict::Final(Ok(raw)),
            Ok(ResultType::InputRequired) => Verdict::WantsInput(raw),
            Err(what) => Verdict::Final(Err(CallError::UnknownResult { what, raw })),
        }
    }

    /// A server that holds no session, and knows no `initialize`, has nothing to answer by which it could be told.
    fn errors_of_other_era(&self) -> &'static [i64] {
        &[]
    }

    /// MCP 2026-07-28, basic/patterns/mrtr, "Supported Requests".
    fn may_want_input(&self, method: &str) -> Option<&'static str> {
        ["prompts/get", "resources/read", "tools/call"].into_iter().find(|known| *known == method)
    }

    /// MCP 2026-07-28, basic/transports/stdio, "Receiving Messages".
    fn has_server_requests(&self) -> bool {
        false
    }

    fn fixed_result(&self, _: &str) -> Option<&'static str> {
        None
    }

    fn has_batches(&self, _: &str) -> bool {
        false
    }
}

/// Returns whether an exchange that failed says nothing of the server's era.
#[cfg(feature = "http")]
fn says_nothing(error: &crate::http::HttpError) -> bool {
    let is_busy = matches!(error.status, Some(429 | 503)) && error.retry_after.is_some();
    is_busy || error.delivery == crate::delivery::Delivery::NotSent
}

/// What an error says of the server that answers the opening with it.
fn refused(error: ServerError) -> Finding {
    let is_modern = error.code.is_some_and(offer::is_modern);
    let versions = offer::supported(&error);
    let refusal = HandshakeError::Rejected { error, server_supports: versions.clone() };
    if is_modern { Finding::Speaks(versions, refusal) } else { Finding::OtherEra(refusal) }
}

/// The mark that a caller's own `_meta` has already.
fn taken_mark(meta: &str) -> Option<&'static str> {
    let taken = json::fields(meta, MARKS).ok()?;
    MARKS.into_iter().zip(taken).find_map(|(mark, taken)| taken.map(|_| mark))
}

/// Returns whether a caller's own `_meta` says which log messages are wanted.
fn has_level(meta: &str) -> bool {
    matches!(json::fields(meta, [LEVEL]), Ok([Some(_)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_says_its_version_and_who_asks() {
        let options = Options::default().client("c", "1").client_title("T");
        let marks = concat!(
            r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
            r#""io.modelcontextprotocol/clientInfo":{"name":"c","version":"1","title":"T"},"#,
            r#""io.modelcontextprotocol/clientCapabilities":{}"#
        );
        assert_eq!(Modern.marks(&options, "2026-07-28"), marks);
        assert_eq!(Modern.stamp(marks, None, None).unwrap(), marks);
        let level = r#""io.modelcontextprotocol/logLevel":"warning""#;
        let stamp = |params| Modern.stamp(marks, Some(LogLevel::Warning), Some(params)).unwrap();
        assert_eq!(stamp(r#"{"n":1.00}"#), format!("{marks},{level}"));
        let own = format!(r#"{{"_meta":{{{level}}}}}"#);
        assert_eq!(stamp(&own), marks, "the caller's own goes first");
    }

    #[test]
    fn marks_of_the_callers_own_are_refused() {
        for mark in MARKS {
            let params = format!(r#"{{"_meta":{{"{mark}":null}}}}"#);
            let stamped = Modern.stamp("m", None, Some(&params));
            assert_eq!(stamped, Err(RequestError::ReservedMeta { key: mark }));
        }
    }
}
