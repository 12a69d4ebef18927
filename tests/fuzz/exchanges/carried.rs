//! One exchange, and what became of it.

use std::collections::BTreeMap;

use serde::Deserialize;

use tenure_mcp_proto::http::{ExchangeId, Stage};

use super::message::Kind;

/// How far a request got, by what the server did with its exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    NotSent,
    Refused,
    Unknown,
}

/// What the head of an answer said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) has_location: bool,
    pub(super) has_retry_after: bool,
}

/// An exchange.
#[derive(Debug)]
pub(super) struct Carried {
    pub(super) kind: Kind,
    pub(super) is_safe: bool,
    /// Neither ended, nor broken, nor dropped.
    pub(super) is_open: bool,
    pub(super) head: Option<Head>,
    pub(super) failed: Option<(Stage, bool)>,
    /// The beginning of its body.
    pub(super) said: Vec<u8>,
    /// The stream from which this one was taken up, and how many of them were.
    pub(super) root: ExchangeId,
    pub(super) brought: bool,
}

impl Carried {
    /// Returns whether the same request may follow at once, for a reason of HTTP's.
    pub(super) fn excuses(&self) -> bool {
        let sent_away =
            self.head.is_some_and(|head| matches!(head.status, 301 | 302 | 307 | 308 | 401 | 403));
        sent_away || matches!(self.failed, Some((Stage::Sent | Stage::Unwritten, true)))
    }

    /// Returns whether it is a stream that may be held for as long as it likes: one to listen on, or an opening's.
    pub(super) fn is_held(&self, all: &BTreeMap<ExchangeId, Self>) -> bool {
        all.get(&self.root)
            .is_none_or(|root| matches!(root.kind, Kind::Stream { .. }) || root.kind.is_opening())
    }

    /// Returns whether its body is an error of its own request's, by which the server shows that it has read it.
    pub(super) fn is_answered(&self) -> bool {
        let Kind::Request { wire, .. } = self.kind else { return false };
        let answer: Option<Answer> = serde_json::from_slice(&self.said).ok();
        let error = answer.filter(|answer| answer.id == Some(wire)).and_then(|answer| answer.error);
        error.is_some_and(|error| matches!(error.code, -32601 | -32602 | -32002))
    }

    pub(super) fn level(&self) -> Level {
        match (self.failed, self.head) {
            (Some((stage, _)), None) if stage.is_unsent() => Level::NotSent,
            (Some(_), _) | (None, None) => Level::Unknown,
            (None, Some(head)) => match head.status {
                // An error that names no request may mean that the server knows the session no more.
                200..=299 if contains(&self.said, b"\"error\"") => Level::Refused,
                301 | 302 | 307 | 308 | 400 | 401 | 403 | 404 | 405 | 406 | 407 | 410 | 411 | 413 | 414
                | 415 | 417 | 421 | 425 | 426 | 428 | 429 | 431 | 451 | 501 => Level::Refused,
                _ => Level::Unknown,
            },
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    id: Option<u64>,
    error: Option<AnswerError>,
}

#[derive(Deserialize)]
struct AnswerError {
    code: i64,
}

/// Returns whether a text has this in it.
fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}
