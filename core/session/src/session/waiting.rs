//! The callers that wait for a lease, in the order of their calls.

use alloc::collections::VecDeque;
use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use crate::Time;
use crate::deadline::Deadline;
use crate::script::names::Names;
use crate::state::Renamed;

/// Who waits, in the order of the calls.
///
/// Whoever gives up leaves a gap, which is closed later: to close it at once, all who came after it would have to
/// move up. There is never a gap at the front or at the back, and never more gaps than callers.
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(from = "Callers<Waiter>"))]
pub(crate) struct Waiting {
    queue: VecDeque<Waiter>,
    gaps: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Waiter {
    ticket: u64,
    deadline: Deadline,
    #[cfg_attr(feature = "serde", serde(skip))]
    gone: bool,
}

impl Waiting {
    /// Room for so many callers, and for the gaps that there may be among them.
    pub(crate) fn with_capacity(callers: usize) -> Self {
        Self { queue: VecDeque::with_capacity(callers.saturating_mul(2)), gaps: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len().saturating_sub(self.gaps)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn push(&mut self, ticket: u64, deadline: Deadline) {
        self.queue.push_back(Waiter { ticket, deadline, gone: false });
    }

    pub(crate) fn pop(&mut self) -> Option<u64> {
        let front = self.queue.pop_front()?;
        if self.gaps > 0 {
            self.close_gaps();
        }
        Some(front.ticket)
    }

    /// Takes `ticket` out. Returns whether it waited.
    pub(crate) fn remove(&mut self, ticket: u64) -> bool {
        let place = self.place_of(ticket);
        let Some(waiter) = place.and_then(|place| self.queue.get_mut(place)).filter(|waiter| !waiter.gone)
        else {
            return false;
        };
        waiter.gone = true;
        self.gaps = self.gaps.saturating_add(1);
        self.close_gaps();
        true
    }

    /// Closes the gaps at both ends, and all of them when there are more of them than callers: so each that
    /// gave up has cost two moves at most.
    fn close_gaps(&mut self) {
        while self.queue.front().is_some_and(|waiter| waiter.gone) {
            self.queue.pop_front();
            self.gaps = self.gaps.saturating_sub(1);
        }
        while self.queue.back().is_some_and(|waiter| waiter.gone) {
            self.queue.pop_back();
            self.gaps = self.gaps.saturating_sub(1);
        }
        if self.gaps > self.len() {
            self.queue.retain(|waiter| !waiter.gone);
            self.gaps = 0;
        }
    }

    /// Where `ticket` stands. Tickets ascend, so one that is three after that of the front stands three places
    /// behind it at most, and likewise from the back: mostly that leaves one place to look at. Who gave up left gaps
    /// all over, so otherwise it stands about where it would if those between the ends were spread evenly; every other
    /// look halves what is left, however they are spread.
    fn place_of(&self, ticket: u64) -> Option<usize> {
        let places = |tickets: u64| usize::try_from(tickets).unwrap_or(usize::MAX);
        let mut from = 0;
        let mut to = self.queue.len().checked_sub(1)?;
        let mut halves = false;
        while from <= to {
            let (front, back) = (self.queue.get(from)?.ticket, self.queue.get(to)?.ticket);
            let (behind, before) = (ticket.checked_sub(front)?, back.checked_sub(ticket)?);
            let least = from.max(to.saturating_sub(places(before)));
            let most = to.min(from.saturating_add(places(behind)));
            let guess = if halves { least.midpoint(most) } else { between(from, to, behind, before) };
            // In this order nothing panics, whatever a queue that was read from somewhere holds.
            let guess = guess.max(least).min(most);
            match self.queue.get(guess)?.ticket.cmp(&ticket) {
                Ordering::Equal => return Some(guess),
                Ordering::Less => from = guess.checked_add(1)?,
                Ordering::Greater => to = guess.checked_sub(1)?,
            }
            halves = !halves;
        }
        None
    }

    fn callers(&self) -> impl Iterator<Item = &Waiter> {
        self.queue.iter().filter(|waiter| !waiter.gone)
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
        self.callers().map(|waiter| waiter.ticket)
    }

    /// A copy under other names.
    pub(crate) fn renamed(&self, names: &Names<'_>) -> Self {
        let renamed = |waiter: &Waiter| Waiter {
            ticket: names.ticket_number(waiter.ticket),
            deadline: waiter.deadline.renamed(names),
            gone: false,
        };
        Self { queue: self.callers().map(renamed).collect(), gaps: 0 }
    }
}

/// The place between two at which something stands that is so far behind what stands at the first, and so far before
/// what stands at the last.
fn between(from: usize, to: usize, behind: u64, before: u64) -> usize {
    let all = u128::from(behind).saturating_add(u128::from(before)).max(1);
    let places = u128::try_from(to.saturating_sub(from)).unwrap_or_default();
    let share = places.saturating_mul(behind.into()).checked_div(all).unwrap_or_default();
    from.saturating_add(usize::try_from(share).unwrap_or_default())
}

/// Where the gaps are says nothing of who waits.
impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.callers().eq(other.callers())
    }
}

impl Eq for Waiting {}

impl Hash for Waiting {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.callers().for_each(|waiter| waiter.hash(state));
    }
}

/// The queue as data: without its gaps.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Callers<W> {
    queue: VecDeque<W>,
}

#[cfg(feature = "serde")]
impl serde::Serialize for Waiting {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Callers { queue: self.callers().collect() }.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl From<Callers<Waiter>> for Waiting {
    fn from(callers: Callers<Waiter>) -> Self {
        Self { queue: callers.queue, gaps: 0 }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;
    use core::hash::BuildHasher as _;

    use super::*;

    #[test]
    fn callers_that_gave_up_are_nothing_that_equality_or_a_hash_sees() {
        let waiting = |tickets: &[u64]| {
            let mut waiting = Waiting::default();
            for ticket in tickets {
                waiting.push(*ticket, Deadline::Off);
            }
            waiting
        };
        let hasher = std::hash::RandomState::new();
        let (never, mut gone) = (waiting(&[1, 3, 4]), waiting(&[1, 2, 3, 4]));
        assert_ne!(never, gone);
        assert_ne!(hasher.hash_one(&never), hasher.hash_one(&gone));
        assert!(gone.remove(2) && gone.gaps == 1);
        assert_eq!(never, gone);
        assert_eq!(hasher.hash_one(&never), hasher.hash_one(&gone));
    }

    #[test]
    fn each_caller_is_found_however_tickets_are_spread_and_nobody_else() {
        let spreads: [fn(u64) -> u64; 4] =
            [|n| n, |n| n.pow(5), |n| 1 << n, |n| if n < 50 { n } else { u64::MAX - 60 + n }];
        for spread in spreads {
            for callers in 1..60 {
                let mut waiting = Waiting::default();
                let tickets: Vec<u64> = (1..=callers).map(spread).collect();
                for ticket in &tickets {
                    waiting.push(*ticket, Deadline::Off);
                }
                for (place, ticket) in tickets.iter().enumerate() {
                    assert_eq!(waiting.place_of(*ticket), Some(place), "{ticket} of {tickets:?}");
                    for other in [ticket - 1, ticket + 1] {
                        let place = tickets.binary_search(&other).ok();
                        assert_eq!(waiting.place_of(other), place, "{other} of {tickets:?}");
                    }
                }
            }
        }
        // Nothing that was read from somewhere makes it panic.
        let mut waiting = Waiting::default();
        for ticket in [7, 3, 9, 9, 0, u64::MAX, 1] {
            waiting.push(ticket, Deadline::Off);
        }
        for ticket in [0, 1, 3, 5, 7, 9, u64::MAX] {
            let _found = waiting.place_of(ticket);
        }
    }
}
