//! Which requests are in flight, until when, and which response is whose.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::jsonrpc::id::RequestId;

/// Above this a JavaScript peer would round.
const LAST_ID: u64 = (1 << 53) - 1;

/// A request in flight: queued or written, and not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InFlight {
    deadline: Option<Duration>,
    /// Handed to the writer: from here on the server may know of it.
    pub(crate) sent: bool,
}

/// Whom a response concerns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Concerns {
    /// The request was in flight, and is no more.
    InFlight,
    /// A request that was given up here; its answer is late.
    GivenUp,
    /// A request that was answered before.
    Answered,
    /// No request that the server can know.
    Nobody,
}

#[derive(Debug)]
pub(crate) struct Requests {
    last_id: u64,
    in_flight: BTreeMap<RequestId, InFlight>,
    deadlines: BTreeSet<(Duration, RequestId)>,
    /// Given up after they were sent; each may still be answered once.
    given_up: BTreeSet<RequestId>,
    max_given_up: usize,
}

impl Requests {
    pub(crate) fn new(max_given_up: usize) -> Self {
        Self {
            last_id: 0,
            in_flight: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            given_up: BTreeSet::new(),
            max_given_up,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.in_flight.len()
    }

    /// The id that the next [`Requests::add`] takes.
    pub(crate) fn next_id(&self) -> Option<RequestId> {
        (self.last_id < LAST_ID).then(|| RequestId(self.last_id.saturating_add(1)))
    }

    pub(crate) fn add(&mut self, id: RequestId, deadline: Option<Duration>) {
        self.last_id = self.last_id.max(id.0);
        if let Some(deadline) = deadline {
            self.deadlines.insert((deadline, id));
        }
        let sent = false;
        self.in_flight.insert(id, InFlight { deadline, sent });
    }

    pub(crate) fn mark_sent(&mut self, id: RequestId) {
        if let Some(request) = self.in_flight.get_mut(&id) {
            request.sent = true;
        }
    }

    /// A response came.
    pub(crate) fn answered(&mut self, id: RequestId) -> Concerns {
        match self.in_flight.get(&id) {
            Some(request) if request.sent => {
                self.take(id);
                Concerns::InFlight
            }
            None if self.given_up.remove(&id) => Concerns::GivenUp,
            None if id.0 <= self.last_id && id.0 > 0 => Concerns::Answered,
            // A guess: not sent yet, or not even made.
            Some(_) | None => Concerns::Nobody,
        }
    }

    /// Nobody waits for this request any more.
    pub(crate) fn give_up(&mut self, id: RequestId) -> Option<InFlight> {
        let request = self.take(id)?;
        if request.sent {
            self.given_up.insert(id);
            if self.given_up.len() > self.max_given_up {
                // The oldest is the least likely to be answered still.
                self.given_up.pop_first();
            }
        }
        Some(request)
    }

    /// Takes any request, oldest first.
    pub(crate) fn take_first(&mut self) -> Option<(RequestId, InFlight)> {
        let (&id, _) = self.in_flight.first_key_value()?;
        Some((id, self.take(id)?))
    }

    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// The request that is due first, if any is.
    pub(crate) fn due(&self, now: Duration) -> Option<RequestId> {
        let &(deadline, id) = self.deadlines.first()?;
        (deadline <= now).then_some(id)
    }

    fn take(&mut self, id: RequestId) -> Option<InFlight> {
        let request = self.in_flight.remove(&id)?;
        if let Some(deadline) = request.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(requests: &mut Requests) -> RequestId {
        let id = requests.next_id().unwrap();
        requests.add(id, Some(Duration::from_secs(id.0)));
        requests.mark_sent(id);
        id
    }

    #[test]
    fn ids_count_up_and_are_not_reused() {
        let mut requests = Requests::new(10);
        let a = sent(&mut requests);
        assert_eq!(requests.answered(a), Concerns::InFlight);
        let b = sent(&mut requests);
        assert_eq!((a.as_u64(), b.as_u64()), (1, 2));
        requests.last_id = LAST_ID;
        assert_eq!(requests.next_id(), None);
    }

    #[test]
    fn the_last_id_is_the_last_one_that_javascript_keeps_exactly() {
        // RFC 8259, section 6: integers up to 2^53 - 1 are exact everywhere.
        let mut requests = Requests::new(10);
        requests.add(RequestId(9_007_199_254_740_990), None);
        assert_eq!(requests.next_id(), Some(RequestId(9_007_199_254_740_991)));
        requests.add(RequestId(9_007_199_254_740_991), None);
        assert_eq!(requests.next_id(), None);
    }

    #[test]
    fn a_response_concerns_one_request_once() {
        let mut requests = Requests::new(10);
        let a = sent(&mut requests);
        assert_eq!(requests.answered(RequestId(a.0 + 1)), Concerns::Nobody);
        assert_eq!(requests.answered(RequestId(0)), Concerns::Nobody);
        assert_eq!(requests.answered(a), Concerns::InFlight);
        assert_eq!(requests.answered(a), Concerns::Answered);
        assert_eq!(requests.next_deadline(), None);
    }

    #[test]
    fn a_request_that_was_not_sent_cannot_be_answered() {
        let mut requests = Requests::new(10);
        requests.add(RequestId(1), None);
        assert_eq!(requests.answered(RequestId(1)), Concerns::Nobody);
        assert_eq!(requests.len(), 1);
    }

    #[test]
    fn one_late_answer_is_forgiven_and_the_memory_of_it_is_bounded() {
        let mut requests = Requests::new(1);
        let a = sent(&mut requests);
        let b = sent(&mut requests);
        requests.give_up(a).unwrap();
        requests.give_up(b).unwrap();
        assert_eq!(requests.answered(b), Concerns::GivenUp);
        assert_eq!(requests.answered(b), Concerns::Answered);
        assert_eq!(requests.answered(a), Concerns::Answered);
    }

    #[test]
    fn the_earliest_deadline_is_due_first() {
        let mut requests = Requests::new(1);
        let second = Duration::from_secs(1);
        requests.add(RequestId(1), Some(3 * second));
        requests.add(RequestId(2), Some(2 * second));
        requests.add(RequestId(3), None);
        assert_eq!(requests.next_deadline(), Some(2 * second));
        assert_eq!(requests.due(second), None);
        assert_eq!(requests.due(3 * second), Some(RequestId(2)));
        requests.give_up(RequestId(2));
        assert_eq!(requests.due(3 * second), Some(RequestId(1)));
    }
}
