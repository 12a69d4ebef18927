//! What waits to be written: the caller's messages, bounded in bytes, and a lane of answers and cancel
//! notices, bounded in number, that goes first.
//!
//! The lane is apart so that a caller's giant request, or a thousand of them, never keeps the server from
//! getting its ping answered, and so that the reader never has to wait for the writer.

use std::collections::{BTreeMap, VecDeque};

use crate::exchange::events::Dropped;
use crate::jsonrpc::id::RequestId;

/// After so many replies in a row the caller's messages get a turn: a server that pings without end doesn't
/// starve them.
const STREAK: u32 = 16;

/// One message to be sent, whole: UTF-8, without any newline, and without what delimits it on its carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    bytes: Vec<u8>,
    /// The request that it makes.
    pub(crate) request: Option<RequestId>,
}

impl Outgoing {
    /// The message's JSON text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The message's JSON text, owned, with room for a delimiter of one byte.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A message of the lane that goes first.
#[derive(Debug)]
enum Reply {
    /// An answer to a request of the server.
    Answer(Vec<u8>),
    /// The notice that a request of ours was cancelled or timed out.
    CancelNotice(Vec<u8>),
}

#[derive(Debug)]
pub(crate) struct Outbound {
    /// The caller's messages in order.
    calls: BTreeMap<u64, Outgoing>,
    /// Where a request that may be taken back stands among them.
    places: BTreeMap<RequestId, u64>,
    next_place: u64,
    call_bytes: usize,
    max_call_bytes: usize,
    replies: VecDeque<Reply>,
    max_replies: usize,
    /// How many replies were handed out since the last of the caller's messages.
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
            max_replies,
            streak: 0,
        }
    }

    /// Returns whether a caller's message of so many bytes may be queued.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.calls.is_empty() || self.call_bytes.saturating_add(bytes) <= self.max_call_bytes
    }

    /// Queues a request (with an id) or a notification of the caller.
    pub(crate) fn call(&mut self, bytes: Vec<u8>, request: Option<RequestId>) {
        let place = self.next_place;
        self.next_place = place.wrapping_add(1);
        self.call_bytes = self.call_bytes.saturating_add(bytes.len());
        if let Some(id) = request {
            self.places.insert(id, place);
        }
        self.calls.insert(place, Outgoing { bytes, request });
    }

    /// Takes back a request that was not handed out.
    pub(crate) fn take_back(&mut self, id: RequestId) {
        let place = self.places.remove(&id);
        if let Some(message) = place.and_then(|place| self.calls.remove(&place)) {
            self.call_bytes = self.call_bytes.saturating_sub(message.bytes.len());
        }
    }

    /// Queues an answer. Returns what was dropped: a cancel notice that made room for it, or the answer
    /// itself.
    pub(crate) fn answer(&mut self, bytes: Vec<u8>) -> Dropped {
        let mut dropped = Dropped::default();
        if self.replies.len() >= self.max_replies {
            let oldest = self.replies.iter().position(|reply| matches!(reply, Reply::CancelNotice(_)));
            if oldest.and_then(|at| self.replies.remove(at)).is_none() {
                dropped.replies = 1;
                return dropped;
            }
            dropped.cancel_notices = 1;
        }
        self.replies.push_back(Reply::Answer(bytes));
        dropped
    }

    /// Queues a cancel notice. Returns whether it was dropped, as a count.
    pub(crate) fn cancel_notice(&mut self, bytes: Vec<u8>) -> Dropped {
        let mut dropped = Dropped::default();
        if self.replies.len() >= self.max_replies {
            dropped.cancel_notices = 1;
        } else {
            self.replies.push_back(Reply::CancelNotice(bytes));
        }
        dropped
    }

    /// The next message to be sent.
    pub(crate) fn poll(&mut self) -> Option<Outgoing> {
        let turn = self.streak >= STREAK && !self.calls.is_empty();
        if !turn && let Some(reply) = self.replies.pop_front() {
            self.streak = self.streak.saturating_add(1);
            let (Reply::Answer(bytes) | Reply::CancelNotice(bytes)) = reply;
            return Some(Outgoing { bytes, request: None });
        }
        self.streak = 0;
        let (_, message) = self.calls.pop_first()?;
        self.call_bytes = self.call_bytes.saturating_sub(message.bytes.len());
        if let Some(id) = message.request {
            self.places.remove(&id);
        }
        Some(message)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.max_call_bytes, self.max_replies);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(outbound: &mut Outbound) -> String {
        std::iter::from_fn(|| outbound.poll())
            .map(|message| String::from_utf8(message.into_bytes()).unwrap())
            .collect()
    }

    #[test]
    fn answers_go_first_and_each_lane_keeps_its_order() {
        let mut outbound = Outbound::new(100, 10);
        outbound.call(b"1".to_vec(), Some(RequestId(1)));
        outbound.call(b"2".to_vec(), None);
        outbound.answer(b"a".to_vec());
        outbound.cancel_notice(b"b".to_vec());
        assert_eq!(outbound.call_bytes, 2);
        assert_eq!(order(&mut outbound), "ab12");
        assert_eq!(outbound.call_bytes, 0);
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
        outbound.cancel_notice(b"x".to_vec());
        outbound.cancel_notice(b"y".to_vec());
        let dropped = outbound.cancel_notice(b"z".to_vec());
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
        assert_eq!(outbound.call_bytes, 1);
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
