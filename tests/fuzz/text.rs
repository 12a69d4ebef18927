//! Text of which each byte may mean a lot, and damage to text.

use crate::bytes::Bytes;

/// What the bytes from 0x80 on stand for in the output of a server.
const MESSAGES: [&[u8]; 48] = [
    b"{\"jsonrpc\":\"2.0\",",
    b"{\"jsonrpc\":\"2.0\",\"id\":",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"",
    b"{\"jsonrpc\":\"1.0\",",
    b"\"jsonrpc\":\"2.0\"",
    b"\"id\":",
    b",\"id\":",
    b"\"id\":2",
    b",\"id\":3",
    b"\"method\":\"",
    b",\"method\":\"",
    b"\"params\":{",
    b",\"params\":{",
    b"\"params\":[",
    b",\"result\":",
    b"\"result\":{",
    b",\"result\":{",
    b"\"error\":{\"code\":-1,\"message\":\"",
    b",\"error\":{\"code\":-32602,\"message\":\"",
    b",\"data\":",
    b"\"}",
    b"\"}}",
    b"}}",
    b"}\n",
    b"}}\n",
    b"\"}\n",
    b"\"}}\n",
    b"\r\n",
    b"\\u0069\\u0064",
    b"\\\\\"",
    b"\\\"",
    b"\\ud800",
    b"null",
    b"true",
    b"1e999",
    b"2.0",
    b"\"4\"",
    b"18446744073709551616",
    b"[[[[[[[[",
    b"]]]]]]]]",
    b"{\"a\":[",
    b"\xc3\xa9",
    b"\xff",
    b"\xe2\x82",
    b"ping",
    b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    b"[{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":0},",
    b"]\n",
];

/// Fills the line up to so many bytes before the limit as the next byte says: limits are where bugs are.
const FILL: u8 = 0xff;

/// What a server sends: plain bytes as they are, those from 0x80 on as what they stand for.
pub(crate) fn messages(mut bytes: Bytes<'_>, limit: usize) -> Vec<u8> {
    let mut text = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            FILL => {
                let line = text.iter().rev().take_while(|byte| **byte != b'\n').count();
                let fill = limit.saturating_sub(usize::from(bytes.byte() & 31)).saturating_sub(line);
                text.resize(text.len() + fill, b'x');
            }
            0x80.. => text.extend_from_slice(meaning(byte, &MESSAGES)),
            _ => text.push(byte),
        }
    }
    text
}

/// What the bytes from 0x80 on stand for in a trace: lines of one, and pieces of lines.
const TRACES: [&[u8]; 16] = [
    br#"{"tenure_trace":1,"config":{"seed":7,"connect_timeout":{"secs":60,"nanos":0},"finish_timeout":{"secs":5,"nanos":0},"stop_timeout":{"secs":3,"nanos":0},"abort_timeout":{"secs":2,"nanos":0},"discard_timeout":{"secs":1,"nanos":0},"keep_alive":"Never","max_age":null,"acquire_timeout":null,"probe":null,"retry":null,"max_waiting":1024,"max_orphans":4}}"#,
    br#"{"n":1,"t":0,"input":"Acquire","output":{"reply":{"Waiting":{"ticket":1}},"actions":[{"Connect":{"generation":1}}]}}"#,
    br#"{"n":2,"t":0,"input":"Timeout","output":{"reply":"Applied","actions":[]}}"#,
    br#"{"events":0,"checksum":"#,
    br#"{"events":2,"checksum":0}"#,
    br#"{"n":1,"t":"#,
    br#","input":{"RunnerReady":{"generation":"#,
    br#","input":{"Cancel":{"ticket":"#,
    br#","output":{"reply":"Stale","actions":[]}}"#,
    b"}}",
    b"\n",
    b"\r\n",
    b"18446744073709551615",
    b"\xff",
    br#"{"tenure_trace":2,"config":{}}"#,
    b"[[[[[[[[",
];

/// Plain bytes as they are, those from 0x80 on as what they stand for.
pub(crate) fn traces(bytes: Bytes<'_>) -> Vec<u8> {
    spelled(bytes, &TRACES)
}

/// What the bytes from 0x80 on stand for in a stream of events.
const EVENTS: [&[u8]; 32] = [
    b"data: ",
    b"data:",
    b"data",
    b"id: ",
    b"id:",
    b"id",
    b"event: ",
    b"event",
    b"event: message\n",
    b"event: endpoint\n",
    b"retry: ",
    b"retry: 9\n",
    b"retry: 600001\n",
    b"\n\n",
    b"\r\r",
    b"\r\n\r\n",
    b"\r\n",
    b"\n",
    b"\n\ndata: ",
    b": comment\n",
    b"\xef\xbb\xbf",
    b"\xef\xbb",
    b"\xff",
    b"\xc3\xa9",
    b"\0",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"n\"}",
    b"{\"jsonrpc\":\"2.0\",",
    b"\"method\":\"",
    b"\"}",
    b"id: 7\ndata: {}\n\n",
    b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    b"99999999999999999999",
];

/// A stream of events: plain bytes as they are, those from 0x80 on as what they stand for.
pub(crate) fn events(bytes: Bytes<'_>) -> Vec<u8> {
    spelled(bytes, &EVENTS)
}

/// What the bytes from 0x80 on stand for in addresses.
const ADDRESSES: [&[u8]; 16] = [
    b"http://",
    b"https://",
    b"http://localhost",
    b"https://a.b/c/d?e=f",
    b"[::1]",
    b"127.0.0.1",
    b":443",
    b":80",
    b"../",
    b"/./",
    b"//",
    b"?q=",
    b"%2e%2E",
    b"\xc3\xa4",
    b"\\",
    b"user:secret@",
];

/// Addresses: plain bytes as they are, those from 0x80 on as what they stand for.
pub(crate) fn addresses(bytes: Bytes<'_>) -> Vec<u8> {
    spelled(bytes, &ADDRESSES)
}

/// What the bytes from 0x80 on stand for in challenges.
const CHALLENGES: [&[u8]; 16] = [
    b"Bearer ",
    b"Basic realm=\"",
    b"realm=",
    b"scope=\"a b\"",
    b"error=invalid_token",
    b"resource_metadata=https://a/b?c=d",
    b"Negotiate a/b+c==",
    b", ",
    b"\\\"",
    b"\"",
    b"=\"",
    b"A1=1,A2=2,A3=3,A4=4,A5=5,A6=6,A7=7,A8=8",
    b"A, B, C, D, ",
    b"\xc3\xa4",
    b"\xff",
    b"\t",
];

/// Challenges: plain bytes as they are, those from 0x80 on as what they stand for.
pub(crate) fn challenges(bytes: Bytes<'_>) -> Vec<u8> {
    spelled(bytes, &CHALLENGES)
}

fn spelled(bytes: Bytes<'_>, words: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in bytes {
        match byte {
            0x80.. => text.extend_from_slice(meaning(byte, words)),
            _ => text.push(byte),
        }
    }
    text
}

/// Pieces of two lengths in turn.
pub(crate) fn pieces(stream: &[u8], lengths: [u8; 2]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = stream;
    for length in lengths.into_iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(usize::from(length).max(1).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn meaning<'a>(byte: u8, all: &[&'a [u8]]) -> &'a [u8] {
    all.iter().copied().cycle().nth(usize::from(byte & 0x7f)).unwrap_or_default()
}

/// Values that don't belong anywhere.
const STRANGE: [&[u8]; 14] = [
    b"0",
    b"1",
    b"2",
    b"3",
    b"-1",
    b"1.5",
    b"18446744073709551615",
    b"18446744073709551616",
    b"null",
    b"[]",
    b"{}",
    b"\"Off\"",
    b"\"Stop\"",
    b"{\"Pending\":{\"secs\":0,\"nanos\":0}}",
];

/// Words of snapshots and traces.
const WORDS: [&[u8]; 14] = [
    b"Idle",
    b"Connecting",
    b"Live",
    b"Draining",
    b"Closed",
    b"At",
    b"Pending",
    b"Finish",
    b"Abort",
    b"Acquire",
    b"Timeout",
    b"Connect",
    b"Applied",
    b"Stale",
];

/// Changes `text` somewhere, in one of many ways; sometimes to the same.
pub(crate) fn edit(text: &mut Vec<u8>, bytes: &mut Bytes<'_>) {
    let how = bytes.byte() & 7;
    let at = bytes.place(text.len());
    match how {
        0 => replace(text, at, 1, &[bytes.byte()]),
        1 => replace(text, at, usize::from(bytes.byte() & 31), b""),
        2 => replace(text, at, 0, &[bytes.byte()]),
        3 | 4 => {
            let at = find(text, at, u8::is_ascii_digit);
            let length = find(text, at, |byte| !byte.is_ascii_digit()) - at;
            replace(text, at, length, bytes.choose(&STRANGE).unwrap_or_default());
        }
        5 => {
            let at = find(text, at, u8::is_ascii_uppercase);
            let length = find(text, at, |byte| !byte.is_ascii_alphabetic()) - at;
            replace(text, at, length, bytes.choose(&WORDS).unwrap_or_default());
        }
        6 => {
            let at = find(text, at, |byte| *byte == b':') + 1;
            let length = find(text, at, |byte| matches!(byte, b',' | b'}')).saturating_sub(at);
            replace(text, at, length, bytes.choose(&STRANGE).unwrap_or_default());
        }
        _ => {
            let from = bytes.place(text.len());
            let piece: Vec<u8> = text.iter().skip(from).take(usize::from(bytes.byte())).copied().collect();
            replace(text, at, 0, &piece);
        }
    }
}

/// The first place from `at` on where `is` holds; the end if there is none.
fn find(text: &[u8], at: usize, is: impl Fn(&u8) -> bool) -> usize {
    let found = text.iter().skip(at).position(is);
    found.map_or(text.len(), |found| at.saturating_add(found)).max(at)
}

fn replace(text: &mut Vec<u8>, at: usize, length: usize, by: &[u8]) {
    let at = at.min(text.len());
    let end = at.saturating_add(length).min(text.len());
    text.splice(at..end, by.iter().copied());
}
