//! Copies of a session for [`Script`](crate::Script): the session itself is linear, like its leases.

use super::{Action, Queued, Session};
use crate::script::names::Names;
use crate::state::Renamed as _;
use crate::{Generation, Time};

impl Session {
    pub(crate) fn renamed(&self, names: &Names<'_>) -> Self {
        let Self { id, config, state, clock, waiting, actions, orphans, tickets, leases } = self;
        let (tickets, leases) = names.counters(*tickets, *leases);
        Self {
            id: *id,
            config: config.clone(),
            state: state.renamed(names),
            clock: names.time(*clock),
            waiting: waiting.renamed(names),
            actions: actions.iter().map(|action| copy(action, names)).collect(),
            orphans: orphans.iter().map(|orphan| names.generation(*orphan)).collect(),
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

fn copy(queued: &Queued, names: &Names<'_>) -> Queued {
    use Action::{Abort, Connect, Discard, Ended, Grant, Probe, Reject, Revoke, Stop};
    let of = |generation: Generation| names.generation(generation);
    match queued.clone() {
        Connect { generation } => Connect { generation: of(generation) },
        Stop { generation } => Stop { generation: of(generation) },
        Abort { generation } => Abort { generation: of(generation) },
        Discard { generation } => Discard { generation: of(generation) },
        Grant { ticket, lease } => Grant { ticket: names.ticket(ticket), lease },
        Reject { ticket, rejection } => Reject { ticket: names.ticket(ticket), rejection },
        Revoke { generation, cause } => Revoke { generation: of(generation), cause },
        Probe { generation, number } => Probe { generation: of(generation), number },
        Ended { generation, cause, exit } => Ended { generation: of(generation), cause, exit },
    }
}
