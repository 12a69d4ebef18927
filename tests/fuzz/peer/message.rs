//! What a server may say, right and wrong.

use serde_json::value::RawValue;
use tenure_mcp_proto::RequestId;

use super::ledger::{End, Ledger};
use crate::bytes::Bytes;

/// An answer on a line of its own, and which request it must end, if any.
pub(super) struct Answer {
    pub(super) line: Vec<u8>,
    pub(super) expected: Option<End>,
}

/// The handshake's answer.
pub(super) fn initialized(version: &str) -> Vec<u8> {
    let mut line = format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"protocolVersion":"{version}","capabilities":{{}},"serverInfo":{{"name":"s","version":"1"}}}}}}"#
    );
    line.push('\n');
    line.into_bytes()
}

/// Values as odd as JSON may have them; none is longer than any limit here.
const VALUES: [&str; 16] = [
    "{}",
    r#"{"content":[{"type":"text","text":"a"}]}"#,
    r#"{"content":[{"type":"image","data":"AA==","mimeType":"x"},{"type":"new"}],"isError":true}"#,
    r#"{"structuredContent":{"n":1e999,"n":-0.0},"content":null}"#,
    r#"{"content":{}}"#,
    r#"{"isError":"true"}"#,
    r#"{"tools":[{"name":"a","inputSchema":{}}],"nextCursor":"2"}"#,
    r#"{"tools":[],"nextCursor":"\ud800"}"#,
    r#"{"tools":[],"nextCursor":"3"}"#,
    r#"{"tools":[{"name":1}]}"#,
    r#"{"resultType":"input_required"}"#,
    "null",
    "18446744073709551616",
    r#""\u0000\ud800 \"}\\""#,
    "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]",
    r#"{"id":3,"result":{},"jsonrpc":"2.0"}"#,
];

/// The answer to the modern era's first question.
pub(super) fn discovered() -> Vec<u8> {
    let capabilities = r#""capabilities":{"logging":{}}"#;
    let line = format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"resultType":"complete","supportedVersions":["2026-07-28"],{capabilities}}}}}"#
    );
    (line + "\n").into_bytes()
}

/// The server wants input for some request, in a way that may be right.
pub(super) fn wants(how: u8, ledger: &Ledger) -> Vec<u8> {
    let id =
        if how & 1 == 0 { ledger.answerable(how >> 4) } else { ledger.any(how >> 4).map(RequestId::as_u64) };
    let id = id.unwrap_or(2);
    let inputs = match (how >> 1) & 7 {
        0 | 1 => r#""inputRequests":{"a":{"method":"roots/list"}},"requestState":"s""#,
        2 => {
            r#""inputRequests":{"a":{"method":"roots/list"},"b":{"method":"roots/list","params":{"n":1.0}}}"#
        }
        3 => r#""requestState":"\u0041""#,
        4 => r#""inputRequests":{}"#,
        5 => r#""inputRequests":{"a":{"method":"sampling/createMessage"}}"#,
        6 => r#""inputRequests":{"a":{"method":"roots/list"},"\u0061":{"method":"roots/list"}}"#,
        _ => r#""inputRequests":{"a":5},"requestState":{}"#,
    };
    let line =
        format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"resultType":"input_required",{inputs}}}}}"#);
    (line + "\n").into_bytes()
}

/// The server tells something of a subscription, or ends one.
pub(super) fn tells(how: u8, ledger: &Ledger) -> Vec<u8> {
    let id = ledger.listen(how >> 4).unwrap_or(u64::from(how));
    let params = format!(
        r#"{{"_meta":{{"io.modelcontextprotocol/subscriptionId":{id}}},"notifications":{{"toolsListChanged":true}}}}"#
    );
    match how & 7 {
        0..=2 => notice("subscriptions/acknowledged", &params),
        3 | 4 => notice("tools/list_changed", &params),
        5 => notice("cancelled", &format!(r#"{{"requestId":{id}}}"#)),
        6 => format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{}}}}\n").into_bytes(),
        _ => format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":-32601}}}}\n").into_bytes(),
    }
}

/// A well-formed answer to a request that may be answered, or to one that may not.
pub(super) fn answer(bytes: &mut Bytes<'_>, ledger: &Ledger, limit: usize) -> Answer {
    let (whom, how) = (bytes.byte(), bytes.byte());
    let id = match whom & 3 {
        0 | 1 => ledger.answerable(whom >> 2),
        2 => ledger.any(whom >> 2).map(RequestId::as_u64),
        _ => None,
    };
    let id = id.unwrap_or_else(|| u64::from(whom >> 2) + 2);
    let written = match how & 3 {
        0 | 1 => id.to_string(),
        2 => format!("{id}.0"),
        _ => format!("\"{id}\""),
    };
    let value = VALUES.get(usize::from(how >> 4)).copied().unwrap_or("{}");
    let (line, end) = match (how >> 2) & 3 {
        0 => (
            format!(r#"{{"jsonrpc":"2.0","id":{written},"result":{value}}}"#),
            End::Result(id, value.to_owned()),
        ),
        1 => (
            format!(r#"{{"error":null,"result":{value},"id":{written},"jsonrpc":"2.0"}}"#),
            End::Result(id, value.to_owned()),
        ),
        2 => {
            // Half of them in an odd way.
            let number = i64::from(how >> 4);
            let (code, read) = match how >> 4 {
                kind @ 8..=11 => (format!("-{kind}.0"), Some(-number)),
                kind @ 12..=13 => (format!("\"-{kind}\""), Some(-number)),
                14 => ("10000000000000000000000".to_owned(), None),
                15 => ("null".to_owned(), None),
                _ => (format!("-{number}"), Some(-number)),
            };
            let error =
                format!(r#"{{"jsonrpc":"2.0","id":{written},"error":{{"code":{code},"message":"m"}}}}"#);
            (error, End::Server(id, read))
        }
        _ => {
            let fill = "x".repeat(limit);
            (format!(r#"{{"jsonrpc":"2.0","result":"{fill}","id":{written}}}"#), End::TooLarge(id))
        }
    };
    Answer { line: (line + "\n").into_bytes(), expected: ledger.is_answerable(id).then_some(end) }
}

/// How far some request is.
pub(super) fn progress(how: u8, ledger: &Ledger) -> Vec<u8> {
    let id = ledger.answerable(how >> 2).unwrap_or(2);
    let token = match how & 3 {
        0 | 1 => id.to_string(),
        2 => format!("\"{id}\""),
        _ => "\"mine\"".to_owned(),
    };
    notice("progress", &format!(r#"{{"progressToken":{token},"progress":{how}.5}}"#))
}

/// The server asks for something, with one of a few ids.
pub(super) fn ask(how: u8) -> Vec<u8> {
    let id = server_id(how);
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"roots/list\"}}\n").into_bytes()
}

/// The server wants no answer any more to what it asked for, or never did.
pub(super) fn cancelled(how: u8) -> Vec<u8> {
    let id = server_id(how);
    notice("cancelled", &format!(r#"{{"requestId":{id},"reason":"r"}}"#))
}

fn server_id(how: u8) -> String {
    match how & 7 {
        0..=3 => how.to_string(),
        4 => "\"a\"".to_owned(),
        5 => "1.0".to_owned(),
        6 => "\"1\"".to_owned(),
        _ => "null".to_owned(),
    }
}

fn notice(name: &str, params: &str) -> Vec<u8> {
    let line = format!(r#"{{"jsonrpc":"2.0","method":"notifications/{name}","params":{params}}}"#);
    (line + "\n").into_bytes()
}

/// Params that a token goes into, or that have one.
pub(super) fn params_with_meta(how: u8) -> Option<Box<RawValue>> {
    let text = match how >> 2 {
        0 => return None,
        1 => r#"{"name":"t"}"#,
        2 => r#"{"_meta":{ "n":1.00},"name":"t"}"#,
        _ => r#"{"_meta":{"progressToken":"mine"}}"#,
    };
    Some(raw(text.to_owned()))
}

/// Any message, right or wrong, with or without its newline.
pub(super) fn any(bytes: &mut Bytes<'_>, ledger: &Ledger, limit: usize) -> Vec<u8> {
    let (kind, whom, what) = (bytes.byte(), bytes.byte(), bytes.byte());
    let id = id(whom, ledger);
    let value = VALUES.get(usize::from(what & 15)).copied().unwrap_or("{}");
    let fill = "x".repeat(limit.saturating_sub(usize::from(what & 127)));
    let text = match kind & 31 {
        0 => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{value}}}"#),
        1 => format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{value}}}"#),
        2 => format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{value},"message":{value}}}}}"#),
        3 => format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-1}},"result":{value}}}"#),
        4 => format!(r#"{{"jsonrpc":"1.0","id":{id},"result":{value}}}"#),
        5 => format!(r#"{{"id":{id},"result":{value}}}"#),
        6 | 7 => format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#),
        8 => format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"roots/list","params":{value}}}"#),
        9 => format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{value}}}"#),
        10 | 11 => format!(r#"{{"jsonrpc":"2.0","method":"notifications/x","params":{value}}}"#),
        12 => format!(r#"{{"jsonrpc":"2.0","method":"{fill}"}}"#),
        13 => format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{fill}"}}"#),
        14 => format!(r#"{{"jsonrpc":"2.0","method":"ping","a":"{fill}","id":{id}}}"#),
        15 => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"{fill}"}}"#),
        16 => format!(r#"{{"result":{{"id":2,"a":"{fill}"}},"id":{id},"jsonrpc":"2.0"}}"#),
        17 => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"{fill}""#),
        18 => format!(r#"{{"jsonrpc":"2.0","id":2,"id":{id},"result":{value}}}"#),
        19 => format!(r#"{{"jsonrpc":"2.0","\u0069d":{id},"result":{value}}}"#),
        20 => format!(
            r#"[{{"jsonrpc":"2.0","id":{id},"result":{value}}},{{"jsonrpc":"2.0","id":3,"result":0}}]"#
        ),
        21 => format!(r#"[{{"jsonrpc":"2.0","id":{id},"method":"ping"}},{value}]"#),
        22 => "[]".to_owned(),
        23 => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{}"#, "[".repeat(150)),
        24 => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{value}}} {{}}"#),
        25 => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{value}"#),
        26 => format!(r#"{{"jsonrpc":"2.0","error":{{"code":-32700,"message":{value}}}}}"#),
        27 => format!(
            r#"{{"jsonrpc":"2.0","id":null,"error":{{"code":-32602,"message":"m","data":{{"supported":["a",{value}]}}}}}}"#
        ),
        28 => format!(
            r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":-32022,"message":"m","data":{{"supported":["a",{value}]}}}}}}"#
        ),
        29 => return initialized("2099-01-01"),
        30 => return initialized("2025-06-18"),
        _ => format!(
            r#"{{"jsonrpc":"2.0","id":1,"result":{{"protocolVersion":{value},"capabilities":{value}}}}}"#
        ),
    };
    let mut line = text.into_bytes();
    if kind & 32 != 0 {
        // Not UTF-8 behind what could be read.
        line.push(0xff);
    }
    if kind & 64 == 0 {
        line.push(b'\n');
    }
    line
}

/// An id that somebody has, had, will have, or that is none.
fn id(whom: u8, ledger: &Ledger) -> String {
    let which = whom >> 4;
    match whom & 15 {
        0..=3 => ledger.answerable(which).unwrap_or(2).to_string(),
        4 | 5 => ledger.any(which).map_or(2, RequestId::as_u64).to_string(),
        6 => u64::from(which).to_string(),
        7 => format!("{}.000", ledger.answerable(which).unwrap_or(2)),
        8 => format!("\"{}\"", ledger.answerable(which).unwrap_or(2)),
        9 => "18446744073709551616".to_owned(),
        10 => "null".to_owned(),
        11 => "{\"id\":2}".to_owned(),
        12 => "-1".to_owned(),
        13 => format!("\"{}\"", "9".repeat(150)),
        14 => format!("\"{}\"", "é".repeat(600)),
        _ => "2e0".to_owned(),
    }
}

/// Params of a call.
pub(super) fn params(how: u8) -> Box<RawValue> {
    raw(format!(r#"{{"name":"{}", "arguments" : {{"n":1.00}}}}"#, "t".repeat(usize::from(how >> 2))))
}

/// Params that can't be sent, or have newlines, or are about as large as a message may be.
pub(super) fn odd_params(how: u8, limit: usize) -> Box<RawValue> {
    match how >> 4 {
        0 => raw("[1]".to_owned()),
        1 => raw("null".to_owned()),
        2 => raw("{\n\"a\"\r\n:\t\"\\n\"}".to_owned()),
        more => {
            let length = limit.saturating_sub(usize::from(more) * 16);
            raw(format!(r#"{{"a":"{}"}}"#, "x".repeat(length)))
        }
    }
}

fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).expect("it is JSON")
}
