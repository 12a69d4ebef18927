//! JSON-RPC 2.0 messages: what a line is, and how one is written
//! (MCP 2025-11-25, basic, "Messages").

use serde_json::value::RawValue;

use crate::RequestId;
use crate::error::ServerError;
use crate::jsonrpc::json;

/// A message, borrowing from its line.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Request {
        id: &'a RawValue,
        method: String,
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

/// A line that is no message.
#[derive(Debug)]
pub(crate) struct NoMessage {
    pub(crate) reason: String,
    /// Where the JSON text breaks off, in bytes; its whole length if it is
    /// valid JSON.
    pub(crate) valid_up_to: usize,
}

pub(crate) fn parse(text: &str) -> Result<Message<'_>, NoMessage> {
    let [version, id, method, params, result, error] =
        json::fields(text, ["jsonrpc", "id", "method", "params", "result", "error"]).map_err(|error| {
            NoMessage { reason: error.to_string(), valid_up_to: error.column().min(text.len()) }
        })?;
    // JSON-RPC 1.0 peers send both, one of them null.
    let error = error.filter(|error| result.is_none() || !json::is_null(error));
    let right_version = version.and_then(json::string).is_some_and(|version| version == "2.0");

    let Some(method) = method else {
        let answer = match (result, error) {
            (None, None) => return Err(no_message(text, "no method, result or error")),
            _ if !right_version => Answer::Bad("jsonrpc is not \"2.0\""),
            (Some(_), Some(_)) => Answer::Bad("both a result and an error"),
            (Some(result), None) => Answer::Result(result),
            (None, Some(error)) => match server_error(error) {
                Some(error) => Answer::Error(error),
                None => Answer::Bad("an error without an integer code"),
            },
        };
        let id = id.filter(|id| !json::is_null(id));
        return Ok(Message::Response { id, answer });
    };

    if !right_version {
        return Err(no_message(text, "jsonrpc is not \"2.0\""));
    }
    if result.is_some() || error.is_some() {
        return Err(no_message(text, "a method and a result or error"));
    }
    let Some(method) = json::string(method) else {
        return Err(no_message(text, "the method is not a string"));
    };
    Ok(match id {
        Some(id) => Message::Request { id, method },
        None => Message::Notification { method, params },
    })
}

fn no_message(text: &str, reason: &str) -> NoMessage {
    NoMessage { reason: reason.to_owned(), valid_up_to: text.len() }
}

fn server_error(error: &RawValue) -> Option<ServerError> {
    let [code, message, data] = json::fields(error.get(), ["code", "message", "data"]).ok()?;
    Some(ServerError {
        code: serde_json::from_str(code?.get()).ok()?,
        // Not worth losing the code for.
        message: message.and_then(json::string).unwrap_or_default(),
        data: data.map(ToOwned::to_owned),
    })
}

/// One of our ids, as a peer may write it. Some peers keep all numbers as
/// floats (`5.0`) or all ids as strings (`"5"`); ours are integers only, so
/// there is no doubt which one is meant.
pub(crate) fn own_id(id: &str) -> Option<RequestId> {
    let id = id.strip_prefix('"').and_then(|id| id.strip_suffix('"')).unwrap_or(id);
    let digits = match id.split_once('.') {
        Some((digits, fraction)) if fraction.bytes().all(|digit| digit == b'0') => digits,
        Some(_) => return None,
        None => id,
    };
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().map(RequestId)
}

/// Whether an id can be echoed: a string or a number of sensible length.
pub(crate) fn is_valid_id(id: &str) -> bool {
    id.len() <= crate::jsonrpc::scan::MAX_ID
        && (id.starts_with('"') || id.starts_with(|first: char| first == '-' || first.is_ascii_digit()))
}

/// Bytes of a request or notification without its newline, before it is built.
pub(crate) fn call_size(id: Option<RequestId>, method: &str, params: Option<&str>) -> usize {
    call_parts(id, method).len() + params.map_or(0, |params| params.len().saturating_add(PARAMS.len())) + 1
}

const PARAMS: &str = ",\"params\":";

/// A request (with an id) or notification (without), as a line.
pub(crate) fn call(id: Option<RequestId>, method: &str, params: Option<&str>) -> Vec<u8> {
    let size = call_size(id, method, params).saturating_add(1);
    let mut line = Vec::with_capacity(size);
    line.extend_from_slice(call_parts(id, method).as_bytes());
    if let Some(params) = params {
        line.extend_from_slice(PARAMS.as_bytes());
        // Outside of strings JSON may hold newlines, which a line must not;
        // inside of strings they are always escaped. So a space will do.
        line.extend(params.bytes().map(|byte| match byte {
            b'\n' | b'\r' => b' ',
            byte => byte,
        }));
    }
    line.extend_from_slice(b"}\n");
    line
}

fn call_parts(id: Option<RequestId>, method: &str) -> String {
    let method = json::quoted(method);
    match id {
        Some(id) => format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{method}"#),
        None => format!(r#"{{"jsonrpc":"2.0","method":{method}"#),
    }
}

/// An empty result, as a line.
pub(crate) fn empty_result(id: &str) -> Vec<u8> {
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{}}}}\n").into_bytes()
}

/// An error answer, as a line.
pub(crate) fn error_answer(id: &str, code: i64, message: &str) -> Vec<u8> {
    let message = json::quoted(message);
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":{code},\"message\":{message}}}}}\n")
        .into_bytes()
}

/// Params of `notifications/cancelled` (MCP 2025-11-25,
/// basic/utilities/cancellation).
pub(crate) fn cancelled_params(id: RequestId, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!(r#"{{"requestId":{id},"reason":{}}}"#, json::quoted(reason)),
        None => format!(r#"{{"requestId":{id}}}"#),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(text: &str) -> String {
        match parse(text) {
            Ok(Message::Request { id, method }) => format!("request {id} {method}"),
            Ok(Message::Notification { method, params }) => {
                format!("notification {method} {params:?}")
            }
            Ok(Message::Response { id, answer }) => {
                let id = id.map_or("-", RawValue::get);
                match answer {
                    Answer::Result(raw) => format!("result {id} {raw}"),
                    Answer::Error(error) => format!("error {id} {}", error.code),
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
            (r#"{"jsonrpc":"2.0","id":1,"error":{"code":-5}}"#, "error 1 -5"),
            (r#"{"jsonrpc":"2.0","error":{"code":-5}}"#, "error - -5"),
            (r#"{"jsonrpc":"2.0","id":null,"error":{"code":-5}}"#, "error - -5"),
            (r#"{"id":1,"result":2}"#, r#"bad 1 jsonrpc is not "2.0""#),
            (r#"{"jsonrpc":2.0,"id":1,"result":2}"#, r#"bad 1 jsonrpc is not "2.0""#),
            (r#"{"jsonrpc":"2.0","id":1,"result":2,"error":{}}"#, "bad 1 both a result and an error"),
            (r#"{"jsonrpc":"2.0","id":1,"error":null}"#, "bad 1 an error without an integer code"),
            (r#"{"jsonrpc":"2.0","id":1,"error":{"code":1.5}}"#, "bad 1 an error without an integer code"),
            (r#"{"jsonrpc":"2.0","id":1}"#, "none no method, result or error"),
            (r#"{"jsonrpc":"2.0","method":1}"#, "none the method is not a string"),
            (r#"{"method":"GET","path":"/"}"#, r#"none jsonrpc is not "2.0""#),
            (r#"{"jsonrpc":"2.0","method":"a","result":1}"#, "none a method and a result or error"),
        ] {
            assert_eq!(describe(text), expected, "{text}");
        }
    }

    #[test]
    fn the_place_where_json_breaks_off_is_told() {
        let text = r#"{"id":1,"result":[1,}"#;
        let place = parse(text).unwrap_err().valid_up_to;
        assert!((20..=21).contains(&place), "{place}");
    }

    #[test]
    fn own_ids_are_known_in_every_common_spelling() {
        for text in ["5", "5.0", "5.000", "\"5\""] {
            assert_eq!(own_id(text), Some(RequestId(5)), "{text}");
        }
        for text in [
            "5.1",
            "-5",
            "+5",
            "null",
            "\"\"",
            "\"+5\"",
            "5e0",
            "[5]",
            "{}",
            "\"a\"",
            "99999999999999999999",
            ".",
        ] {
            assert_eq!(own_id(text), None, "{text}");
        }
    }

    #[test]
    fn a_call_is_one_line_and_its_size_is_known_before() {
        let params = "{\n \"a\" :\r\n \"b\\n\"}";
        for id in [None, Some(RequestId(12))] {
            for params in [None, Some(params)] {
                let line = call(id, "x/\"y\"\n", params);
                assert_eq!(line.len(), call_size(id, "x/\"y\"\n", params) + 1);
                assert_eq!(line.split(|&b| b == b'\n').count(), 2);
                assert!(!line.contains(&b'\r'));
                serde_json::from_slice::<serde_json::Value>(&line).unwrap();
            }
        }
        let line = call(None, "m", Some(params));
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{  \"a\" :   \"b\\n\"}}\n"
        );
    }
}
