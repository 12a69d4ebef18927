//! On the way out: the runner is told to end, ever more firmly.

use core::num::NonZeroU64;

use super::declare::state;
#[cfg(feature = "alloc")]
use super::rename::Renamed;
use super::{Closed, Ending, Idle};
use crate::deadline::Deadline;
#[cfg(feature = "alloc")]
use crate::script::names::Names;
use crate::{Cause, Config, DeadlineKind, Exit, Generation, Step, Time, Wake};

state! {
    /// On the way out. It can become idle or closed, and nothing else.
    pub struct Draining as "Draining", DrainingData {
        generation: Generation,
        cause: Cause,
        at: AtStep,
        /// How the runner said that it goes or went, before its end was confirmed.
        exit: Option<Exit>,
        /// For good: closed follows, not idle.
        closing: bool,
        failed: u32,
        /// The backoff that begins when this generation has ended.
        backoff: Option<core::time::Duration>,
    }
}

/// The step with its deadline, and with the data that has meaning in it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum AtStep {
    Finish { held: NonZeroU64, deadline: Deadline },
    Stop { deadline: Deadline },
    Abort { deadline: Deadline },
    Discard { deadline: Deadline },
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
        match self.at {
            AtStep::Finish { .. } => Step::Finish,
            AtStep::Stop { .. } => Step::Stop,
            AtStep::Abort { .. } => Step::Abort,
            AtStep::Discard { .. } => Step::Discard,
        }
    }

    /// Leases that are still held; zero from [`Step::Stop`] on, since they are revoked there.
    pub const fn held(&self) -> u64 {
        match self.at {
            AtStep::Finish { held, .. } => held.get(),
            AtStep::Stop { .. } | AtStep::Abort { .. } | AtStep::Discard { .. } => 0,
        }
    }

    /// Returns whether it is for good.
    pub const fn is_closing(&self) -> bool {
        self.closing
    }

    /// Failed attempts in a row: more than zero if this one failed and the retry policy has another attempt
    /// left for those who wait.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// How the runner said that it goes, when it retired or was done. Its first word counts.
    pub const fn exit(&self) -> Option<Exit> {
        self.exit
    }

    /// From here on it is for good. Returns whether that is new.
    pub fn on_shutdown(&mut self) -> bool {
        !core::mem::replace(&mut self.closing, true)
    }

    /// One lease less in [`Step::Finish`]. Returns how many are left, `None` in a later step, where a release
    /// is stale. The last one asks for [`advance`](Self::advance) to `Stop`; its lease is counted until then.
    pub fn release(&mut self) -> Option<u64> {
        let AtStep::Finish { held, .. } = &mut self.at else {
            return None;
        };
        let left = held.get().saturating_sub(1);
        if let Some(more) = NonZeroU64::new(left) {
            *held = more;
        }
        Some(left)
    }

    /// The runner says it is done, and how it went. Returns whether that is the first word of it.
    pub fn on_done(&mut self, exit: Exit) -> bool {
        let new = self.exit.is_none();
        if new {
            self.exit = Some(exit);
        }
        new
    }

    /// The runner's end is confirmed, or was waited for long enough: the way out.
    ///
    /// What the runner said of itself before is believed before `exit`.
    pub fn end(self, exit: Exit) -> Resting {
        if self.closing { Resting::Closed(self.close()) } else { Resting::Idle(self.rest(exit)) }
    }

    /// How it ends if its runner's end says `exit`: what the runner said of itself before counts.
    pub(in crate::state) fn ending(&self, exit: Exit) -> Ending {
        Ending { generation: self.generation, cause: self.cause, exit: self.exit.unwrap_or(exit) }
    }

    /// The deadline of the step.
    pub fn poll_timeout(&self) -> Wake {
        let Self { generation: _, cause: _, at, exit: _, closing: _, failed: _, backoff: _ } = self;
        match at {
            AtStep::Finish { held: _, deadline } => deadline.wake(DeadlineKind::Finish),
            AtStep::Stop { deadline } => deadline.wake(DeadlineKind::Stop),
            AtStep::Abort { deadline } => deadline.wake(DeadlineKind::Abort),
            AtStep::Discard { deadline } => deadline.wake(DeadlineKind::Discard),
        }
    }

    /// Gives deadlines that were armed without a clock their time. Returns whether there were any.
    pub fn stamp(&mut self, now: Time) -> bool {
        let Self { generation: _, cause: _, at, exit: _, closing: _, failed: _, backoff: _ } = self;
        match at {
            AtStep::Finish { held: _, deadline }
            | AtStep::Stop { deadline }
            | AtStep::Abort { deadline }
            | AtStep::Discard { deadline } => deadline.stamp(now),
        }
    }
}

impl AtStep {
    /// At the beginning of `step`; without a lease there is nothing to finish.
    #[inline]
    pub(in crate::state) fn enter(step: Step, held: u64, config: &Config) -> Self {
        match (step, NonZeroU64::new(held)) {
            (Step::Finish, Some(held)) => {
                Self::Finish { held, deadline: Deadline::Unstamped(config.finish_timeout) }
            }
            (Step::Finish, None) | (Step::Stop, _) => {
                Self::Stop { deadline: Deadline::Unstamped(config.stop_timeout) }
            }
            (Step::Abort, _) => Self::Abort { deadline: Deadline::Unstamped(config.abort_timeout) },
            (Step::Discard, _) => Self::Discard { deadline: Deadline::Unstamped(config.discard_timeout) },
        }
    }
}

#[cfg(feature = "alloc")]
impl Renamed for AtStep {
    fn renamed(&self, names: &Names<'_>) -> Self {
        match self {
            Self::Finish { held, deadline } => {
                Self::Finish { held: held.renamed(names), deadline: deadline.renamed(names) }
            }
            Self::Stop { deadline } => Self::Stop { deadline: deadline.renamed(names) },
            Self::Abort { deadline } => Self::Abort { deadline: deadline.renamed(names) },
            Self::Discard { deadline } => Self::Discard { deadline: deadline.renamed(names) },
        }
    }
}
