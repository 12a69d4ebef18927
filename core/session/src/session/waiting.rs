//! The callers that wait for a lease, in the order of their calls.

use alloc::collections::VecDeque;

use crate::Time;
use crate::deadline::Deadline;
use crate::state::{Names, Renamed};

#[derive(Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Waiting {
    queue: VecDeque<Waiter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Waiter {
    pub(crate) ticket: u64,
    pub(crate) deadline: Deadline,
}

impl Waiting {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { queue: VecDeque::with_capacity(capacity) }
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn push(&mut self, ticket: u64, deadline: Deadline) {
        self.queue.push_back(Waiter { ticket, deadline });
    }

    pub(crate) fn pop(&mut self) -> Option<u64> {
        self.queue.pop_front().map(|waiter| waiter.ticket)
    }

    /// Takes `ticket` out. Returns whether it waited. Tickets are in ascending order.
    pub(crate) fn remove(&mut self, ticket: u64) -> bool {
        match self.queue.binary_search_by_key(&ticket, |waiter| waiter.ticket) {
            Ok(index) => self.queue.remove(index).is_some(),
            Err(_) => false,
        }
    }

    /// The deadline of the front: all wait equally long, so it is the earliest.
    pub(crate) fn front_deadline(&self) -> Deadline {
        self.queue.front().map_or(Deadline::Off, |front| front.deadline)
    }

    /// Stamps those that came since the last stamp, which are at the back. Returns whether there were any.
    pub(crate) fn stamp(&mut self, now: Time) -> bool {
        let mut any = false;
        for waiter in self.queue.iter_mut().rev() {
            if !waiter.deadline.stamp(now) {
                break;
            }
            any = true;
        }
        any
    }

    /// The deadline of the back, which waits for its stamp if anybody's does.
    pub(crate) fn back_deadline(&self) -> Deadline {
        self.queue.back().map_or(Deadline::Off, |back| back.deadline)
    }

    pub(crate) fn tickets(&self) -> impl Iterator<Item = u64> + '_ {
        self.queue.iter().map(|waiter| waiter.ticket)
    }

    /// A copy under other names.
    pub(crate) fn renamed(&self, names: &Names<'_>, ticket: impl Fn(u64) -> u64) -> Self {
        let renamed = |waiter: &Waiter| {
            let Waiter { ticket: number, deadline } = waiter;
            Waiter { ticket: ticket(*number), deadline: deadline.renamed(names) }
        };
        Self { queue: self.queue.iter().map(renamed).collect() }
    }
}
