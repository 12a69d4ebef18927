//! JSON-RPC 2.0 messages: what a text is, and how one is written (MCP 2025-11-25, basic, "Messages").
//!
//! No message written here holds a newline, so that any carrier that delimits messages by newlines can have
//! them as they are.

#[cfg(feature = "http")]
use std::borrow::Cow;

use serde_json::value::RawValue;

#[cfg(feature = "http")]
use crate::jsonrpc::ends::{self, Known};
use crate::jsonrpc::error::ServerError;
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::json;
#[cfg(feature = "http")]
use crate::jsonrpc::known::known;
#[cfg(feature = "http")]
use crate::jsonrpc::string::text;
use crate::jsonrpc::string::{is, string};

/// What may be asked of nobody here (JSON-RPC 2.0, section 5.1).
pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
/// What is asked for in a way that isn't known here (JSON-RPC 2.0, section 5.1).
pub(crate) const INVALID_PARAMS: i64 = -32602;
/// What can't be read as a request (JSON-RPC 2.0, section 5.1).
pub(crate) const INVALID_REQUEST: i64 = -32600;

/// A message, borrowing from its text.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Request {
        id: &'a RawValue,
        method: String,
        params: Option<&'a RawValue>,
    },
    Notification {
        method: String,
        params: Option<&'a RawValue>,
    },
    Response {
        /// Absent or null in an error answer to something unreadable.
        id: Option<&'a RawValue>,
        answer: Answer<'a>,
    },
}

#[derive(Debug)]
pub(crate) enum Answer<'a> {
    Result(&'a RawValue),
    Error(ServerError),
    /// A response that is not as it should be, and why.
    Bad(&'static str),
}

/// A text that is no message.
#[derive(Debug)]
pub(crate) struct NoMessage {
    pub(crate) reason: String,
    /// Where the JSON text breaks off, in bytes; its whole length if it is valid JSON.
    pub(crate) valid_up_to: usize,
}

pub(crate) fn parse(text: &str) -> Result<Message<'_>, NoMessage> {
    let found = json::fields(text, ["jsonrpc", "id", "method", "params", "result", "error"]);
    let [version, id, method, params, result, error] = found.map_err(|error| broken(text, &error))?;
    let right_version = is_version(version);
    // Peers that keep all messages as one kind write null for what there isn't.
    let Some(method) = present(method) else {
        let id = present(id);
        let answer = answered(result, present(error));
        if right_version && id.is_some() {
            let answer = answer.unwrap_or(Answer::Bad("neither a result nor an error"));
            return Ok(Message::Response { id, answer });
        }
        let answer = answer.ok_or_else(|| no_message(text, "no method, result or error"))?;
        let answer = if right_version { answer } else { Answer::Bad(WRONG_VERSION) };
        return Ok(Message::Response { id, answer });
    };

    if !right_version {
        return Err(no_message(text, WRONG_VERSION));
    }
    if present(result).is_some() || present(error).is_some() {
        return Err(no_message(text, "a method and a result or error"));
    }
    let Some(method) = string(method) else {
        return Err(no_message(text, "the method is not a string"));
    };
    Ok(match id {
        Some(id) => Message::Request { id, method, params },
        None => Message::Notification { method, params },
    })
}

/// Returns whether this is the version that each message names.
pub(crate) fn is_version(raw: Option<&RawValue>) -> bool {
    raw.is_some_and(|version| is(version, "2.0"))
}

const WRONG_VERSION: &str = "jsonrpc is not \"2.0\"";

/// What is answered. JSON-RPC 1.0 peers send both, one of them null.
fn answered<'a>(result: Option<&'a RawValue>, error: Option<&'a RawValue>) -> Option<Answer<'a>> {
    match (result, error) {
        (None, None) => None,
        (Some(result), None) => Some(Answer::Result(result)),
        (Some(result), Some(_)) if !json::is_null(result) => Some(Answer::Bad("both a result and an error")),
        (_, Some(error)) => Some(Answer::Error(ServerError::read(error))),
    }
}

fn present(raw: Option<&RawValue>) -> Option<&RawValue> {
    raw.filter(|raw| !json::is_null(raw))
}

fn broken(text: &str, error: &serde_json::Error) -> NoMessage {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let before = lines.fold(0_usize, |before, line| before.saturating_add(line.len()));
    let place = before.saturating_add(error.column());
    NoMessage { reason: error.to_string(), valid_up_to: place.min(text.len()) }
}

fn no_message(text: &str, reason: &str) -> NoMessage {
    NoMessage { reason: reason.to_owned(), valid_up_to: text.len() }
}

/// So many bytes has a call at most beside its method and its params: the fields' names, an id, and what delimits
/// messages on their carrier, a newline mostly.
const FRAME: usize = 64;

/// What a call is written with.
const BEGIN: &str = r#"{"jsonrpc":"2.0","#;
const ID: &str = r#""id":"#;
const METHOD: &str = r#""method":"#;
const PARAMS: &str = r#","params":"#;

/// A request (with an id) or notification (without), with params in pieces, if there are any.
pub(crate) fn call(id: Option<RequestId>, method: &str, params: &[&str]) -> Vec<u8> {
    let method = json::escaped(method);
    let params_size = size(params);
    let mut message = Vec::with_capacity(FRAME.saturating_add(method.len()).saturating_add(params_size));
    message.extend_from_slice(BEGIN.as_bytes());
    if let Some(id) = id {
        message.extend_from_slice(ID.as_bytes());
        // Memory takes all that is written to it.
        let _ = serde_json::to_writer(&mut message, &id.0);
        message.push(b',');
    }
    message.extend_from_slice(METHOD.as_bytes());
    message.push(b'"');
    message.extend_from_slice(method.as_bytes());
    message.push(b'"');
    if params_size > 0 {
        message.extend_from_slice(PARAMS.as_bytes());
        extend(&mut message, params);
    }
    message.push(b'}');
    message
}

/// What [`call`] wrote, read back.
#[cfg(feature = "http")]
#[derive(Debug)]
pub(crate) struct Written<'a> {
    pub(crate) id: Option<RequestId>,
    pub(crate) method: Cow<'a, str>,
    pub(crate) params: Option<&'a RawValue>,
}

/// Reads back what [`call`] wrote; `None` if this is something else.
#[cfg(feature = "http")]
pub(crate) fn written(message: &str) -> Option<Written<'_>> {
    let rest = message.strip_prefix(BEGIN)?;
    let (id, rest) = match rest.strip_prefix(ID).and_then(|rest| rest.split_once(',')) {
        Some((id, rest)) => (Some(RequestId(id.parse().ok()?)), rest),
        None => (None, rest),
    };
    let rest = rest.strip_prefix(METHOD)?;
    let behind = ends::key(rest.as_bytes(), Known::JSON)?.len();
    let (method, rest) = rest.split_at_checked(rest.len().saturating_sub(behind))?;
    let params = rest.strip_prefix(PARAMS).and_then(|rest| rest.strip_suffix('}'));
    Some(Written { id, method: text(known(method))?, params: params.map(known) })
}

/// A result, as the answer to the peer's request `id`.
pub(crate) fn result_answer(id: &str, result: &str) -> Vec<u8> {
    answer(&[r#"{"jsonrpc":"2.0","id":"#, id, r#","result":"#, result, "}"])
}

/// An error, as the answer to the peer's request `id`.
pub(crate) fn error_answer(id: &str, code: i64, message: &str, data: Option<&str>) -> Vec<u8> {
    let (code, message) = (code.to_string(), json::quoted(message));
    let begin = [r#"{"jsonrpc":"2.0","id":"#, id, r#","error":{"code":"#, &code, r#","message":"#, &message];
    let data = data.map_or(["", ""], |data| [r#","data":"#, data]);
    answer(&[begin.as_slice(), &data, &["}}"]].concat())
}

/// A message of these pieces, with room for what delimits it.
fn answer(pieces: &[&str]) -> Vec<u8> {
    let mut message = Vec::with_capacity(size(pieces).saturating_add(1));
    extend(&mut message, pieces);
    message
}

fn size(pieces: &[&str]) -> usize {
    pieces.iter().fold(0, |size: usize, piece| size.saturating_add(piece.len()))
}

/// Outside of strings JSON may hold newlines, which a message here must not; inside of strings they are always
/// escaped. So a space will do.
fn extend(message: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        message.extend(piece.bytes().map(|byte| match byte {
            b'\n' | b'\r' => b' ',
            byte => byte,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(text: &str) -> String {
        match parse(text) {
            Ok(Message::Request { id, method, .. }) => format!("request {id} {method}"),
            Ok(Message::Notification { method, params }) => {
                format!("notification {method} {params:?}")
            }
            Ok(Message::Response { id, answer }) => {
                let id = id.map_or("-", RawValue::get);
                match answer {
                    Answer::Result(raw) => format!("result {id} {raw}"),
                    Answer::Error(error) => format!("error {id} {}", error.said()),
                    Answer::Bad(why) => format!("bad {id} {why}"),
                }
            }
            Err(error) => format!("none {}", error.reason),
        }
    }

    #[test]
    fn messages_are_told_apart() {
        for (text, expected) in [
            (r#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#, r#"request "a" ping"#),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, "request null ping"),
            (r#"{"jsonrpc":"2.0","method":"n"}"#, "notification n None"),
            (r#"{"jsonrpc":"2.0","id":1,"result":null}"#, "result 1 null"),
            (r#"{"id":1,"jsonrpc":"2.0","result": {"a": 1.0} }"#, r#"result 1 {"a": 1.0}"#),
            (r#"{"jsonrpc":"2.0","id":1,"result":2,"error":null}"#, "result 1 2"),
            (r#"{"jsonrpc":"2.0","id":1,"error":{"code":-5,"message":"m"}}"#, "error 1 error -5: m"),
            (r#"{"jsonrpc":"2.0","error":"m"}"#, "error - an error: m"),
            (r#"{"jsonrpc":"2.0","id":null,"error":["m"]}"#, r#"error - an error: ["m"]"#),
            (r#"{"id":1,"result":2}"#, r#"bad 1 jsonrpc is not "2.0""#),
            (r#"{"jsonrpc":2.0,"id":1,"result":2}"#, r#"bad 1 jsonrpc is not "2.0""#),
            (r#"{"jsonrpc":"2.0","id":1,"result":2,"error":{}}"#, "bad 1 both a result and an error"),
            (r#"{"jsonrpc":"2.0","id":1,"error":null}"#, "bad 1 neither a result nor an error"),
            (r#"{"jsonrpc":"2.0","id":1}"#, "bad 1 neither a result nor an error"),
            (r#"{"jsonrpc":"2.0"}"#, "none no method, result or error"),
            (r#"{"id":1}"#, "none no method, result or error"),
            (r#"{"jsonrpc":"2.0","id":1,"method":null,"params":null,"result":2,"error":null}"#, "result 1 2"),
            (r#"{"jsonrpc":"2.0","id":1,"method":"m","result":null,"error":null}"#, "request 1 m"),
            (r#"{"jsonrpc":"2.0","method":1}"#, "none the method is not a string"),
            (r#"{"method":"GET","path":"/"}"#, r#"none jsonrpc is not "2.0""#),
            (r#"{"jsonrpc":"2.0","method":"a","result":1}"#, "none a method and a result or error"),
        ] {
            assert_eq!(describe(text), expected, "{text}");
        }
    }

    #[test]
    fn the_place_is_counted_over_several_lines() {
        let text = "{\n\"id\":1,\n\"result\":[1,}";
        assert_eq!(parse(text).unwrap_err().valid_up_to, text.len());
    }

    #[test]
    fn the_place_where_json_breaks_off_is_known() {
        let text = r#"{"id":1,"result":[1,}"#;
        let place = parse(text).unwrap_err().valid_up_to;
        assert!((20..=21).contains(&place), "{place}");
    }

    #[test]
    fn a_call_holds_no_newline_and_its_params_are_put_together() {
        let params = ["{\n \"a\" :\r\n ", "\"b\\n\"}"];
        for (id, params, expected) in [
            (None, [].as_slice(), r#"{"jsonrpc":"2.0","method":"x/\"y\"\n"}"#),
            (Some(12), &["", ""], r#"{"jsonrpc":"2.0","id":12,"method":"x/\"y\"\n"}"#),
            (None, &["{}"], r#"{"jsonrpc":"2.0","method":"x/\"y\"\n","params":{}}"#),
            (
                Some(12),
                &params,
                r#"{"jsonrpc":"2.0","id":12,"method":"x/\"y\"\n","params":{  "a" :   "b\n"}}"#,
            ),
        ] {
            let message = call(id.map(RequestId), "x/\"y\"\n", params);
            assert_eq!(String::from_utf8(message).unwrap(), expected);
        }
    }

    #[cfg(feature = "http")]
    #[test]
    fn what_was_written_is_read_back() {
        for id in [None, Some(RequestId(0)), Some(RequestId((1 << 53) - 1))] {
            for method in ["", "tools/call", "x/\"y\"\n,\\"] {
                for params in [[].as_slice(), &["{}"], &["{\"method\":", "\"}\"}"]] {
                    let message = String::from_utf8(call(id, method, params)).unwrap();
                    let read = written(&message).unwrap();
                    assert_eq!((read.id, &*read.method), (id, method), "{message}");
                    let params = Some(params.concat()).filter(|params| !params.is_empty());
                    assert_eq!(read.params.map(RawValue::get), params.as_deref(), "{message}");
                }
            }
        }
        for answer in [
            result_answer("1", r#"{"method":"m"}"#),
            result_answer(r#""a,\"method\":""#, "{}"),
            error_answer("1", -1, "no", Some(r#"{"method":"m"}"#)),
        ] {
            let message = String::from_utf8(answer).unwrap();
            assert!(written(&message).is_none(), "{message}");
        }
    }

    #[test]
    fn an_error_goes_out_with_its_data_or_without() {
        let error = |data| String::from_utf8(error_answer("\"a\"", -1, "no\n", data)).unwrap();
        assert_eq!(error(None), r#"{"jsonrpc":"2.0","id":"a","error":{"code":-1,"message":"no\n"}}"#);
        assert_eq!(
            error(Some("[1.0,\n2]")),
            r#"{"jsonrpc":"2.0","id":"a","error":{"code":-1,"message":"no\n","data":[1.0, 2]}}"#
        );
    }

    #[test]
    fn each_message_has_room_for_what_delimits_it() {
        let longest = Some(RequestId((1 << 53) - 1));
        for mut message in [
            call(longest, "m", &["{}"]),
            call(longest, "a\"\\\n", &["{\"a\":", "1}"]),
            call(None, "m", &[]),
            result_answer("1", "{}"),
            error_answer("1", -1, "no", Some("{}")),
        ] {
            let place = message.as_ptr();
            message.push(b'\n');
            assert_eq!(message.as_ptr(), place);
        }
    }
}
