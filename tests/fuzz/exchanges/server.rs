//! What a server may answer over HTTP, right and wrong.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::bytes::Bytes;
use crate::text;

pub(super) const ORIGIN: &str = "https://example.test";
pub(super) const URL: &str = "https://example.test/mcp?key=1";
/// A header of the user's.
pub(super) const OWN: &str = "x-own";

pub(super) const JSON: &str = "application/json";
pub(super) const EVENTS: &str = "text/event-stream";

const STATUSES: [u16; 32] = [
    200, 200, 200, 200, 202, 204, 201, 206, 301, 302, 303, 307, 308, 304, 400, 401, 403, 404, 404, 405, 406,
    407, 408, 409, 410, 418, 429, 431, 500, 501, 503, 599,
];
const KINDS: [&str; 8] =
    [JSON, EVENTS, JSON, EVENTS, "Text/Event-Stream; charset=x", "text/html", "", "\u{fffd}"];
const SESSIONS: [&str; 6] = ["s-1", "s-2", "a b", "", "\u{e9}", "!~"];
const PATIENCE: [&str; 6] = ["0", "1", "18446744073709551615", "Fri, 27 Nov 2026 15:00:00 GMT", "-1", "x"];
const PLACES: [&str; 12] = [
    "/other",
    "?again",
    "",
    "https://example.test:443/x",
    "https://other.test/mcp",
    "http://example.test/mcp",
    "//other.test/x",
    "https://example.test.other.test/",
    "https://example.test@other.test/",
    "\\\\other.test/x",
    "https://[::1/",
    "../../../x#y",
];
const CHALLENGES: [&str; 6] = [
    "Bearer",
    "Bearer error=\"insufficient_scope\", scope=\"a b\"",
    "Bearer error=\"invalid_token\", error_description=\"\u{7}no\", Basic realm=\"a, b\"",
    "Bearer resource_metadata=\"https://other.test/.well-known\"",
    ",,=\"",
    "Negotiate dG9rZW4=",
];

/// A head as bytes choose it.
pub(super) fn head(bytes: &mut Bytes<'_>) -> (u16, HeaderMap) {
    let status = bytes.choose(&STATUSES).unwrap_or(200);
    let (what, how) = (bytes.byte(), bytes.byte());
    let mut headers = kind(bytes.choose(&KINDS).unwrap_or(JSON));
    let pick = |from: &[&'static str]| {
        let place = usize::from(how).checked_rem(from.len()).unwrap_or(0);
        from.get(place).copied().unwrap_or_default()
    };
    if what & 1 != 0 {
        put(&mut headers, "mcp-session-id", pick(&SESSIONS));
    }
    if what & 2 != 0 || (300..400).contains(&status) {
        put(&mut headers, "location", pick(&PLACES));
    }
    if what & 4 != 0 {
        put(&mut headers, "retry-after", pick(&PATIENCE));
    }
    if what & 8 != 0 || matches!(status, 401 | 403) {
        put(&mut headers, "www-authenticate", pick(&CHALLENGES));
    }
    if what == 0xff {
        put(&mut headers, "mcp-session-id", &"x".repeat(1025));
    }
    (status, headers)
}

pub(super) fn kind(kind: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if !kind.is_empty() {
        put(&mut headers, "content-type", kind);
    }
    headers
}

pub(super) fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    let value = HeaderValue::from_bytes(value.as_bytes());
    headers.extend(value.ok().map(|value| (HeaderName::from_static(name), value)));
}

/// What a message may be about.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    /// The request whose exchange it comes on, if it is one's.
    pub(super) own: Option<u64>,
    /// Another one.
    pub(super) other: Option<u64>,
}

const RESULTS: [&str; 8] = [
    "{}",
    r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"logging":{},"resources":{"subscribe":true}},"serverInfo":{"name":"s","version":"1"}}"#,
    r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"resources":{}}}"#,
    r#"{"content":[{"type":"text","text":"a"}]}"#,
    r#"{"tools":[{"name":"t","inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A"}}}}]}"#,
    r#"{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list"}},"requestState":"s"}"#,
    r#"{"protocolVersion":"1999-01-01","capabilities":{}}"#,
    "null",
];
const CODES: [i64; 8] = [-1, -32601, -32602, -32600, -32002, -32020, -32021, -32022];

/// The opening's answer, of the legacy or the modern era.
pub(super) fn hello(is_modern: bool, id: u64) -> String {
    let result = RESULTS.get(if is_modern { 2 } else { 1 }).copied().unwrap_or("{}");
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// A message of the server, well-formed mostly.
pub(super) fn message(bytes: &mut Bytes<'_>, about: About) -> String {
    let (what, how) = (bytes.byte(), bytes.byte());
    let own = about.own.unwrap_or(2);
    let other = about.other.unwrap_or(3);
    let value = RESULTS.get(usize::from(how & 7)).copied().unwrap_or("{}");
    let code = CODES.get(usize::from(how & 7)).copied().unwrap_or(-1);
    let result = |id: u64| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{value}}}"#);
    let error = |id: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"m","data":{{"supported":["2026-07-28","2025-11-25"]}}}}}}"#
        )
    };
    match what & 15 {
        0..=3 => result(own),
        4 => error(&own.to_string()),
        5 => error("null"),
        6 => result(other),
        7 => error(&other.to_string()),
        8 => format!("[{},{}]", result(own), result(other)),
        9 => format!(r#"{{"jsonrpc":"2.0","id":"a{how}","method":"roots/list"}}"#),
        10 => {
            format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{own},"progress":{how}}}}}"#
            )
        }
        11 => r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#.to_owned(),
        12 => format!(r#"{{"jsonrpc":"2.0","id":"tenure-{how}","result":{{}}}}"#),
        13 => format!(r#"{{"jsonrpc":"2.0","result":"{}","id":{own}}}"#, "x".repeat(2000)),
        14 => {
            format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{"_meta":{{"io.modelcontextprotocol/subscriptionId":{own}}},"notifications":{{"toolsListChanged":true}}}}}}"#
            )
        }
        _ => format!("<html>{how}"),
    }
}

/// A piece of a stream of events; ids say which stream they are of. Returns whether it is an event, whole.
pub(super) fn event(bytes: &mut Bytes<'_>, root: &str, about: About) -> (Vec<u8>, bool) {
    let (what, how) = (bytes.byte(), bytes.byte());
    let id = format!("id: {root}.{how}\n");
    match what & 7 {
        0 => (format!("{id}data:\n\n").into_bytes(), true),
        1 => (format!("retry: {}\n{id}data:\n\n", u32::from(how) * 100).into_bytes(), true),
        2 => (format!("data: {}\r\n\r\n", message(bytes, about)).into_bytes(), true),
        3 | 4 => (format!("{id}data: {}\n\n", message(bytes, about)).into_bytes(), true),
        5 => (b": still here\n\n".to_vec(), false),
        6 if how & 1 == 0 => ("event: endpoint\ndata: /messages?s=1\n\n".into(), true),
        6 if how & 2 == 0 => ("event: endpoint\ndata: https://other.test/messages\n\n".into(), true),
        6 => (format!("event: other\n{id}data: x\n\n").into_bytes(), true),
        _ => {
            let length = usize::from(how & 31);
            let raw = text::messages(Bytes::new(bytes.take(length)), 600);
            ([b"data: ", &*raw, b"\n\n"].concat(), true)
        }
    }
}
