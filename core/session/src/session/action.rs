//! What the machine wants done.

use super::Lease;
use crate::{Cause, Exit, Generation, Rejection, Ticket};

/// What the machine wants done. Exhaustive on purpose: an embedder must treat each.
///
/// `L` is how a lease is told: [`Lease`] itself, or its number in a [`Script`](crate::Script)'s output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[must_use = "an action that is dropped is never carried out, and a grant's lease is lost with it"]
pub enum Action<L = Lease> {
    /// Start a runner for this new generation.
    Connect {
        /// The new life.
        generation: Generation,
    },
    /// Tell the runner to unwind in order (a child process: close its stdin).
    Stop {
        /// Whose runner.
        generation: Generation,
    },
    /// Tell the runner to hurry (a child process: SIGTERM).
    Abort {
        /// Whose runner.
        generation: Generation,
    },
    /// Drop, detach or give up the runner (a child process: SIGKILL).
    Discard {
        /// Whose runner.
        generation: Generation,
    },
    /// Hand the lease to the caller that waits with this ticket.
    Grant {
        /// The caller's ticket, over with this.
        ticket: Ticket,
        /// The lease.
        lease: L,
    },
    /// Tell the caller that waits with this ticket that it gets no lease.
    Reject {
        /// The caller's ticket, over with this.
        ticket: Ticket,
        /// Why.
        rejection: Rejection,
    },
    /// The leases of this generation end now; calls in flight on them fail at once.
    Revoke {
        /// Whose leases.
        generation: Generation,
        /// Why.
        cause: Cause,
    },
    /// Ask the peer for a sign of life.
    Probe {
        /// Whose runner.
        generation: Generation,
        /// The probe's number, from 1 in each generation.
        number: u64,
    },
    /// The generation is over: tell whoever watches it. Exactly once for each connect.
    Ended {
        /// Which life.
        generation: Generation,
        /// Why it drained.
        cause: Cause,
        /// How its runner went.
        exit: Exit,
    },
}

impl<L> Action<L> {
    /// The same action with its lease, if any, borrowed: to tell it in another way and keep it.
    pub const fn as_ref(&self) -> Action<&L> {
        match self {
            Self::Connect { generation } => Action::Connect { generation: *generation },
            Self::Stop { generation } => Action::Stop { generation: *generation },
            Self::Abort { generation } => Action::Abort { generation: *generation },
            Self::Discard { generation } => Action::Discard { generation: *generation },
            Self::Grant { ticket, lease } => Action::Grant { ticket: *ticket, lease },
            Self::Reject { ticket, rejection } => Action::Reject { ticket: *ticket, rejection: *rejection },
            Self::Revoke { generation, cause } => Action::Revoke { generation: *generation, cause: *cause },
            Self::Probe { generation, number } => Action::Probe { generation: *generation, number: *number },
            Self::Ended { generation, cause, exit } => {
                Action::Ended { generation: *generation, cause: *cause, exit: *exit }
            }
        }
    }

    /// The same action with its lease, if any, told in another way.
    pub fn map_lease<M>(self, tell: impl FnOnce(L) -> M) -> Action<M> {
        match self {
            Self::Connect { generation } => Action::Connect { generation },
            Self::Stop { generation } => Action::Stop { generation },
            Self::Abort { generation } => Action::Abort { generation },
            Self::Discard { generation } => Action::Discard { generation },
            Self::Grant { ticket, lease } => Action::Grant { ticket, lease: tell(lease) },
            Self::Reject { ticket, rejection } => Action::Reject { ticket, rejection },
            Self::Revoke { generation, cause } => Action::Revoke { generation, cause },
            Self::Probe { generation, number } => Action::Probe { generation, number },
            Self::Ended { generation, cause, exit } => Action::Ended { generation, cause, exit },
        }
    }
}
