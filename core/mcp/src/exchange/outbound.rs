//! What waits to be written: the caller's messages, bounded in bytes, and a lane of answers and cancel
//! notices, bounded in number, that goes first.
//!
//! The lane is apart so that a caller's giant request, or a thousand of them, never keeps the server from
//! getting its ping answered, and so that the reader never has to wait for the writer.

use std::collections::VecDeque;
use std::time::Duration;

use crate::era::versions::Era;
use crate::exchange::events::Dropped;
use crate::exchange::numbered::Numbered;
use crate::jsonrpc::id::RequestId;
use crate::seldom::Seldom;

/// After so many replies in a row the caller's messages get a turn: a server that pings without end doesn't
/// starve them.
const STREAK: u32 = 16;

/// One message to be sent, whole: UTF-8, without any newline, and without what delimits it on its carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    bytes: Vec<u8>,
    /// The request that it makes.
    pub(crate) request: Option<RequestId>,
    /// The era that the opening settled; none before.
    pub(crate) era: Option<Era>,
    /// How long its request may take from now on, if that has an end.
    pub(crate) left: Option<Duration>,
}

impl Outgoing {
    /// The message's JSON text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The request that it makes, if it makes one: its name, also where it goes out again under another JSON-RPC id
    /// (MCP 2026-07-28, basic/patterns/mrtr).
    pub fn request(&self) -> Option<RequestId> {
        self.request
    }

    /// The message's JSON text, owned, with room for a delimiter of one byte.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A message of the caller's that waits: what else there is to say of it is known when it goes out.
#[derive(Debug)]
struct Queued {
    bytes: Vec<u8>,
    request: Option<RequestId>,
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
    /// The caller's messages in order, by their places.
    calls: Numbered<Queued>,
    next_place: u64,
    call_bytes: usize,
    max_call_bytes: usize,
    replies: Seldom<VecDeque<Reply>>,
    max_replies: usize,
    /// How many replies were handed out since the last of the caller's messages.
    streak: u32,
    /// Nothing can be sent any more: what comes is forgotten.
    is_closed: bool,
}

impl Outbound {
    pub(crate) fn new(max_call_bytes: usize, max_replies: usize) -> Self {
        Self {
            calls: Numbered::new(),
            next_place: 0,
            call_bytes: 0,
            max_call_bytes,
            replies: Seldom::new(),
            max_replies,
            streak: 0,
            is_closed: false,
        }
    }

    /// Returns whether a caller's message of so many bytes may be queued.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.calls.is_empty() || self.call_bytes.saturating_add(bytes) <= self.max_call_bytes
    }

    /// Queues a request (with an id) or a notification of the caller. Returns its place.
    pub(crate) fn call(&mut self, bytes: Vec<u8>, request: Option<RequestId>) -> u64 {
        let place = self.next_place;
        if !self.is_closed {
            self.next_place = place.saturating_add(1);
            self.call_bytes = self.call_bytes.saturating_add(bytes.len());
            self.calls.push(place, Queued { bytes, request });
        }
        place
    }

    /// Takes back what stands in this place, if it was not handed out.
    pub(crate) fn take_back(&mut self, place: u64) {
        if let Some(message) = self.calls.take(place) {
            self.call_bytes = self.call_bytes.saturating_sub(message.bytes.len());
        }
    }

    /// Returns whether an answer of so many bytes may be queued without another being dropped.
    pub(crate) fn has_room_for_answer(&self, bytes: usize) -> bool {
        let answers = self.replies.iter().filter_map(|reply| match reply {
            Reply::Answer(answer) => Some(answer.len()),
            Reply::CancelNotice(_) => None,
        });
        let count = answers.clone().count();
        let held = answers.fold(bytes, usize::saturating_add);
        count < self.max_replies && (count == 0 || held <= self.max_call_bytes)
    }

    /// Queues an answer. Returns what was dropped: a cancel notice that made room for it, or the answer
    /// itself.
    pub(crate) fn answer(&mut self, bytes: Vec<u8>) -> Dropped {
        let mut dropped = Dropped::default();
        if self.is_closed {
            return dropped;
        }
        if self.replies.len() >= self.max_replies {
            let oldest = self.replies.iter().position(|reply| matches!(reply, Reply::CancelNotice(_)));
            if oldest.and_then(|at| self.replies.there()?.remove(at)).is_none() {
                dropped.replies = 1;
                return dropped;
            }
            dropped.cancel_notices = 1;
        }
        self.replies.make().push_back(Reply::Answer(bytes));
        dropped
    }

    /// Queues a cancel notice. Returns whether it was dropped, as a count.
    pub(crate) fn cancel_notice(&mut self, bytes: Vec<u8>) -> Dropped {
        let mut dropped = Dropped::default();
        if self.is_closed {
            return dropped;
        }
        if self.replies.len() >= self.max_replies {
            dropped.cancel_notices = 1;
        } else {
            self.replies.make().push_back(Reply::CancelNotice(bytes));
        }
        dropped
    }

    /// The next message of the lane that goes first.
    pub(crate) fn poll_reply(&mut self) -> Option<Outgoing> {
        let (Reply::Answer(bytes) | Reply::CancelNotice(bytes)) = self.replies.there()?.pop_front()?;
        Some(Outgoing { bytes, request: None, era: None, left: None })
    }

    /// The next message to be sent.
    pub(crate) fn poll(&mut self) -> Option<Outgoing> {
        let turn = self.streak >= STREAK && !self.calls.is_empty();
        if !turn && let Some(reply) = self.poll_reply() {
            self.streak = self.streak.saturating_add(1);
            return Some(reply);
        }
        self.streak = 0;
        let Queued { bytes, request } = self.calls.take_first()?;
        self.call_bytes = self.call_bytes.saturating_sub(bytes.len());
        Some(Outgoing { bytes, request, era: None, left: None })
    }

    /// Nothing is sent any more: forgets what waits, and what comes later.
    pub(crate) fn close(&mut self) {
        *self = Self { is_closed: true, ..Self::new(self.max_call_bytes, self.max_replies) };
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
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
    fn answers_have_room_by_their_number_and_their_bytes() {
        let mut outbound = Outbound::new(10, 3);
        assert!(outbound.has_room_for_answer(50), "one is always taken");
        outbound.answer(b"1234567".to_vec());
        outbound.cancel_notice(b"x".to_vec());
        outbound.cancel_notice(b"y".to_vec());
        assert!(outbound.has_room_for_answer(3), "in the place of a notice");
        assert!(!outbound.has_room_for_answer(4));
        outbound.answer(b"1".to_vec());
        outbound.answer(b"2".to_vec());
        assert!(!outbound.has_room_for_answer(0));
        assert!(!Outbound::new(10, 0).has_room_for_answer(0));
    }

    #[test]
    fn only_what_is_still_here_can_be_taken_back() {
        let mut outbound = Outbound::new(100, 3);
        let first = outbound.call(b"1".to_vec(), Some(RequestId(1)));
        let second = outbound.call(b"2".to_vec(), Some(RequestId(2)));
        outbound.call(b"3".to_vec(), Some(RequestId(3)));
        outbound.poll();
        outbound.take_back(first);
        outbound.take_back(second);
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
