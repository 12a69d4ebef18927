//! All transitions there are. Nothing else in the crate can make one state from another.

use super::draining::enter;
use super::{AfterFailure, Closed, Connecting, Draining, Ending, Idle, Live};
use crate::deadline::Deadline;
use crate::{Cause, Config, Exit, Generation, Step};

/// The name of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum StateName {
    /// Not connected.
    Idle,
    /// The runner was started and isn't ready yet.
    Connecting,
    /// Connected; leases are granted.
    Live,
    /// On the way out.
    Draining,
    /// Shut down for good.
    Closed,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transition {
    /// The state that is consumed.
    pub from: StateName,
    /// The state that is made of it.
    pub to: StateName,
    /// What makes it happen.
    pub when: &'static str,
}

/// How and why draining begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Drain {
    step: Step,
    cause: Cause,
    done: Option<Exit>,
    closing: bool,
    after: Option<AfterFailure>,
}

impl Drain {
    /// Begins at `step` because of `cause`.
    pub const fn new(step: Step, cause: Cause) -> Self {
        Self { step, cause, done: None, closing: false, after: None }
    }

    /// It is for good: closed follows.
    pub const fn closing(mut self, closing: bool) -> Self {
        self.closing = closing;
        self
    }

    /// The runner said that it is done.
    pub const fn done(mut self, exit: Exit) -> Self {
        self.done = Some(exit);
        self
    }

    /// It counts as a failed attempt.
    pub const fn after(mut self, after: Option<AfterFailure>) -> Self {
        self.after = after;
        self
    }
}

/// Writes each transition as a method that consumes its state, and the table from the same tokens.
macro_rules! transitions {
    ($(
        $(#[$doc:meta])*
        $vis:vis $name:ident: $from:ident => $to:ident when $when:literal
        ($this:ident $(, $arg:ident: $kind:ty)*) $body:block
    )+) => {
        $(impl $from {
            $(#[$doc])*
            $vis fn $name(self $(, $arg: $kind)*) -> $to {
                let $this = self;
                $body
            }
        })+

        /// The table: every transition that exists, generated from the code that makes it.
        pub const TRANSITIONS: &[Transition] = &[
            $(Transition { from: StateName::$from, to: StateName::$to, when: $when },)+
        ];
    };
}

transitions! {
    pub(in crate::state) begin: Idle => Connecting
    when "somebody waits, no backoff, orphans below the cap"
    (idle, config: &Config) {
        Connecting {
            generation: idle.generation().map_or(Generation::FIRST, Generation::next),
            failed: idle.failed,
            connect: Deadline::Pending(config.connect),
        }
    }

    /// Ends the session for good.
    pub shutdown: Idle => Closed
    when "shutdown"
    (idle) {
        Closed { generation: idle.generation() }
    }

    /// The runner says that it is ready.
    pub ready: Connecting => Live
    when "the runner of this generation says ready"
    (connecting, config: &Config) {
        Live {
            generation: connecting.generation,
            held: 0,
            failed: connecting.failed,
            keep_alive: Deadline::Off,
            max_age: Deadline::after(config.max_age),
            stable: Deadline::after(config.retry.map(|retry| retry.stable_after)),
            probe: Deadline::after(config.probe.map(|probe| probe.interval)),
            probe_asked: false,
            probes: 0,
        }
    }

    /// The connect is given up. There are no leases yet, so it begins at [`Step::Stop`] at the earliest.
    pub drain: Connecting => Draining
    when "close, connect deadline, nobody waits any more, runner done"
    (connecting, drain: Drain, config: &Config) {
        draining(connecting.generation, connecting.failed, 0, drain, config)
    }

    /// The runner ended before it was ready.
    pub ended: Connecting => Idle
    when "the runner ended before it was ready"
    (connecting, exit: Exit, after: AfterFailure) {
        Idle {
            last: Some(Ending { generation: connecting.generation, cause: Cause::RunnerEnded, exit }),
            failed: after.failed,
            backoff: Deadline::after(after.backoff),
        }
    }

    /// The way out. At [`Step::Finish`] only if leases are held, else at [`Step::Stop`].
    pub drain: Live => Draining
    when "close, max age, keep-alive, probe unanswered, runner done"
    (live, drain: Drain, config: &Config) {
        draining(live.generation, live.failed, live.held, drain, config)
    }

    /// The runner ended by itself: lost.
    pub ended: Live => Idle
    when "the runner ended by itself (lost)"
    (live, exit: Exit, config: &Config) {
        let after = live.after_early_end(config);
        Idle {
            last: Some(Ending { generation: live.generation, cause: Cause::RunnerEnded, exit }),
            failed: after.map_or(live.failed, |after| after.failed),
            backoff: Deadline::after(after.and_then(|after| after.backoff)),
        }
    }

    pub(in crate::state) rest: Draining => Idle
    when "the runner ended, or the discard deadline passed (orphan)"
    (draining, exit: Exit) {
        Idle {
            last: Some(Ending {
                generation: draining.generation,
                cause: draining.cause,
                exit: draining.done.unwrap_or(exit),
            }),
            failed: draining.failed,
            backoff: Deadline::after(draining.backoff),
        }
    }

    pub(in crate::state) close: Draining => Closed
    when "the same, after shutdown"
    (draining) {
        Closed { generation: Some(draining.generation) }
    }
}

/// What both ways into draining have in common.
fn draining(generation: Generation, failed: u32, held: u64, drain: Drain, config: &Config) -> Draining {
    let (phase, deadline) = enter(drain.step, held, config);
    Draining {
        generation,
        cause: drain.cause,
        phase,
        done: drain.done,
        deadline,
        closing: drain.closing,
        failed: drain.after.map_or(failed, |after| after.failed),
        backoff: drain.after.and_then(|after| after.backoff),
    }
}
