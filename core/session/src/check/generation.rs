//! What the checker knows of one generation.

use super::Invariant;
use crate::{Generation, Status, Step};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Connecting,
    Live,
    Draining,
    Ended,
}

/// The life of one generation as inputs and actions told it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) generation: Generation,
    pub(super) phase: Phase,
    was_live: bool,
    revoked: bool,
    told: Option<Step>,
    /// Its runner was done before something of it: nobody is there to be told any more.
    done: bool,
}

type Broken = Result<(), (Invariant, &'static str)>;

impl Life {
    pub(super) const fn new(generation: Generation) -> Self {
        Self {
            generation,
            phase: Phase::Connecting,
            was_live: false,
            revoked: false,
            told: None,
            done: false,
        }
    }

    /// The life of the current or last generation, as a machine with this status has told it.
    pub(super) fn resume(status: Status) -> Option<Self> {
        let life = Self::new(status.generation()?);
        Some(match status {
            Status::Connecting { .. } => life,
            Status::Live { .. } => Self { phase: Phase::Live, was_live: true, ..life },
            Status::Draining { step: Step::Finish, .. } => {
                Self { phase: Phase::Draining, was_live: true, ..life }
            }
            // Revoked, or never live: from here on it is the same.
            Status::Draining { step, .. } => {
                Self { phase: Phase::Draining, revoked: true, told: Some(step), ..life }
            }
            Status::Idle { .. } | Status::Closed { .. } => {
                Self { phase: Phase::Ended, revoked: true, ..life }
            }
        })
    }

    pub(super) fn on_ready(&mut self) {
        if self.phase == Phase::Connecting {
            self.phase = Phase::Live;
            self.was_live = true;
        }
    }

    pub(super) fn on_draining(&mut self) {
        self.phase = self.phase.max(Phase::Draining);
    }

    pub(super) const fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// Once revoked it can be told to end, and end; so a revoke too late is one too many.
    pub(super) fn on_revoke(&mut self) -> Broken {
        if !self.was_live || self.revoked {
            return Err((Invariant::RevokedOnce, "a revoke too many or too late"));
        }
        self.revoked = true;
        self.on_draining();
        Ok(())
    }

    /// Stop, abort or discard.
    pub(super) fn on_told(&mut self, step: Step) -> Broken {
        if self.phase == Phase::Ended || self.told >= Some(step) {
            return Err((Invariant::ConnectEndsOnce, "the runner was told twice or in the wrong order"));
        }
        self.revoked_first()?;
        self.told = Some(step);
        self.on_draining();
        Ok(())
    }

    pub(super) fn on_done(&mut self) {
        self.done = true;
        self.on_draining();
    }

    /// With the end of its runner, or as an orphan.
    pub(super) fn on_ended(&mut self, orphaned: bool) -> Broken {
        if self.phase == Phase::Ended {
            return Err((Invariant::ConnectEndsOnce, "ended twice"));
        }
        self.revoked_first()?;
        if orphaned {
            self.told_first(Step::Discard)?;
        }
        self.phase = Phase::Ended;
        Ok(())
    }

    /// While it drains: with each step but the first its runner is told to end, in that way.
    pub(super) fn at_step(&self, step: Step) -> Broken {
        if step == Step::Finish {
            return Ok(());
        }
        self.revoked_first()?;
        self.told_first(step)
    }

    fn told_first(&self, step: Step) -> Broken {
        if self.told < Some(step) && !self.done {
            return Err((Invariant::ConnectEndsOnce, "the runner was not told"));
        }
        Ok(())
    }

    fn revoked_first(&self) -> Broken {
        if self.was_live && !self.revoked {
            return Err((Invariant::RevokedOnce, "the leases were not revoked before"));
        }
        Ok(())
    }
}
