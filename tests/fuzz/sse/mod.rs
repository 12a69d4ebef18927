//! Streams of events, split anyhow, through the exchanges of a session, against two oracles that see the whole stream.

use std::collections::BTreeMap;
use std::time::Duration;

use http::HeaderValue;
use serde_json::value::RawValue;
use tenure_mcp_proto::Eras;
use tenure_mcp_proto::http::{Failure, Stage};

use crate::bytes::Bytes;
use crate::http::{Heard, NOW, Session};
use crate::text;

mod library;
mod whole;

use whole::{Said, Whole};

/// Streams up to this length are split at every boundary.
const EVERY: usize = 32;
/// What is waited for a stream that broke, unless the server says otherwise, and what is waited at most.
const PAUSE: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(600);

/// A byte of limit, two bytes of where to split, then the stream. It ends before the answer.
///
/// Streams with what is more than one message to the session are left to its own tests: answers, which end the call,
/// requests, which count once, and arrays.
pub fn sse(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let (limit, cuts) = (usize::from(bytes.byte()), [bytes.byte(), bytes.byte()]);
    let stream = text::events(bytes);
    let replaced = String::from_utf8_lossy(&stream);
    if ["result", "error", "\"id\"", "\\u"].iter().any(|word| replaced.contains(word)) {
        return;
    }
    // What is no UTF-8 is longer when it is replaced.
    let limit = if replaced.len() == stream.len() { limit } else { 1 << 20 };

    let whole = Whole::of(&replaced);
    library::check(&replaced, &whole);
    if whole.events.iter().any(|event| event.data.trim_ascii().starts_with('[')) {
        return;
    }
    let outcome = heard(limit, [stream.as_slice()]);
    check(&whole, &outcome, limit);
    assert_eq!(heard(limit, stream.chunks(1)), outcome, "byte by byte");
    assert_eq!(heard(limit, text::pieces(&stream, cuts)), outcome, "in pieces of {cuts:?}");
    if stream.len() <= EVERY {
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            assert_eq!(heard(limit, [head, tail]), outcome, "split at {at}");
        }
    }
}

/// What a session heard of a stream, and what it does when the stream breaks.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// Messages; of what is none, a word.
    said: Vec<Result<String, String>>,
    /// Where it asks for the rest, and after which pause; `None` if it doesn't.
    again: Option<(HeaderValue, Duration)>,
}

fn heard<'a>(limit: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut session = Session::open(Eras::Legacy);
    let (exchange, _) = session.request("x", None).expect("it is sent");
    session.exchanges.set_max_message(limit);
    session.head(exchange, 200, Some("text/event-stream"));
    for piece in pieces {
        session.exchanges.body(NOW, exchange, piece);
    }
    let mut said = Vec::new();
    for heard in session.heard() {
        said.push(match heard {
            Heard::Message(bytes) => Ok(String::from_utf8(bytes).expect("what is no UTF-8 is replaced")),
            Heard::Oversized => Err("oversized".to_owned()),
            Heard::Fault(what) => Err(what),
            other => panic!("{other:?}"),
        });
    }
    let failure =
        Failure { stage: Stage::Body, was_reused: false, is_permanent: false, reason: "cut".to_owned() };
    session.exchanges.failed(NOW, exchange, failure);
    Outcome { said, again: again(&mut session) }
}

fn again(session: &mut Session) -> Option<(HeaderValue, Duration)> {
    let failed = session.heard();
    if !failed.is_empty() {
        assert!(matches!(failed.as_slice(), [Heard::Failed(_)]), "{failed:?}");
        assert!(session.opened().is_none());
        return None;
    }
    let due = session.exchanges.poll_timeout().expect("it waits");
    assert!(session.opened().is_none(), "before its time");
    session.exchanges.handle_timeout(due);
    let (_, request) = session.opened().expect("the rest is asked for");
    assert_eq!(request.method(), http::Method::GET);
    Some((request.headers().get("last-event-id").expect("a cursor").clone(), due.saturating_sub(NOW)))
}

fn check(whole: &Whole, outcome: &Outcome, limit: usize) {
    let expected = whole.events.iter().filter(|event| event.kind.is_empty() && !event.data.is_empty());
    let mut said = outcome.said.iter();
    for Said { data, .. } in expected {
        let said = said.next().unwrap_or_else(|| panic!("{data:?} was not heard"));
        if data.len() > limit {
            assert_eq!(said, &Err("oversized".to_owned()), "{data:?}");
        } else if is_message(data) {
            assert_eq!(said, &Ok(data.clone()));
        } else {
            let what = said.as_ref().expect_err("no message");
            assert!(what.len() < 1000 && what != "oversized", "{what}");
            if data.len() <= 60 && data.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                assert!(what.ends_with(data.as_str()), "{what:?} of {data:?}");
            }
        }
    }
    assert!(said.next().is_none(), "{outcome:?} of {whole:?}");

    let cursor = whole.cursor.as_deref().filter(|cursor| is_sendable(cursor));
    let pause = whole.retry.map_or(Some(PAUSE), |retry| Some(retry).filter(|retry| *retry <= PATIENCE));
    let again = cursor.zip(pause);
    let seen = outcome.again.as_ref().map(|(cursor, pause)| (cursor.as_bytes(), *pause));
    assert_eq!(seen, again.map(|(cursor, pause)| (cursor.as_bytes(), pause)), "{whole:?}");
}

/// A JSON object; whether it is a message in order is not looked at here.
fn is_message(data: &str) -> bool {
    serde_json::from_str::<BTreeMap<String, &RawValue>>(data.trim_ascii()).is_ok()
}

/// What can be the value of a header (RFC 9110, section 5.5).
fn is_sendable(cursor: &str) -> bool {
    let is_visible = |byte: u8| byte == b'\t' || (byte >= b' ' && byte != 0x7f);
    !cursor.is_empty()
        && cursor.len() <= 4096
        && cursor.bytes().all(is_visible)
        && cursor.trim_matches([' ', '\t']).len() == cursor.len()
}
