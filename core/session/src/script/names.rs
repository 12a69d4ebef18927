//! What a copy of a session calls things, which is also the permit to make one.

use crate::{Generation, Ticket, Time};

/// What a copy calls things. [`Names::SAME`] makes an equal copy.
///
/// Without one no state, no session and no lease can be copied, inside of this crate either; and nobody but a
/// [`Script`](crate::Script) can make one, as these fields are its own.
pub(crate) struct Names<'a> {
    /// Where the copy's clock starts.
    pub(in crate::script) clock: Time,
    pub(in crate::script) generation: &'a dyn Fn(Generation) -> Generation,
    /// The number of the last probe: only that one can be answered.
    pub(in crate::script) probe: fn(u64) -> u64,
    pub(in crate::script) ticket: &'a dyn Fn(u64) -> u64,
    /// The numbers given so far, of tickets and of leases; `None` keeps them.
    pub(in crate::script) counters: Option<(u64, u64)>,
}

impl Names<'_> {
    pub(in crate::script) const SAME: Names<'static> = Names {
        clock: Time::ZERO,
        generation: &|generation| generation,
        probe: |number| number,
        ticket: &|ticket| ticket,
        counters: None,
    };

    /// A point in time, on the copy's clock.
    pub(crate) fn time(&self, time: Time) -> Time {
        time.saturating_since(self.clock).into()
    }

    pub(crate) fn generation(&self, generation: Generation) -> Generation {
        (self.generation)(generation)
    }

    pub(crate) fn probe(&self, number: u64) -> u64 {
        (self.probe)(number)
    }

    pub(crate) fn ticket_number(&self, number: u64) -> u64 {
        (self.ticket)(number)
    }

    pub(crate) fn ticket(&self, ticket: Ticket) -> Ticket {
        Ticket { session: ticket.session, number: self.ticket_number(ticket.number) }
    }

    /// The numbers given so far, of tickets and of leases, where they were these.
    pub(crate) fn counters(&self, tickets: u64, leases: u64) -> (u64, u64) {
        self.counters.unwrap_or((tickets, leases))
    }
}
