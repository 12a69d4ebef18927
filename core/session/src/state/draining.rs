//! On the way out: the runner is told to end, ever more firmly.

use core::num::NonZeroU64;

use super::{Closed, Idle};
use crate::deadline::Deadline;
use crate::{Cause, Config, DeadlineKind, Exit, Generation, Step, Time, Wake};

/// On the way out. It can become idle or closed, and nothing else.
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Draining {
    pub(in crate::state) generation: Generation,
    pub(in crate::state) cause: Cause,
    pub(in crate::state) phase: Phase,
    /// How the runner said it went, before its end was confirmed.
    pub(in crate::state) done: Option<Exit>,
    pub(in crate::state) deadline: Deadline,
    /// For good: closed follows, not idle.
    pub(in crate::state) closing: bool,
    pub(in crate::state) failed: u32,
    /// The backoff that begins when this generation has ended.
    pub(in crate::state) backoff: Option<core::time::Duration>,
}

/// The step, with the data that has meaning in it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Phase {
    Finish { held: NonZeroU64 },
    Stop,
    Abort,
    Discard,
}

/// Where draining ends.
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum Resting {
    /// The next generation may begin.
    Idle(Idle),
    /// It was for good.
    Closed(Closed),
}

impl Draining {
    /// Which life of the connection this was.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Why it drains.
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// How far it has gone.
    pub const fn step(&self) -> Step {
        match self.phase {
            Phase::Finish { .. } => Step::Finish,
            Phase::Stop => Step::Stop,
            Phase::Abort => Step::Abort,
            Phase::Discard => Step::Discard,
        }
    }

    /// Leases that are still held; zero from [`Step::Stop`] on, since they are revoked there.
    pub const fn held(&self) -> u64 {
        match self.phase {
            Phase::Finish { held } => held.get(),
            Phase::Stop | Phase::Abort | Phase::Discard => 0,
        }
    }

    /// Whether it is for good.
    pub const fn is_closing(&self) -> bool {
        self.closing
    }

    /// Failed attempts in a row.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// How the runner said it went, if it did.
    pub const fn done(&self) -> Option<Exit> {
        self.done
    }

    /// From here on it is for good; whether that is new.
    pub fn on_shutdown(&mut self) -> bool {
        !core::mem::replace(&mut self.closing, true)
    }

    /// One lease less in [`Step::Finish`]: how many are left, `None` in a later step, where a release
    /// is stale. The last one asks for [`advance`](Self::advance) to `Stop`; its lease is counted until then.
    pub fn release(&mut self) -> Option<u64> {
        let Phase::Finish { held } = self.phase else {
            return None;
        };
        let left = held.get().saturating_sub(1);
        if let Some(held) = NonZeroU64::new(left) {
            self.phase = Phase::Finish { held };
        }
        Some(left)
    }

    /// Goes on to `step` and arms its deadline, if `step` lies ahead; whether it did.
    pub fn advance(&mut self, step: Step, config: &Config) -> bool {
        let ahead = step > self.step();
        if ahead {
            (self.phase, self.deadline) = enter(step, 0, config);
        }
        ahead
    }

    /// The runner says it is done; whether that is new.
    pub fn on_done(&mut self, exit: Exit) -> bool {
        let new = self.done.is_none();
        if new {
            self.done = Some(exit);
        }
        new
    }

    /// The runner's end is confirmed, or was waited for long enough: the way out.
    ///
    /// What the runner said of itself when it was done is believed before `exit`.
    pub fn end(self, exit: Exit) -> Resting {
        if self.closing { Resting::Closed(self.close()) } else { Resting::Idle(self.rest(exit)) }
    }

    /// The deadline of the step.
    pub fn poll_timeout(&self) -> Wake {
        self.deadline.wake(match self.phase {
            Phase::Finish { .. } => DeadlineKind::Finish,
            Phase::Stop => DeadlineKind::Stop,
            Phase::Abort => DeadlineKind::Abort,
            Phase::Discard => DeadlineKind::Discard,
        })
    }

    /// Gives deadlines that were armed without a clock their time; whether there were any.
    pub fn stamp(&mut self, now: Time) -> bool {
        self.deadline.stamp(now)
    }
}

/// The phase and deadline of `step`; without a lease there is nothing to finish.
pub(in crate::state) fn enter(step: Step, held: u64, config: &Config) -> (Phase, Deadline) {
    let (phase, duration) = match (step, NonZeroU64::new(held)) {
        (Step::Finish, Some(held)) => (Phase::Finish { held }, config.finish),
        (Step::Finish, None) | (Step::Stop, _) => (Phase::Stop, config.stop),
        (Step::Abort, _) => (Phase::Abort, config.abort),
        (Step::Discard, _) => (Phase::Discard, config.discard),
    };
    (phase, Deadline::Pending(duration))
}
