//! The callers that wait, as inputs and actions told it.

use alloc::collections::VecDeque;

use crate::{Script, Status};

/// The tickets that are pending, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    queue: VecDeque<Caller>,
    last: u64,
}

#[derive(Clone, Copy, Debug)]
struct Caller {
    ticket: u64,
    /// The connects that it waited for: all but the last of them failed.
    connects: u32,
}

impl Waiting {
    /// Those that wait in `script`. How many connects each of them waited for isn't written anywhere, but no
    /// more than have failed in a row, and the one that goes on.
    pub(super) fn resume(script: &Script) -> Self {
        let session = script.session();
        let connecting = matches!(session.status(), Status::Connecting { .. });
        let connects = session.failed().saturating_add(u32::from(connecting));
        let queue: VecDeque<Caller> = script.waiting().map(|ticket| Caller { ticket, connects }).collect();
        let last = queue.back().map_or(0, |caller| caller.ticket);
        Self { queue, last }
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn tickets(&self) -> impl Iterator<Item = u64> + '_ {
        self.queue.iter().map(|caller| caller.ticket)
    }

    pub(super) fn front(&self) -> Option<u64> {
        self.tickets().next()
    }

    /// One caller more, who joins a connect that goes on if there is one. Returns whether its ticket is a new one.
    pub(super) fn push(&mut self, ticket: u64, connecting: bool) -> bool {
        let new = ticket > self.last;
        self.last = ticket;
        self.queue.push_back(Caller { ticket, connects: u32::from(connecting) });
        new
    }

    /// One caller less. Returns whether it waited.
    pub(super) fn take(&mut self, ticket: u64) -> bool {
        let found = self.queue.iter().position(|caller| caller.ticket == ticket);
        found.and_then(|index| self.queue.remove(index)).is_some()
    }

    /// A connect begins for all of them. Returns how many connects the one that waits longest has waited for.
    pub(super) fn on_connect(&mut self) -> u32 {
        for caller in &mut self.queue {
            caller.connects = caller.connects.saturating_add(1);
        }
        self.queue.iter().map(|caller| caller.connects).max().unwrap_or(0)
    }
}
