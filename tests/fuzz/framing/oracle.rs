//! What a stream of lines must be heard as, by one who sees the whole of it.
//!
//! It claims what the specification says and no more: of a line that is no message, that it is reported
//! once; of the messages that it can read itself, everything.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tenure_mcp_proto::{CallError, Event, ProtocolError};

use crate::wire::OnLines;

/// An event or an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Heard {
    Notification(String, Option<String>),
    Result(u64, String),
    TooLarge(u64),
    Lost(u64),
    /// A call that failed in another way.
    Failed(u64, String),
    Fault(ProtocolError),
    Answer(Vec<u8>),
    Other(String),
}

impl Heard {
    const fn ended(&self) -> Option<u64> {
        match self {
            Self::Result(id, _) | Self::TooLarge(id) | Self::Lost(id) | Self::Failed(id, _) => Some(*id),
            _ => None,
        }
    }
}

/// All that a connection has to say. What is sent to the server stands behind the events.
pub(super) fn hear(connection: &mut OnLines) -> Vec<Heard> {
    let mut heard = Vec::new();
    while let Some(event) = connection.poll_event() {
        heard.push(match event {
            Event::Notification { method, params } => {
                Heard::Notification(method, params.map(|params| params.get().to_owned()))
            }
            Event::Response { id, result } => match result {
                Ok(result) => Heard::Result(id.as_u64(), result.get().to_owned()),
                Err(CallError::TooLarge { .. }) => Heard::TooLarge(id.as_u64()),
                Err(CallError::ConnectionLost { sent: true }) => Heard::Lost(id.as_u64()),
                Err(error) => Heard::Failed(id.as_u64(), error.to_string()),
            },
            Event::ProtocolError(fault) => Heard::Fault(fault),
            other => Heard::Other(format!("{other:?}")),
        });
    }
    heard.extend(std::iter::from_fn(|| connection.poll_line()).map(Heard::Answer));
    heard
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notification<'a> {
    jsonrpc: String,
    method: String,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer<'a> {
    jsonrpc: String,
    id: u64,
    #[serde(borrow)]
    result: &'a RawValue,
}

/// `null` is a value too.
fn present<'de: 'a, 'a, D: serde::Deserializer<'de>>(json: D) -> Result<Option<&'a RawValue>, D::Error> {
    Deserialize::deserialize(json).map(Some)
}

pub(super) struct Oracle {
    limit: usize,
    batches: bool,
    /// Requests in flight.
    open: BTreeSet<u64>,
}

impl Oracle {
    pub(super) fn new(limit: usize, started: bool, batches: bool) -> Self {
        let open = if started { BTreeSet::from([2, 3, 4]) } else { BTreeSet::new() };
        Self { limit, batches, open }
    }

    /// Holds what was heard after each line, and after the end, against the stream.
    pub(super) fn check(mut self, stream: &[u8], heard: &[Vec<Heard>]) {
        let mut heard = heard.iter();
        for line in stream.split_inclusive(|byte| *byte == b'\n') {
            let heard = heard.next().expect("each line is heard");
            match line.strip_suffix(b"\n") {
                Some(line) => self.line(line, heard),
                None => assert!(heard.is_empty(), "heard before its newline: {heard:?}"),
            }
        }
        let tail = stream.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let end = heard.next().expect("the end is heard");
        let all_lost = |open: &BTreeSet<u64>| open.iter().map(|id| Heard::Lost(*id)).collect::<Vec<_>>();
        if tail.len() <= self.limit && is_whole(tail) {
            // It counts as if its newline had come, and then all that is open is lost.
            let place = end.iter().position(|heard| matches!(heard, Heard::Lost(_)));
            let (said, rest) = end.split_at(place.unwrap_or(end.len()));
            self.line(tail, said);
            assert_eq!(rest, all_lost(&self.open), "at the end, after {:?}", String::from_utf8_lossy(tail));
            return;
        }
        let mut expected = Vec::new();
        if tail.len() > self.limit || !tail.trim_ascii().is_empty() {
            let Some(Heard::Fault(ProtocolError::Unfinished { size, excerpt })) = end.first() else {
                panic!("{:?} was heard as {end:?}", String::from_utf8_lossy(tail));
            };
            assert!(excerpt.len() < 400, "an excerpt of {} bytes", excerpt.len());
            assert_eq!(*size, tail.len() as u64);
            expected.extend(end.first().cloned());
        }
        expected.extend(all_lost(&self.open));
        assert_eq!(end, &expected, "at the end, after {:?}", String::from_utf8_lossy(tail));
    }

    fn line(&mut self, line: &[u8], heard: &[Heard]) {
        let events: Vec<&Heard> = heard.iter().filter(|heard| !matches!(heard, Heard::Answer(_))).collect();
        let shown = || format!("{:?} was heard as {heard:?}", String::from_utf8_lossy(line));
        if line.len() > self.limit {
            self.oversized(line, &events, &shown);
        } else if line.trim_ascii().is_empty() {
            assert!(heard.is_empty(), "{}", shown());
        } else {
            self.message(line.trim_ascii(), &events, &shown);
        }
        for id in heard.iter().filter_map(Heard::ended) {
            assert!(self.open.remove(&id), "{id} is not in flight: {}", shown());
        }
    }

    fn oversized(&self, line: &[u8], events: &[&Heard], shown: &dyn Fn() -> String) {
        let fault = Heard::Fault(ProtocolError::Oversized { size: line.len() as u64, limit: self.limit });
        match serde_json::from_slice::<Answer<'_>>(line) {
            Ok(answer) if self.open.contains(&answer.id) => {
                assert_eq!(events, [&Heard::TooLarge(answer.id)], "{}", shown());
            }
            Ok(_) => assert_eq!(events, [&fault], "{}", shown()),
            // It may have been seen in passing whom it was for.
            Err(_) => assert!(events == [&fault] || matches!(events, [Heard::TooLarge(_)]), "{}", shown()),
        }
    }

    fn message(&self, line: &[u8], events: &[&Heard], shown: &dyn Fn() -> String) {
        if let Ok(Notification { jsonrpc, method, params }) = serde_json::from_slice(line)
            && jsonrpc == "2.0"
        {
            let params = params.map(|params| params.get().to_owned());
            assert_eq!(events, [&Heard::Notification(method, params)], "{}", shown());
        } else if let Ok(Answer { jsonrpc, id, result }) = serde_json::from_slice(line)
            && jsonrpc == "2.0"
        {
            if self.open.contains(&id) {
                assert_eq!(events, [&Heard::Result(id, result.get().to_owned())], "{}", shown());
            } else {
                assert!(is_fault(events), "{}", shown());
            }
        } else if line.starts_with(b"[") && std::str::from_utf8(line).is_ok() {
            if !self.batches {
                // Messages in it count, behind the fault.
                assert!(matches!(events, [Heard::Fault(ProtocolError::Batch), ..]), "{}", shown());
                let is_whole = line.ends_with(b"]") && !is_broken(line);
                assert!(is_whole || events.len() == 1, "{}", shown());
            }
        } else if is_broken(line) {
            // Whole messages on one line count, behind the fault.
            let several = line.ends_with(b"}") && matches!(events, [Heard::Fault(_), _, ..]);
            assert!(is_fault(events) || matches!(events, [Heard::Failed(..)]) || several, "{}", shown());
        } else {
            assert!(events.len() <= 1, "{}", shown());
        }
    }
}

/// Returns whether it is a JSON text that can't go on, with any white space around it.
fn is_whole(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    matches!(line.first(), Some(b'{' | b'[')) && serde_json::from_slice::<&RawValue>(line).is_ok()
}

/// Returns whether it is certainly no JSON text. Control characters in keys are passed over, as unknown keys are.
fn is_broken(line: &[u8]) -> bool {
    let passed_over = line.iter().any(|byte| *byte < b' ');
    std::str::from_utf8(line).is_err()
        || (!passed_over && serde_json::from_slice::<IgnoredAny>(line).is_err())
}

const fn is_fault(events: &[&Heard]) -> bool {
    matches!(events, [Heard::Fault(_)])
}
