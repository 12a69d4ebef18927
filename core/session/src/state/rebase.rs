//! Copies for [`Script`](crate::Script) alone: as they are, or on a canonical clock with canonical ids.
//!
//! and for [`Session`](crate::Session) to consume a state that it holds by reference, so that no
//! placeholder ever stands in its place. The states are linear for everybody else: neither `Clone` nor `Copy`.

use super::{Closed, Connecting, Draining, Ending, Idle, Live};
use crate::{Generation, Time};

/// Where the copy's clock starts and how its generations are numbered.
pub(crate) struct Rebase<'a> {
    pub(crate) clock: Time,
    pub(crate) generation: &'a dyn Fn(Generation) -> Generation,
}

impl Rebase<'_> {
    pub(crate) const IDENTITY: Rebase<'static> = Rebase { clock: Time::ZERO, generation: &|g| g };
}

impl Idle {
    pub(crate) fn duplicate(&self) -> Self {
        self.rebased(&Rebase::IDENTITY)
    }

    pub(crate) fn rebased(&self, to: &Rebase<'_>) -> Self {
        Self {
            last: self.last.map(|ending| Ending { generation: (to.generation)(ending.generation), ..ending }),
            failed: self.failed,
            backoff: self.backoff.relative_to(to.clock),
        }
    }
}

impl Connecting {
    pub(crate) fn duplicate(&self) -> Self {
        self.rebased(&Rebase::IDENTITY)
    }

    pub(crate) fn rebased(&self, to: &Rebase<'_>) -> Self {
        Self {
            generation: (to.generation)(self.generation),
            failed: self.failed,
            connect: self.connect.relative_to(to.clock),
        }
    }
}

impl Live {
    pub(crate) fn duplicate(&self) -> Self {
        self.rebased(&Rebase::IDENTITY)
    }

    pub(crate) fn rebased(&self, to: &Rebase<'_>) -> Self {
        Self {
            generation: (to.generation)(self.generation),
            held: self.held,
            failed: self.failed,
            keep_alive: self.keep_alive.relative_to(to.clock),
            max_age: self.max_age.relative_to(to.clock),
            stable: self.stable.relative_to(to.clock),
            probe: self.probe.relative_to(to.clock),
            probe_asked: self.probe_asked,
            probes: self.probes,
        }
    }

    /// Probes are numbered, and only the last one can be answered: its number is all the same.
    pub(crate) fn with_canonical_probes(mut self) -> Self {
        self.probes = u64::from(self.probes > 0);
        self
    }
}

impl Draining {
    pub(crate) fn duplicate(&self) -> Self {
        self.rebased(&Rebase::IDENTITY)
    }

    pub(crate) fn rebased(&self, to: &Rebase<'_>) -> Self {
        Self {
            generation: (to.generation)(self.generation),
            cause: self.cause,
            phase: self.phase,
            done: self.done,
            deadline: self.deadline.relative_to(to.clock),
            closing: self.closing,
            failed: self.failed,
            backoff: self.backoff,
        }
    }
}

impl Closed {
    pub(crate) fn rebased(&self, to: &Rebase<'_>) -> Self {
        Self { generation: self.generation.map(to.generation) }
    }
}
