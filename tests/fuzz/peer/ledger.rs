//! What the client asked for, and how each of it ended.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::value::RawValue;
use tenure_mcp_proto::pages::ToolPages;
use tenure_mcp_proto::types::{CallToolResult, Progress, Raw};
use tenure_mcp_proto::{CallError, Cancel, Connection, Event, RequestId};

use super::asks::Asks;
use super::bounds::{ASKED, EVENTS, IN_FLIGHT, ROUNDS};

#[derive(Debug)]
struct Fate {
    id: RequestId,
    method: &'static str,
    /// The ids under which it was written, one for each round.
    rounds: Vec<u64>,
    written: bool,
    given_up: bool,
    ended: bool,
    /// How far it is, if that is to be told: in thousandths.
    progress: Option<i64>,
}

/// What a line is that was written.
pub(super) enum Written {
    /// A request or notification, of so many bytes.
    Call(usize),
    /// An answer to the server, or a notice that a request was given up.
    Reply,
    /// A request of the connection's own.
    Own,
}

/// What can be read in what is written.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: Option<String>,
    params: Option<HeadParams>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct HeadParams {
    #[serde(rename = "requestId")]
    request_id: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The handshake was begun, and has ended in one way or the other.
    pub(super) started: bool,
    pub(super) opened: bool,
    pub(super) asks: Asks,
    fates: BTreeMap<u64, Fate>,
    /// All ids of requests that were written.
    wire: BTreeSet<u64>,
    /// Those of requests that stay open for what the server has to tell.
    listens: BTreeSet<u64>,
}

/// How a request ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Result(u64, String),
    Server(u64, Option<i64>),
    TooLarge(u64),
    Other(u64),
}

impl Ledger {
    pub(super) fn accepted(&mut self, id: RequestId, method: &'static str) {
        let last = self.fates.last_key_value().map_or(1, |(last, _)| *last);
        assert!(id.as_u64() > last, "{id} after {last}");
        let fate = Fate {
            id,
            method,
            rounds: Vec::new(),
            written: false,
            given_up: false,
            ended: false,
            progress: None,
        };
        self.fates.insert(id.as_u64(), fate);
    }

    /// The progress of this request is to be told.
    pub(super) fn wants_progress(&mut self, id: RequestId) {
        if let Some(fate) = self.fates.get_mut(&id.as_u64()) {
            fate.progress = Some(i64::MIN);
        }
    }

    fn moved(&mut self, id: RequestId, progress: &Progress, said: &[u8]) {
        let fate = self.fates.get_mut(&id.as_u64()).expect("progress is of a request that was accepted");
        // It may have come before the request was given up.
        assert!(fate.written && !fate.ended, "{fate:?} has {progress:?}");
        assert!(contains(said, progress.raw.get().as_bytes()), "{fate:?} has what nobody said: {progress:?}");
        let token = progress.token.get().trim_matches('"');
        let is_own = token == "mine" || fate.rounds.iter().any(|round| round.to_string() == token);
        assert!(is_own, "{fate:?} has that of another: {progress:?}");
        let before = fate.progress.expect("progress was asked for");
        #[allow(clippy::cast_possible_truncation, reason = "what the server says here is small")]
        let now = (progress.progress * 1000.0) as i64;
        // It begins anew with each round.
        assert!(now > before || fate.rounds.len() > 1, "{fate:?} goes back to {now}");
        fate.progress = Some(now);
    }

    /// One of all requests there ever were.
    pub(super) fn any(&self, which: u8) -> Option<RequestId> {
        let index = usize::from(which & 127).checked_rem(self.fates.len())?;
        self.fates.values().rev().nth(index).map(|fate| fate.id)
    }

    /// One of the requests that the server may answer.
    pub(super) fn answerable(&self, which: u8) -> Option<u64> {
        let open: Vec<_> =
            self.fates.values().filter(|fate| fate.written && !fate.given_up && !fate.ended).collect();
        let index = usize::from(which).checked_rem(open.len())?;
        open.get(index).and_then(|fate| fate.rounds.last().copied())
    }

    pub(super) fn is_answerable(&self, id: u64) -> bool {
        self.fates.values().any(|fate| fate.rounds.last() == Some(&id) && !fate.given_up && !fate.ended)
    }

    pub(super) fn open(&self) -> usize {
        self.fates.values().filter(|fate| !fate.ended).count()
    }

    pub(super) fn cancelled(&mut self, id: RequestId, cancel: Cancel) {
        let fate = self.fates.get_mut(&id.as_u64()).expect("it was accepted");
        match cancel {
            Cancel::Unsent => assert!(!fate.written, "{fate:?} was cancelled as unsent"),
            Cancel::Notified => assert!(fate.written, "{fate:?} was cancelled as sent"),
            Cancel::BetweenRounds => assert!(fate.written, "{fate:?} was cancelled between its rounds"),
            _ => return,
        }
        assert!(!fate.given_up && !fate.ended, "{fate:?} was cancelled");
        fate.given_up = true;
    }

    /// What is written is one line of JSON, and each request is written at most once and only while wanted.
    pub(super) fn written(&mut self, line: &[u8], request: Option<RequestId>) -> Written {
        let line = std::str::from_utf8(line).expect("what is written is UTF-8");
        let body = line.strip_suffix('\n').expect("what is written is a line");
        assert!(!body.contains(['\n', '\r']), "a newline in {line:?}");
        let json: Result<&RawValue, _> = serde_json::from_str(body);
        assert!(json.is_ok(), "no JSON is written: {line:?}");
        let head: Head<'_> = serde_json::from_str(body).expect("what is written is a message");
        match (head.method.as_deref(), head.id) {
            (Some("notifications/cancelled"), None) => {
                let id = head.params.and_then(|params| params.request_id).expect("a notice names a request");
                assert!(self.wire.contains(&id), "the server gets a notice that {id} was given up");
                Written::Reply
            }
            (Some(_), Some(id)) => {
                let id: u64 = serde_json::from_str(id.get()).expect("ours are numbers");
                assert!(self.wire.insert(id), "{id} is written again: {line:?}");
                let of = request.expect("it makes a request").as_u64();
                let Some(fate) = self.fates.get_mut(&of) else {
                    let method = head.method.unwrap_or_default();
                    return self.own(id, of, &method, body.len());
                };
                assert!(fate.rounds.len() <= ROUNDS && !fate.given_up && !fate.ended, "{fate:?} is written");
                assert_eq!(fate.written, id != of, "{fate:?} is written under the id {id}");
                assert_eq!(head.method.as_deref(), Some(fate.method), "{fate:?} is written");
                fate.written = true;
                fate.rounds.push(id);
                Written::Call(body.len())
            }
            (Some(_), None) => Written::Call(body.len()),
            (None, _) => {
                self.asks.written(head.result);
                Written::Reply
            }
        }
    }

    /// A request of the connection's own is written.
    fn own(&mut self, id: u64, of: u64, method: &str, length: usize) -> Written {
        assert_eq!(id, of, "{method}");
        match method {
            "initialize" | "server/discover" if id == 1 => Written::Call(length),
            "subscriptions/listen" => {
                self.listens.insert(id);
                Written::Own
            }
            "resources/subscribe" | "resources/unsubscribe" => Written::Own,
            _ => panic!("{method} is written, which nobody asked for"),
        }
    }

    /// A request that stays open for what the server has to tell, or did.
    pub(super) fn listen(&self, which: u8) -> Option<u64> {
        let index = usize::from(which).checked_rem(self.listens.len())?;
        self.listens.iter().rev().nth(index).copied()
    }

    /// Takes all events; gives back which requests ended, and how. They are all that was held, so the bounds
    /// of what may be held are those of what comes out.
    pub(super) fn take_events(
        &mut self,
        connection: &mut Connection,
        said: &[u8],
        pages: &mut ToolPages,
        limit: usize,
    ) -> Vec<End> {
        let mut ends = Vec::new();
        let (mut unsolicited, mut bytes) = (0, 0);
        while let Some(event) = connection.poll_event() {
            match event {
                Event::Ready(_) | Event::HandshakeFailed(_) => {
                    assert!(self.started && !self.opened, "the handshake ended twice: {event:?}");
                    self.opened = true;
                }
                Event::Response { id, result } => ends.push(self.ended(id, result, said, pages)),
                Event::Notification { method, params } => {
                    unsolicited += 1;
                    bytes += method.len() + params.map_or(0, |params| params.get().len());
                }
                Event::Progress { id, progress } => {
                    unsolicited += 1;
                    bytes += progress.raw.get().len();
                    self.moved(id, &progress, said);
                }
                Event::Request { id, method, params, call } => {
                    assert!(
                        call.is_none_or(|call| self.fates.contains_key(&call.as_u64())),
                        "{id} is for nobody"
                    );
                    unsolicited += 1;
                    bytes += method.len() + params.map_or(0, |params| params.get().len());
                    self.asks.handed_out(id);
                }
                Event::RequestCancelled { id, .. } => self.asks.cancelled(id),
                Event::ProtocolError(_) => unsolicited += 1,
                _ => {}
            }
        }
        if let Some(came) = connection.received_instead() {
            let safe = !came.excerpt.contains(|char: char| char.is_control());
            assert!(safe && came.excerpt.chars().count() <= 121, "{:?}", came.excerpt);
        }
        assert!(connection.asked() <= ASKED, "{} requests of the server wait", connection.asked());
        assert!(ends.len() <= IN_FLIGHT, "{} answers were held", ends.len());
        assert!(unsolicited <= EVENTS, "{unsolicited} events were held that nobody asked for");
        assert!(bytes <= limit, "{bytes} bytes of notifications were held");
        ends
    }

    fn ended(
        &mut self,
        id: RequestId,
        result: Result<Raw, CallError>,
        said: &[u8],
        pages: &mut ToolPages,
    ) -> End {
        let fate = self.fates.get_mut(&id.as_u64()).expect("a request that was accepted ends");
        assert!(!fate.ended, "{fate:?} ended again: {result:?}");
        fate.ended = true;
        let id = fate.rounds.last().copied().unwrap_or(id.as_u64());
        match result {
            Ok(result) => {
                assert!(fate.written && !fate.given_up, "{fate:?} got {result}");
                let text = result.get().to_owned();
                assert!(contains(said, text.as_bytes()), "{fate:?} got what nobody said: {text}");
                look_into(fate.method, result, pages);
                End::Result(id, text)
            }
            Err(CallError::Server(error)) => {
                assert!(fate.written && !fate.given_up, "{fate:?} got {error}");
                assert!(contains(said, error.raw.get().as_bytes()), "{fate:?} got what nobody said: {error}");
                End::Server(id, error.code)
            }
            Err(CallError::TooLarge { .. }) => End::TooLarge(id),
            Err(error) => {
                let cancelled = matches!(error, CallError::Cancelled);
                assert!(cancelled || !fate.given_up, "{fate:?} was given up and got {error}");
                if let CallError::ConnectionLost { sent } = error {
                    assert_eq!(sent, fate.written, "{fate:?}");
                }
                End::Other(id)
            }
        }
    }

    pub(super) fn all_ended(&self) {
        assert_eq!(self.started, self.opened, "the handshake never ended");
        let open: Vec<_> = self.fates.values().filter(|fate| !fate.ended).collect();
        assert!(open.is_empty(), "never ended: {open:?}");
        self.asks.all_ended();
    }
}

fn contains(said: &[u8], text: &[u8]) -> bool {
    said.windows(text.len().max(1)).any(|window| window == text)
}

/// The typed views take anything too.
fn look_into(method: &str, result: Raw, pages: &mut ToolPages) {
    let text = result.get().to_owned();
    if method == ToolPages::METHOD {
        let complete = pages.next_params().is_none();
        let handled = pages.handle_page(result);
        assert!(handled.is_err() || !complete, "a page after the last");
        assert!(handled.is_ok() || pages.next_params().is_none(), "it goes on after {handled:?}");
    } else {
        match CallToolResult::from_raw(result) {
            Ok(view) => assert_eq!(view.raw.get(), text, "the view's raw text"),
            Err(error) => assert_eq!(error.raw().get(), text, "the error's raw text"),
        }
    }
}
