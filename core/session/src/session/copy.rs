//! Copies of a session for [`Script`](crate::Script): the session itself is linear, like its leases.

use super::{Action, Queued, Session};
use crate::state::{Names, Renamed};
use crate::{Generation, Ticket, Time};

/// How a copy tells time and names. [`Renaming::SAME`] makes an equal copy.
pub(crate) struct Renaming<'a> {
    pub(crate) names: Names<'a>,
    pub(crate) ticket: &'a dyn Fn(u64) -> u64,
    /// The numbers given so far, of tickets and of leases; `None` keeps them.
    pub(crate) counters: Option<(u64, u64)>,
}

impl Renaming<'_> {
    pub(crate) const SAME: Renaming<'static> =
        Renaming { names: Names::SAME, ticket: &|ticket| ticket, counters: None };

    fn ticket_of(&self, ticket: Ticket) -> Ticket {
        Ticket { session: ticket.session, number: (self.ticket)(ticket.number) }
    }

    fn action(&self, queued: &Queued) -> Queued {
        use Action::{Abort, Connect, Discard, Ended, Grant, Probe, Reject, Revoke, Stop};
        let names = &self.names;
        let of = |generation: Generation| generation.renamed(names);
        match queued.clone() {
            Connect { generation } => Connect { generation: of(generation) },
            Stop { generation } => Stop { generation: of(generation) },
            Abort { generation } => Abort { generation: of(generation) },
            Discard { generation } => Discard { generation: of(generation) },
            Grant { ticket, lease } => Grant { ticket: self.ticket_of(ticket), lease },
            Reject { ticket, rejection } => Reject { ticket: self.ticket_of(ticket), rejection },
            Revoke { generation, cause } => Revoke { generation: of(generation), cause },
            Probe { generation, number } => Probe { generation: of(generation), number },
            Ended { generation, cause, exit } => Ended { generation: of(generation), cause, exit },
        }
    }
}

impl Session {
    pub(crate) fn renamed(&self, to: &Renaming<'_>) -> Self {
        let Self { id, config, state, clock, waiting, actions, orphans, tickets, leases } = self;
        let (tickets, leases) = to.counters.unwrap_or((*tickets, *leases));
        Self {
            id: *id,
            config: config.clone(),
            state: state.renamed(&to.names),
            clock: clock.saturating_since(to.names.clock).into(),
            waiting: waiting.renamed(&to.names, to.ticket),
            actions: actions.iter().map(|action| to.action(action)).collect(),
            orphans: orphans.iter().map(|orphan| orphan.renamed(&to.names)).collect(),
            tickets,
            leases,
        }
    }

    /// The numbers of the callers that wait, in order.
    pub(crate) fn waiting_tickets(&self) -> impl Iterator<Item = u64> + '_ {
        self.waiting.tickets()
    }

    /// The last time it was told.
    pub(crate) const fn clock(&self) -> Time {
        self.clock
    }
}
