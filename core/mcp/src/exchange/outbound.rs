//! What waits to be written: the caller's messages, bounded in bytes, and a
//! lane of answers and cancel notices, bounded in number, that goes first.
//!
//! The lane is apart so that a caller's giant request, or a thousand of them,
//! never keeps the server from getting its ping answered, and so that the
//! reader never has to wait for the writer.

use std::collections::{BTreeMap, VecDeque};

use crate::RequestId;
use crate::exchange::events::Dropped;

/// After this many from the first lane in a row, the caller's messages get a
/// turn: a server that pings without end doesn't starve them.
const STREAK: u32 = 16;

/// One message to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub(crate) line: Vec<u8>,
    pub(crate) kind: OutputKind,
    pub(crate) id: Option<RequestId>,
}

/// What an [`Output`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputKind {
    /// A request.
    Request,
    /// A notification.
    Notification,
    /// An answer to a request of the server.
    Answer,
    /// The notice that a request was cancelled or timed out.
    CancelNotice,
}

impl Output {
    /// The whole message with its newline: UTF-8, and no other newline in it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.line
    }

    /// The same, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.line
    }

    /// What kind of message it is.
    pub fn kind(&self) -> OutputKind {
        self.kind
    }

    /// The request it makes or cancels.
    pub fn request_id(&self) -> Option<RequestId> {
        self.id
    }
}

#[derive(Debug)]
pub(crate) struct Outbound {
    /// The caller's messages in order.
    calls: BTreeMap<u64, Output>,
    /// Where a request that may be taken back stands among them.
    places: BTreeMap<RequestId, u64>,
    next_place: u64,
    call_bytes: usize,
    max_call_bytes: usize,
    replies: VecDeque<Output>,
    reply_bytes: usize,
    max_replies: usize,
    streak: u32,
}

impl Outbound {
    pub(crate) fn new(max_call_bytes: usize, max_replies: usize) -> Self {
        Self {
            calls: BTreeMap::new(),
            places: BTreeMap::new(),
            next_place: 0,
            call_bytes: 0,
            max_call_bytes,
            replies: VecDeque::new(),
            reply_bytes: 0,
            max_replies,
            streak: 0,
        }
    }

    /// Whether a caller's message of so many bytes may be queued.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.calls.is_empty() || self.call_bytes.saturating_add(bytes) <= self.max_call_bytes
    }

    pub(crate) fn call(&mut self, line: Vec<u8>, id: Option<RequestId>) {
        let place = self.next_place;
        self.next_place = place.wrapping_add(1);
        self.call_bytes = self.call_bytes.saturating_add(line.len());
        let kind = match id {
            Some(id) => {
                self.places.insert(id, place);
                OutputKind::Request
            }
            None => OutputKind::Notification,
        };
        self.calls.insert(place, Output { line, kind, id });
    }

    /// Takes back a request that was not handed out.
    pub(crate) fn take_back(&mut self, id: RequestId) {
        let place = self.places.remove(&id);
        if let Some(output) = place.and_then(|place| self.calls.remove(&place)) {
            self.call_bytes = self.call_bytes.saturating_sub(output.line.len());
        }
    }

    /// Queues an answer; says what had to be dropped for it, or that it was.
    pub(crate) fn answer(&mut self, line: Vec<u8>) -> Dropped {
        let mut dropped = Dropped::default();
        if self.replies.len() >= self.max_replies {
            let oldest = self.replies.iter().position(|reply| reply.kind == OutputKind::CancelNotice);
            let Some(notice) = oldest.and_then(|at| self.replies.remove(at)) else {
                dropped.replies = 1;
                return dropped;
            };
            self.reply_bytes = self.reply_bytes.saturating_sub(notice.line.len());
            dropped.cancel_notices = 1;
        }
        self.reply(line, OutputKind::Answer, None);
        dropped
    }

    /// Queues a cancel notice; says whether it had to be dropped.
    pub(crate) fn cancel_notice(&mut self, line: Vec<u8>, id: RequestId) -> Dropped {
        let mut dropped = Dropped::default();
        if self.replies.len() >= self.max_replies {
            dropped.cancel_notices = 1;
        } else {
            self.reply(line, OutputKind::CancelNotice, Some(id));
        }
        dropped
    }

    pub(crate) fn poll(&mut self) -> Option<Output> {
        let turn = self.streak >= STREAK && !self.calls.is_empty();
        if !turn && let Some(output) = self.replies.pop_front() {
            self.reply_bytes = self.reply_bytes.saturating_sub(output.line.len());
            self.streak = self.streak.saturating_add(1);
            return Some(output);
        }
        self.streak = 0;
        let (_, output) = self.calls.pop_first()?;
        self.call_bytes = self.call_bytes.saturating_sub(output.line.len());
        if let Some(id) = output.id {
            self.places.remove(&id);
        }
        Some(output)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.max_call_bytes, self.max_replies);
    }

    /// Bytes of lines that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.call_bytes.saturating_add(self.reply_bytes)
    }

    fn reply(&mut self, line: Vec<u8>, kind: OutputKind, id: Option<RequestId>) {
        self.reply_bytes = self.reply_bytes.saturating_add(line.len());
        self.replies.push_back(Output { line, kind, id });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(outbound: &mut Outbound) -> String {
        std::iter::from_fn(|| outbound.poll())
            .map(|output| String::from_utf8(output.into_bytes()).unwrap())
            .collect()
    }

    #[test]
    fn answers_go_first_and_each_lane_keeps_its_order() {
        let mut outbound = Outbound::new(100, 10);
        outbound.call(b"1".to_vec(), Some(RequestId(1)));
        outbound.call(b"2".to_vec(), None);
        outbound.answer(b"a".to_vec());
        outbound.cancel_notice(b"b".to_vec(), RequestId(9));
        assert_eq!(outbound.bytes(), 4);
        assert_eq!(order(&mut outbound), "ab12");
        assert_eq!(outbound.bytes(), 0);
    }

    #[test]
    fn answers_without_end_do_not_starve_calls() {
        let mut outbound = Outbound::new(100, 1000);
        outbound.call(b"1".to_vec(), None);
        outbound.call(b"2".to_vec(), None);
        for _ in 0..40 {
            outbound.answer(b"a".to_vec());
        }
        let order = order(&mut outbound);
        assert_eq!(order.find('1'), Some(16));
        assert_eq!(order.find('2'), Some(33));
    }

    #[test]
    fn a_full_lane_drops_the_oldest_notice_then_the_newcomer() {
        let mut outbound = Outbound::new(100, 3);
        assert_eq!(outbound.answer(b"a".to_vec()).total(), 0);
        outbound.cancel_notice(b"x".to_vec(), RequestId(1));
        outbound.cancel_notice(b"y".to_vec(), RequestId(2));
        let dropped = outbound.cancel_notice(b"z".to_vec(), RequestId(3));
        assert_eq!((dropped.cancel_notices, dropped.replies), (1, 0));
        let dropped = outbound.answer(b"b".to_vec());
        assert_eq!((dropped.cancel_notices, dropped.replies), (1, 0));
        outbound.answer(b"c".to_vec());
        let dropped = outbound.answer(b"d".to_vec());
        assert_eq!((dropped.cancel_notices, dropped.replies), (0, 1));
        assert_eq!(order(&mut outbound), "abc");
    }

    #[test]
    fn only_what_is_still_here_can_be_taken_back() {
        let mut outbound = Outbound::new(100, 3);
        outbound.call(b"1".to_vec(), Some(RequestId(1)));
        outbound.call(b"2".to_vec(), Some(RequestId(2)));
        outbound.call(b"3".to_vec(), Some(RequestId(3)));
        outbound.poll();
        outbound.take_back(RequestId(1));
        outbound.take_back(RequestId(2));
        assert_eq!(outbound.bytes(), 1);
        assert_eq!(order(&mut outbound), "3");
    }

    #[test]
    fn a_message_is_taken_when_none_waits_whatever_its_size() {
        let mut outbound = Outbound::new(2, 3);
        assert!(outbound.has_room(50));
        outbound.call(b"1".to_vec(), None);
        assert!(outbound.has_room(1));
        assert!(!outbound.has_room(2));
    }
}
