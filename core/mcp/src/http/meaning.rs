//! What an answer means: the one table of it, by status and by what the body says.
//!
//! | status | body | a request | its session |
//! |---|---|---|---|
//! | 2xx | an answer to it | answered | lives |
//! | 2xx | an error that names no request | answered | legacy: in doubt |
//! | 2xx | else | no answer, unknown | lives |
//! | any, to an opening request | any response | answered | – |
//! | 404 to a session | an error to it: method, params, resource not found | answered | lives |
//! | 404, 410 to a session | else | refused | lost |
//! | other | an answer to it; modern: an error that only that era has | answered | lives |
//! | 400 | else | refused | to a session, or modern without JSON-RPC: in doubt |
//! | 404, 405 | else | refused | modern without JSON-RPC: in doubt |
//! | 406 411 413 414 415 417 421 425 426 428 429 431 451 501 | else | refused | lives |
//! | other | else | unknown | lives |
//!
//! Sources: MCP 2025-11-25, basic/transports; MCP 2026-07-28, basic/transports/streamable-http and basic/versioning;
//! RFC 9110, section 15. Redirects, 401, 403 and 407 are judged before.

use crate::delivery::Delivery;
use crate::era::offer;
use crate::http::look::Heard;
use crate::jsonrpc::id::RequestId;

/// Errors with which a server answers a request that it has read, also with a 404.
const NOT_FOUND: [i64; 3] = [-32601, -32602, -32002];

/// What the body of an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It answers the request.
    Result,
    /// It answers the request with this error.
    Error(Option<i64>),
    /// It is an error that names no request.
    NamelessError(Option<i64>),
    /// It is an error that names another request.
    OtherError(Option<i64>),
    /// It is a response to another request.
    OtherResult,
    /// It is no response.
    Nothing,
}

impl Said {
    /// What a text says to this request.
    pub(crate) fn of(text: &str, request: Option<RequestId>) -> Self {
        Self::by(Heard::of(text), request)
    }

    /// What a message says to this request.
    pub(crate) fn by(heard: Option<Heard<'_>>, request: Option<RequestId>) -> Self {
        let Some(heard) = heard.filter(|heard| heard.is_response) else {
            return Self::Nothing;
        };
        let code = heard.code();
        match (heard.id, heard.error) {
            (None, Some(_)) => Self::NamelessError(code),
            (None, None) => Self::Nothing,
            (Some(_), error) if request.is_some() && heard.answers() == request => {
                if error.is_some() {
                    Self::Error(code)
                } else {
                    Self::Result
                }
            }
            (Some(_), Some(_)) => Self::OtherError(code),
            (Some(_), None) => Self::OtherResult,
        }
    }

    /// The code, if it is an error that has one.
    pub(crate) fn code(self) -> Option<i64> {
        match self {
            Self::Error(code) | Self::NamelessError(code) | Self::OtherError(code) => code,
            Self::Result | Self::OtherResult | Self::Nothing => None,
        }
    }

    fn is_modern_error(self) -> bool {
        self.code().is_some_and(offer::is_modern)
    }
}

/// Of what an answer is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) is_opening: bool,
    pub(crate) is_modern: bool,
    /// The request named a session.
    pub(crate) has_session: bool,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The request is answered.
    Answered,
    /// The request is answered, unless the server knows the session no more.
    AnsweredInDoubt,
    /// The request has no answer.
    Failed(Delivery),
    /// The server did not take the request, perhaps because it knows the session no more.
    RefusedInDoubt,
    /// The server knows the session no more, and did not take the request.
    Lost,
}

/// Returns whether with this status a server says that it knows the session no more, where there is one (MCP
/// 2025-11-25, basic/transports, "Session Management"; 410 is what some say instead).
pub(crate) const fn is_gone(status: u16) -> bool {
    matches!(status, 404 | 410)
}

/// The table.
pub(crate) fn of(status: u16, said: Said, asked: Asked) -> Meaning {
    let Asked { is_opening, is_modern, has_session } = asked;
    if (200..300).contains(&status) {
        return match said {
            Said::NamelessError(_) if has_session => Meaning::AnsweredInDoubt,
            Said::Result | Said::Error(_) | Said::NamelessError(_) => Meaning::Answered,
            Said::OtherError(_) if is_opening => Meaning::Answered,
            Said::OtherError(_) if is_modern && said.is_modern_error() => Meaning::Answered,
            Said::OtherError(_) | Said::OtherResult | Said::Nothing => Meaning::Failed(Delivery::Unknown),
        };
    }
    match said {
        Said::Nothing | Said::OtherResult => {}
        _ if is_opening => return Meaning::Answered,
        Said::Error(Some(code)) if status == 404 && has_session && NOT_FOUND.contains(&code) => {
            return Meaning::Answered;
        }
        Said::Result | Said::Error(_) if status != 404 || !has_session => return Meaning::Answered,
        _ if is_modern && said.is_modern_error() => return Meaning::Answered,
        Said::Result | Said::Error(_) | Said::NamelessError(_) | Said::OtherError(_) => {}
    }
    let is_unknown_era = is_modern && !is_opening && said == Said::Nothing;
    match status {
        _ if has_session && is_gone(status) => Meaning::Lost,
        400 if has_session || is_unknown_era => Meaning::RefusedInDoubt,
        404 | 405 if is_unknown_era => Meaning::RefusedInDoubt,
        400 | 404 | 405 | 406 | 411 | 413 | 414 | 415 | 417 | 421 | 425 | 426 | 428 | 429 | 431 | 451
        | 501 => Meaning::Failed(Delivery::Refused),
        _ => Meaning::Failed(Delivery::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Option<RequestId> = Some(RequestId(5));
    const LEGACY: Asked = Asked { is_opening: false, is_modern: false, has_session: true };
    const STATELESS: Asked = Asked { is_opening: false, is_modern: false, has_session: false };
    const MODERN: Asked = Asked { is_opening: false, is_modern: true, has_session: false };
    const OPENING: Asked = Asked { is_opening: true, is_modern: true, has_session: false };

    fn meaning(status: u16, text: &str, asked: Asked) -> Meaning {
        of(status, Said::of(text, OWN), asked)
    }

    fn error(id: &str, code: i64) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"m"}}}}"#)
    }

    #[test]
    fn an_answer_is_the_outcome_at_any_status_but_404_to_a_session() {
        let result = r#"{"jsonrpc":"2.0","id":5,"result":{}}"#;
        for status in [200, 202, 400, 404, 405, 418, 500, 503] {
            for asked in [STATELESS, MODERN, OPENING] {
                assert_eq!(meaning(status, result, asked), Meaning::Answered, "{status} {asked:?}");
                assert_eq!(meaning(status, &error("\"5\"", -1), asked), Meaning::Answered, "{status}");
            }
        }
        assert_eq!(meaning(500, result, LEGACY), Meaning::Answered);
        assert_eq!(meaning(404, result, LEGACY), Meaning::Lost);
        assert_eq!(meaning(404, &error("5", -32600), LEGACY), Meaning::Lost);
        for code in [-32601, -32602, -32002] {
            assert_eq!(meaning(404, &error("5", code), LEGACY), Meaning::Answered, "{code}");
        }
    }

    #[test]
    fn a_session_that_is_not_found_or_gone_is_lost() {
        for text in ["", "Not found", "{}", &error("\"server-error\"", -32600), &error("null", -32001)] {
            assert_eq!(meaning(404, text, LEGACY), Meaning::Lost, "{text}");
            assert_eq!(meaning(410, text, LEGACY), Meaning::Lost, "{text}");
            assert_eq!(meaning(410, text, MODERN), Meaning::Failed(Delivery::Unknown), "{text}");
            assert_eq!(meaning(404, text, STATELESS), Meaning::Failed(Delivery::Refused), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_the_end_of_a_session_is_in_doubt() {
        assert_eq!(meaning(400, &error("null", -32000), LEGACY), Meaning::RefusedInDoubt);
        assert_eq!(meaning(400, "Invalid session ID", LEGACY), Meaning::RefusedInDoubt);
        assert_eq!(meaning(200, &error("null", -32600), LEGACY), Meaning::AnsweredInDoubt);
        assert_eq!(meaning(400, "", STATELESS), Meaning::Failed(Delivery::Refused));
        assert_eq!(meaning(200, &error("null", -32600), MODERN), Meaning::Answered);
    }

    #[test]
    fn a_modern_server_that_speaks_no_json_rpc_any_more_is_in_doubt() {
        for status in [400, 404, 405] {
            assert_eq!(meaning(status, "<html>", MODERN), Meaning::RefusedInDoubt, "{status}");
            assert_eq!(meaning(status, &error("7", -32600), MODERN), Meaning::Failed(Delivery::Refused));
            assert_eq!(meaning(status, &error("7", -32020), MODERN), Meaning::Answered, "{status}");
            assert_eq!(meaning(200, &error("7", -32020), MODERN), Meaning::Answered);
        }
    }

    #[test]
    fn an_opening_is_answered_by_any_response() {
        for status in [200, 400, 404, 500] {
            for id in ["null", "\"x\"", "99"] {
                assert_eq!(meaning(status, &error(id, -32601), OPENING), Meaning::Answered, "{status} {id}");
            }
        }
        assert_eq!(meaning(400, "", OPENING), Meaning::Failed(Delivery::Refused));
        assert_eq!(meaning(500, "", OPENING), Meaning::Failed(Delivery::Unknown));
        assert_eq!(meaning(200, "", OPENING), Meaning::Failed(Delivery::Unknown));
    }

    #[test]
    fn a_status_says_whether_the_request_was_taken() {
        let refused = [405, 406, 411, 413, 414, 415, 417, 421, 425, 426, 428, 429, 431, 451, 501];
        for status in refused {
            assert_eq!(meaning(status, "", STATELESS), Meaning::Failed(Delivery::Refused), "{status}");
        }
        for status in [402, 408, 409, 418, 422, 500, 502, 503, 504, 599] {
            assert_eq!(meaning(status, "", LEGACY), Meaning::Failed(Delivery::Unknown), "{status}");
        }
    }

    #[test]
    fn success_for_somebody_else_is_no_answer() {
        for text in ["", "ok", r#"{"jsonrpc":"2.0","id":6,"result":{}}"#, &error("6", -1), "[]"] {
            for asked in [LEGACY, STATELESS, MODERN] {
                assert_eq!(meaning(200, text, asked), Meaning::Failed(Delivery::Unknown), "{text}");
            }
        }
    }
}
