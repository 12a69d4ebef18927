//! Which request has waited long enough first. How long each may wait is in `request_deadline.rs`.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::exchange::numbered::Numbered;
use crate::jsonrpc::id::RequestId;
use crate::seldom::Seldom;

/// The deadlines of the requests in flight.
///
/// Where all requests may take as long they stand in line as they were made, and the first is due first. What is due
/// before others that came earlier, and what was moved, is sorted apart.
#[derive(Debug)]
pub(crate) struct DeadlineQueue {
    line: Numbered<Duration>,
    others: Seldom<BTreeSet<(Duration, RequestId)>>,
}

impl DeadlineQueue {
    pub(crate) const fn new() -> Self {
        Self { line: Numbered::new(), others: Seldom::new() }
    }

    pub(crate) fn add(&mut self, deadline: Duration, id: RequestId) {
        if self.line.last().is_none_or(|(last, until)| last < id.0 && *until <= deadline) {
            self.line.push(id.0, deadline);
        } else {
            self.others.make().insert((deadline, id));
        }
    }

    pub(crate) fn remove(&mut self, deadline: Duration, id: RequestId) {
        if self.line.take(id.0).is_none() {
            self.others.there().map(|others| others.remove(&(deadline, id)));
        }
    }

    /// How many places are held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.line.held().saturating_add(self.others.len())
    }

    /// The earliest deadline, and whose it is: of several the request's that was made first.
    pub(crate) fn first(&self) -> Option<(Duration, RequestId)> {
        let in_line = self.line.first().map(|(id, deadline)| (*deadline, RequestId(id)));
        in_line.into_iter().chain(self.others.first().copied()).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Takes all, in their order.
    fn order(queue: &mut DeadlineQueue) -> Vec<(u64, u64)> {
        std::iter::from_fn(|| {
            let (deadline, id) = queue.first()?;
            queue.remove(deadline, id);
            Some((deadline.as_secs(), id.0))
        })
        .collect()
    }

    #[test]
    fn the_earliest_goes_first_and_of_equals_the_one_that_was_made_first() {
        let mut queue = DeadlineQueue::new();
        for (deadline, id) in [(10, 1), (5, 2), (10, 3), (12, 4), (11, 5), (12, 6), (10, 7), (12, 8)] {
            queue.add(s(deadline), RequestId(id));
        }
        assert_eq!(
            order(&mut queue),
            [(5, 2), (10, 1), (10, 3), (10, 7), (11, 5), (12, 4), (12, 6), (12, 8)]
        );
    }

    #[test]
    fn where_all_may_take_as_long_nothing_is_sorted() {
        let mut queue = DeadlineQueue::new();
        for id in 1..=10 {
            queue.add(s(60 + id / 3), RequestId(id));
        }
        assert!(queue.others.is_empty());
        queue.remove(s(61), RequestId(4));
        assert_eq!(order(&mut queue).len(), 9);
    }

    #[test]
    fn one_that_is_moved_is_due_when_it_is_moved_to() {
        let mut queue = DeadlineQueue::new();
        for id in 1..=3 {
            queue.add(s(10), RequestId(id));
        }
        queue.remove(s(10), RequestId(2));
        queue.add(s(20), RequestId(2));
        queue.remove(s(10), RequestId(1));
        queue.add(s(20), RequestId(1));
        assert_eq!(queue.first(), Some((s(10), RequestId(3))));
        queue.remove(s(10), RequestId(3));
        queue.add(s(15), RequestId(3));
        assert_eq!(order(&mut queue), [(15, 3), (20, 1), (20, 2)]);
        queue.add(s(5), RequestId(3));
        assert_eq!(order(&mut queue), [(5, 3)]);
    }
}
