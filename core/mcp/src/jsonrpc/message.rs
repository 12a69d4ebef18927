//! JSON-RPC 2.0 messages: what a text is, and how one is written (MCP 2025-11-25, basic, "Messages").
//!
//! No message written here holds a newline, so that any carrier that delimits messages by newlines can have
//! them as they are.

use serde_json::value::RawValue;

use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::json;

/// What may be asked of nobody here (JSON-RPC 2.0, section 5.1).
pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
/// What can't be read as a request (JSON-RPC 2.0, section 5.1).
pub(crate) const INVALID_REQUEST: i64 = -32600;

/// An error answer of the server, as it sent it (JSON-RPC 2.0, section 5.1).
#[derive(Clone, Debug, thiserror::Error)]
#[error("the server answered error {code}: {message}")]
pub struct ServerError {
    /// The error's code.
    pub code: i64,
    /// The error's message.
    pub message: String,
    /// The error's data, byte for byte.
    pub data: Option<Box<RawValue>>,
}

/// A message, borrowing from its text.
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

/// A text that is no message.
#[derive(Debug)]
pub(crate) struct NoMessage {
    pub(crate) reason: String,
    /// Where the JSON text breaks off, in bytes; its whole length if it is valid JSON.
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

/// Bytes of a request or notification, before it is built.
pub(crate) fn call_size(id: Option<RequestId>, method: &str, params: Option<&str>) -> usize {
    let params = params.map_or(0, |params| params.len().saturating_add(PARAMS.len()));
    call_head(id, method).len().saturating_add(params).saturating_add(1)
}

const PARAMS: &str = ",\"params\":";

/// A request (with an id) or notification (without).
pub(crate) fn call(id: Option<RequestId>, method: &str, params: Option<&str>) -> Vec<u8> {
    let mut message = with_room_for(call_size(id, method, params));
    message.extend_from_slice(call_head(id, method).as_bytes());
    if let Some(params) = params {
        message.extend_from_slice(PARAMS.as_bytes());
        // Outside of strings JSON may hold newlines, which a message here must not; inside of strings they
        // are always escaped. So a space will do.
        message.extend(params.bytes().map(|byte| match byte {
            b'\n' | b'\r' => b' ',
            byte => byte,
        }));
    }
    message.push(b'}');
    message
}

fn call_head(id: Option<RequestId>, method: &str) -> String {
    let method = json::quoted(method);
    match id {
        Some(id) => format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{method}"#),
        None => format!(r#"{{"jsonrpc":"2.0","method":{method}"#),
    }
}

/// A result, as the answer to the peer's request `id`.
pub(crate) fn result_answer(id: &str, result: &str) -> Vec<u8> {
    answer(id, &format!(r#""result":{result}"#))
}

/// An error, as the answer to the peer's request `id`.
pub(crate) fn error_answer(id: &str, code: i64, message: &str) -> Vec<u8> {
    let message = json::quoted(message);
    answer(id, &format!(r#""error":{{"code":{code},"message":{message}}}"#))
}

fn answer(id: &str, outcome: &str) -> Vec<u8> {
    let text = format!(r#"{{"jsonrpc":"2.0","id":{id},{outcome}}}"#);
    let mut message = with_room_for(text.len());
    message.extend_from_slice(text.as_bytes());
    message
}

/// What delimits messages on their carrier, a newline mostly, has room behind the message.
fn with_room_for(size: usize) -> Vec<u8> {
    Vec::with_capacity(size.saturating_add(1))
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
    fn the_place_where_json_breaks_off_is_known() {
        let text = r#"{"id":1,"result":[1,}"#;
        let place = parse(text).unwrap_err().valid_up_to;
        assert!((20..=21).contains(&place), "{place}");
    }

    #[test]
    fn a_call_holds_no_newline_and_its_size_is_known_before() {
        let params = "{\n \"a\" :\r\n \"b\\n\"}";
        for id in [None, Some(RequestId(12))] {
            for params in [None, Some(params)] {
                let message = call(id, "x/\"y\"\n", params);
                assert_eq!(message.len(), call_size(id, "x/\"y\"\n", params));
                assert!(!message.contains(&b'\n') && !message.contains(&b'\r'));
                serde_json::from_slice::<serde_json::Value>(&message).unwrap();
            }
        }
        let message = call(None, "m", Some(params));
        assert_eq!(
            String::from_utf8(message).unwrap(),
            "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{  \"a\" :   \"b\\n\"}}"
        );
    }

    #[test]
    fn each_message_has_room_for_what_delimits_it() {
        for mut message in [
            call(Some(RequestId(1)), "m", Some("{}")),
            call(None, "m", None),
            result_answer("1", "{}"),
            error_answer("1", -1, "no"),
        ] {
            let place = message.as_ptr();
            message.push(b'\n');
            assert_eq!(message.as_ptr(), place);
        }
    }
}
