//! What the client asked for, and how each of it ended.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use tenure_mcp_proto::pages::ToolPages;
use tenure_mcp_proto::types::CallToolResult;
use tenure_mcp_proto::{CallError, Cancel, Connection, Event, RequestId};

use super::{EVENTS, IN_FLIGHT};

#[derive(Debug)]
struct Fate {
    id: RequestId,
    method: &'static str,
    written: bool,
    given_up: bool,
    ended: bool,
}

/// What a line is that was written.
pub(super) enum Written {
    /// A request or notification, of so many bytes.
    Call(usize),
    /// An answer to the server, or a notice that a request was given up.
    Reply,
}

/// What can be read in what is written.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: Option<String>,
    params: Option<HeadParams>,
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
    fates: BTreeMap<u64, Fate>,
}

/// How a request ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Result(u64, String),
    Server(u64, i64),
    TooLarge(u64),
    Other(u64),
}

impl Ledger {
    pub(super) fn accepted(&mut self, id: RequestId, method: &'static str) {
        let last = self.fates.last_key_value().map_or(1, |(last, _)| *last);
        assert!(id.as_u64() > last, "{id} after {last}");
        let fate = Fate { id, method, written: false, given_up: false, ended: false };
        self.fates.insert(id.as_u64(), fate);
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
        open.get(index).map(|fate| fate.id.as_u64())
    }

    pub(super) fn is_answerable(&self, id: u64) -> bool {
        self.fates.get(&id).is_some_and(|fate| fate.written && !fate.given_up && !fate.ended)
    }

    pub(super) fn open(&self) -> usize {
        self.fates.values().filter(|fate| !fate.ended).count()
    }

    pub(super) fn cancelled(&mut self, id: RequestId, cancel: Cancel) {
        let fate = self.fates.get_mut(&id.as_u64()).expect("it was accepted");
        match cancel {
            Cancel::Unsent => assert!(!fate.written, "{fate:?} was cancelled as unsent"),
            Cancel::Notified => assert!(fate.written, "{fate:?} was cancelled as sent"),
            _ => return,
        }
        assert!(!fate.given_up && !fate.ended, "{fate:?} was cancelled");
        fate.given_up = true;
    }

    /// What is written is one line of JSON, and each request is written at most once and only while wanted.
    pub(super) fn written(&mut self, line: &[u8]) -> Written {
        let line = std::str::from_utf8(line).expect("what is written is UTF-8");
        let body = line.strip_suffix('\n').expect("what is written is a line");
        assert!(!body.contains(['\n', '\r']), "a newline in {line:?}");
        let json: Result<&RawValue, _> = serde_json::from_str(body);
        assert!(json.is_ok(), "no JSON is written: {line:?}");
        let head: Head<'_> = serde_json::from_str(body).expect("what is written is a message");
        match (head.method.as_deref(), head.id) {
            (Some("notifications/cancelled"), None) => {
                let id = head.params.and_then(|params| params.request_id).expect("a notice names a request");
                let fate = self.fates.get(&id).expect("a notice is of a request that was accepted");
                assert!(fate.written, "the server gets a notice that {fate:?} was given up");
                Written::Reply
            }
            (Some(_), Some(id)) => {
                let id: u64 = serde_json::from_str(id.get()).expect("ours are numbers");
                // The opening request is the connection's own, and no other is.
                let Some(fate) = self.fates.get_mut(&id) else {
                    assert_eq!((id, head.method.as_deref()), (1, Some("initialize")), "{line:?}");
                    return Written::Call(body.len());
                };
                assert!(!fate.written && !fate.given_up && !fate.ended, "{fate:?} is written");
                assert_eq!(head.method.as_deref(), Some(fate.method), "{fate:?} is written");
                fate.written = true;
                Written::Call(body.len())
            }
            (Some(_), None) => Written::Call(body.len()),
            (None, _) => Written::Reply,
        }
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
                Event::ProtocolError(_) => unsolicited += 1,
                _ => {}
            }
        }
        assert!(ends.len() <= IN_FLIGHT, "{} answers were held", ends.len());
        assert!(unsolicited <= EVENTS, "{unsolicited} events were held that nobody asked for");
        assert!(bytes <= limit, "{bytes} bytes of notifications were held");
        ends
    }

    fn ended(
        &mut self,
        id: RequestId,
        result: Result<Box<RawValue>, CallError>,
        said: &[u8],
        pages: &mut ToolPages,
    ) -> End {
        let fate = self.fates.get_mut(&id.as_u64()).expect("a request that was accepted ends");
        assert!(!fate.ended, "{fate:?} ended again: {result:?}");
        fate.ended = true;
        let id = id.as_u64();
        match result {
            Ok(result) => {
                assert!(fate.written && !fate.given_up, "{fate:?} got {result}");
                let text = result.get().to_owned();
                assert!(contains(said, text.as_bytes()), "{fate:?} got what nobody said: {text}");
                look_into(fate.method, result, pages);
                End::Result(id, text)
            }
            Err(CallError::Server { code, .. }) => {
                assert!(fate.written && !fate.given_up, "{fate:?} got {code}");
                End::Server(id, code)
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
    }
}

fn contains(said: &[u8], text: &[u8]) -> bool {
    said.windows(text.len().max(1)).any(|window| window == text)
}

/// The typed views take anything too.
fn look_into(method: &str, result: Box<RawValue>, pages: &mut ToolPages) {
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
