//! What the checker knows of one generation.

use super::invariant::Invariant;
use crate::{Generation, Status, Step};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Connecting,
    Live,
    Draining,
    Ended,
}

/// One generation, as inputs and actions have shown it so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observed {
    pub(super) generation: Generation,
    pub(super) stage: Stage,
    was_live: bool,
    revoked: bool,
    /// The last of stop, abort and discard that its runner was told.
    last_told: Option<Step>,
    /// The runner said that it is done, while its end isn't confirmed yet. Nobody is there to be told to end.
    done: bool,
}

type Broken = Result<(), (Invariant, &'static str)>;

impl Observed {
    pub(super) const fn new(generation: Generation) -> Self {
        Self {
            generation,
            stage: Stage::Connecting,
            was_live: false,
            revoked: false,
            last_told: None,
            done: false,
        }
    }

    /// The current or last generation, as far as the status of a machine shows it.
    pub(super) fn resume(status: Status) -> Option<Self> {
        let observed = Self::new(status.generation()?);
        Some(match status {
            Status::Connecting { .. } => observed,
            Status::Live { .. } => Self { stage: Stage::Live, was_live: true, ..observed },
            Status::Draining { step: Step::Finish, .. } => {
                Self { stage: Stage::Draining, was_live: true, ..observed }
            }
            // Past Finish the leases of a generation that was live are revoked. One that never was live has
            // none; the checker treats both alike.
            Status::Draining { step, .. } => {
                Self { stage: Stage::Draining, revoked: true, last_told: Some(step), ..observed }
            }
            Status::Idle { .. } | Status::Closed { .. } => {
                Self { stage: Stage::Ended, revoked: true, ..observed }
            }
        })
    }

    pub(super) fn on_ready(&mut self) {
        if self.stage == Stage::Connecting {
            self.stage = Stage::Live;
            self.was_live = true;
        }
    }

    pub(super) fn on_draining(&mut self) {
        self.stage = self.stage.max(Stage::Draining);
    }

    pub(super) const fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// The leases are revoked, once. `revoked_first` fails if stop, abort, discard or the end came before.
    pub(super) fn on_revoke(&mut self) -> Broken {
        if !self.was_live || self.revoked {
            return Err((Invariant::RevokedOnce, "revoked twice, or never live"));
        }
        self.revoked = true;
        self.on_draining();
        Ok(())
    }

    /// Stop, abort or discard.
    pub(super) fn on_told(&mut self, step: Step) -> Broken {
        if self.stage == Stage::Ended || self.last_told >= Some(step) {
            return Err((Invariant::ConnectEndsOnce, "the runner was told twice or in the wrong order"));
        }
        self.revoked_first()?;
        self.last_told = Some(step);
        self.on_draining();
        Ok(())
    }

    pub(super) fn on_done(&mut self) {
        self.done = true;
        self.on_draining();
    }

    /// The generation has ended. `orphaned`: the discard deadline passed before its runner confirmed its end.
    pub(super) fn on_ended(&mut self, orphaned: bool) -> Broken {
        if self.stage == Stage::Ended {
            return Err((Invariant::ConnectEndsOnce, "ended twice"));
        }
        self.revoked_first()?;
        if orphaned {
            self.told_first(Step::Discard)?;
        }
        self.stage = Stage::Ended;
        Ok(())
    }

    /// Checks that past Finish the leases were revoked and the runner was told each step.
    pub(super) fn at_step(&self, step: Step) -> Broken {
        if step == Step::Finish {
            return Ok(());
        }
        self.revoked_first()?;
        self.told_first(step)
    }

    fn told_first(&self, step: Step) -> Broken {
        if self.last_told < Some(step) && !self.done {
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
