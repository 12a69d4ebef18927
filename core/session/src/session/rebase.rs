//! Copies of a session for [`Script`](crate::Script): the session itself is linear, like its leases.

use super::{Session, State};
use crate::state::Rebase;
use crate::{Generation, Ticket, Time};

/// How a copy tells time and names. The identity makes an equal copy.
pub(crate) struct Renaming<'a> {
    pub(crate) clock: Time,
    pub(crate) generation: &'a dyn Fn(Generation) -> Generation,
    pub(crate) ticket: &'a dyn Fn(u64) -> u64,
    /// The numbers given so far, of tickets and of leases; `None` keeps them.
    pub(crate) counters: Option<(u64, u64)>,
    pub(crate) canonical_probes: bool,
}

impl Renaming<'_> {
    pub(crate) const IDENTITY: Renaming<'static> = Renaming {
        clock: Time::ZERO,
        generation: &|g| g,
        ticket: &|t| t,
        counters: None,
        canonical_probes: false,
    };
}

impl Session {
    pub(crate) fn renamed(&self, to: &Renaming<'_>) -> Self {
        let states = Rebase { clock: to.clock, generation: to.generation };
        let state = match &self.state {
            State::Idle(idle) => State::Idle(idle.rebased(&states)),
            State::Connecting(connecting) => State::Connecting(connecting.rebased(&states)),
            State::Live(live) => {
                let live = live.rebased(&states);
                State::Live(if to.canonical_probes { live.with_canonical_probes() } else { live })
            }
            State::Draining(draining) => State::Draining(draining.rebased(&states)),
            State::Closed(closed) => State::Closed(closed.rebased(&states)),
        };
        let (tickets, leases) = to.counters.unwrap_or((self.tickets, self.leases));
        Self {
            config: self.config.clone(),
            state,
            clock: self.clock.saturating_since(to.clock).into(),
            waiting: self.waiting.rebased(to.clock, to.ticket),
            actions: self.actions.iter().map(|action| to.action(action)).collect(),
            orphans: self.orphans.iter().map(|orphan| (to.generation)(*orphan)).collect(),
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

impl Renaming<'_> {
    fn action(&self, queued: &super::Queued) -> super::Queued {
        use super::Action::{Abort, Connect, Discard, Ended, Grant, Probe, Reject, Revoke, Stop};
        let rename = self.generation;
        let ticket_of = |t: Ticket| Ticket { session: t.session, number: (self.ticket)(t.number) };
        match queued.clone() {
            Connect { generation } => Connect { generation: rename(generation) },
            Stop { generation } => Stop { generation: rename(generation) },
            Abort { generation } => Abort { generation: rename(generation) },
            Discard { generation } => Discard { generation: rename(generation) },
            Grant { ticket, lease } => Grant { ticket: ticket_of(ticket), lease },
            Reject { ticket, rejection } => Reject { ticket: ticket_of(ticket), rejection },
            Revoke { generation, cause } => Revoke { generation: rename(generation), cause },
            Probe { generation, number } => Probe { generation: rename(generation), number },
            Ended { generation, cause, exit } => Ended { generation: rename(generation), cause, exit },
        }
    }
}
