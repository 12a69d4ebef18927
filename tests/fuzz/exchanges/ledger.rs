//! What the client asked for, and how each of it ended.

use std::collections::{BTreeMap, BTreeSet};

use tenure_mcp_proto::types::Raw;
use tenure_mcp_proto::{CallError, Connection, Delivery, Era, Event, RequestId, ServerRequestId};

use super::books::Books;
use super::carried::Level;

#[derive(Debug)]
struct Fate {
    id: RequestId,
    /// The ids under which it went out, one for each round.
    wires: Vec<u64>,
    /// How many of them were answered with a wish for input: what is left of such an answer is read beside others.
    wished: usize,
    ended: bool,
}

impl Fate {
    /// The id under which it is out now, and not answered with a wish for input.
    fn wired(&self) -> Option<u64> {
        self.wires.last().copied().filter(|_| self.wished < self.wires.len())
    }
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    fates: BTreeMap<u64, Fate>,
    /// The requests of the dialogue's own, and those that they went out for.
    own: BTreeSet<u64>,
    pub(super) opened: bool,
    asks: Vec<ServerRequestId>,
    is_modern: bool,
}

impl Ledger {
    pub(super) fn accepted(&mut self, id: RequestId) {
        let before = self.fates.insert(id.as_u64(), Fate { id, wires: Vec::new(), wished: 0, ended: false });
        assert!(before.is_none(), "{id} is used again");
    }

    /// A request goes out under this id, once.
    pub(super) fn goes_out(&mut self, request: Option<RequestId>, wire: u64) {
        let is_new = self.own.insert(wire);
        assert!(is_new, "{wire} goes out again by itself");
        let fate = request.and_then(|request| self.fates.get_mut(&request.as_u64()));
        if let Some(fate) = fate {
            assert!(!fate.ended, "{fate:?} goes out");
            fate.wires.push(wire);
        }
    }

    /// Returns whether somebody waits for what went out under this id.
    pub(super) fn is_waited_for(&self, wire: u64) -> bool {
        let fate = self.fates.values().find(|fate| fate.wires.contains(&wire));
        fate.is_some_and(|fate| !fate.ended && fate.wired() == Some(wire))
    }

    pub(super) fn any(&self, which: u8) -> Option<RequestId> {
        let index = usize::from(which).checked_rem(self.fates.len())?;
        self.fates.values().rev().nth(index).map(|fate| fate.id)
    }

    pub(super) fn all(&self) -> Vec<RequestId> {
        self.fates.values().map(|fate| fate.id).collect()
    }

    pub(super) fn any_ask(&self, which: u8) -> Option<ServerRequestId> {
        self.asks.get(usize::from(which).checked_rem(self.asks.len())?).copied()
    }

    pub(super) fn happened(&mut self, event: Event, books: &Books) {
        match event {
            Event::Ready(_) | Event::HandshakeFailed(_) => {
                self.is_modern = matches!(&event, Event::Ready(server) if server.era == Era::Modern);
                assert!(!self.opened, "the handshake ended twice");
                self.opened = true;
            }
            Event::Response { id, result } => self.ended(id, &result, books),
            Event::Request { id, call, .. } => {
                self.asks.push(id);
                let fate = call.and_then(|call| self.fates.get_mut(&call.as_u64()));
                if let Some(fate) = fate.filter(|_| self.is_modern) {
                    fate.wished = fate.wires.len();
                }
            }
            _ => {}
        }
    }

    fn ended(&mut self, id: RequestId, result: &Result<Raw, CallError>, books: &Books) {
        let fate = self.fates.get_mut(&id.as_u64()).expect("what ends was accepted");
        assert!(!fate.ended, "{fate:?} ended again: {result:?}");
        fate.ended = true;
        let Err(CallError::Http(error)) = result else {
            return;
        };
        let level = books.level(&fate.wires);
        let told = match error.delivery {
            Delivery::NotSent => Level::NotSent,
            Delivery::Refused => Level::Refused,
            _ => Level::Unknown,
        };
        assert!(told >= level, "{fate:?} is told as {told:?}, and is {level:?}: {error:?}");
        assert!(error.excerpt.len() <= 6 * 256, "{error:?}");
        let shown = error.to_string();
        assert!(!shown.contains("key=1") && !shown.contains(char::is_control), "{shown:?}");
    }

    pub(super) fn all_ended(&self) {
        let open: Vec<_> = self.fates.values().filter(|fate| !fate.ended).collect();
        assert!(open.is_empty(), "never ended: {open:?}");
    }

    pub(super) fn end(&mut self, connection: &mut Connection, books: &Books) {
        connection.handle_end();
        while let Some(event) = connection.poll_event() {
            self.happened(event, books);
        }
        self.all_ended();
    }
}
