//! All transitions there are. Nothing else in the crate can make one state from another.
//!
//! Each transition stands here once. Its method, the type that it consumes, the type that it gives and its rows
//! of [`TRANSITIONS`] are made of the same tokens; what the rows say of *when* is held against every step of
//! the model checker (tests/model), both ways: what it sees is in the table, and what is in the table it sees.

use super::live::{ProbeState, Usage};
use super::{AtStep, Closed, Connecting, Draining, Ending, Idle, Live, Place, StateName, Trigger};
use crate::backoff::{NextAttempt, next_attempt};
use crate::deadline::Deadline;
use crate::{Cause, Config, DeadlineKind, Exit, Generation, Mode, Step};

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transition {
    /// The state that is consumed.
    pub from: Place,
    /// The state that is made of it.
    pub to: Place,
    /// What makes it happen; any one of these.
    pub when: &'static [Trigger],
}

/// How and why draining begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Drain {
    step: Step,
    cause: Cause,
    /// How the runner says that it goes, if it is the runner that begins.
    exit: Option<Exit>,
    closing: bool,
}

impl Drain {
    /// Begins at `step` because of `cause`.
    pub const fn new(step: Step, cause: Cause) -> Self {
        Self { step, cause, exit: None, closing: false }
    }

    /// Begins because the runner says that it is done: nobody is there to be told to stop.
    pub const fn runner_done(exit: Exit) -> Self {
        Self { step: Step::Discard, cause: Cause::RunnerEnded, exit: Some(exit), closing: false }
    }

    /// Begins because the runner retires: it serves the leases that are held, and takes nothing new.
    pub const fn runner_retiring(exit: Exit) -> Self {
        Self { step: Step::Finish, cause: Cause::RunnerRetiring, exit: Some(exit), closing: false }
    }

    /// It is for good: closed follows.
    pub const fn closing(mut self, closing: bool) -> Self {
        self.closing = closing;
        self
    }
}

/// Writes each transition as a method that consumes its state, each step as an arm of
/// [`Draining::advance`], and the table from the same tokens.
macro_rules! transitions {
    (
        states {$(
            $(#[$doc:meta])*
            $vis:vis $name:ident: $from:ident => $to:ident
            when { $($(/ $to_step:ident)? [$($when:expr),+];)+ }
            ($this:ident $(, $arg:ident: $kind:ty)*) $body:block
        )+}
        steps {
            $($step:ident => $next:ident when [$($step_when:expr),+];)+
        }
    ) => {
        $(impl $from {
            $(#[$doc])*
            #[inline]
            $vis fn $name(self $(, $arg: $kind)*) -> $to {
                let $this = self;
                $body
            }
        })+

        impl Draining {
            /// Goes on to `step` and arms its deadline, if `step` lies ahead. Returns whether `step` was taken.
            #[expect(clippy::unnested_or_patterns, reason = "a pattern for each row")]
            pub fn advance(&mut self, step: Step, config: &Config) -> bool {
                match (self.step(), step) {
                    $((Step::$step, Step::$next))|+ => {
                        self.at = AtStep::enter(step, 0, config);
                        true
                    }
                    (Step::Finish | Step::Stop | Step::Abort | Step::Discard, _) => false,
                }
            }
        }

        /// The table: every transition that exists, generated from the code that makes it.
        pub const TRANSITIONS: &[Transition] = &[
            $($(Transition {
                from: Place::new(StateName::$from, None),
                to: Place::new(StateName::$to, transitions!(@step $($to_step)?)),
                when: &[$($when),+],
            },)+)+
            $(Transition {
                from: Place::new(StateName::Draining, Some(Step::$step)),
                to: Place::new(StateName::Draining, Some(Step::$next)),
                when: &[$($step_when),+],
            },)+
        ];
    };
    (@step) => { None };
    (@step $step:ident) => { Some(Step::$step) };
}

use DeadlineKind as Kind;
use Trigger::{
    Close, Deadline as Passed, LastRelease, NobodyWaits, Ready, RunnerDone, RunnerEnded, RunnerRetiring,
    Wanted,
};

transitions! {
    states {
        pub(in crate::state) begin: Idle => Connecting
        when { [Wanted]; }
        (idle, config: &Config) {
            Connecting {
                generation: idle.generation().map_or(Generation::FIRST, Generation::next),
                failed: idle.failed,
                connect: Deadline::Unstamped(config.connect_timeout),
            }
        }

        /// Ends the session for good.
        pub shutdown: Idle => Closed
        when { [Trigger::Shutdown]; }
        (idle) {
            Closed { generation: idle.generation() }
        }

        /// The runner says that it is ready.
        pub ready: Connecting => Live
        when { [Ready]; }
        (connecting, config: &Config) {
            Live {
                generation: connecting.generation,
                usage: Usage::Unused(Deadline::Off),
                failed: connecting.failed,
                max_age: Deadline::armed_for(config.max_age),
                stable: Deadline::armed_for(config.retry.map(|retry| retry.stable_after)),
                probe: ProbeState::due(0, config),
            }
        }

        /// The connect is given up. There are no leases yet, so it begins at [`Step::Stop`] at the earliest.
        ///
        /// A connect deadline, and a runner that is done, count as a failed attempt.
        pub drain: Connecting => Draining
        when {
            /Stop [Close(Mode::Graceful), Close(Mode::Force), Passed(Kind::Connect), NobodyWaits];
            /Abort [Close(Mode::Abort)];
            /Discard [RunnerDone];
        }
        (connecting, drain: Drain, config: &Config) {
            let Connecting { generation, failed, connect: _ } = connecting;
            let attempt = match (drain.exit, drain.cause) {
                (Some(exit), _) => next_attempt(exit.retryable, failed, generation, config),
                (None, Cause::Deadline(Kind::Connect)) => next_attempt(true, failed, generation, config),
                (None, _) => NextAttempt { failed, backoff: None },
            };
            draining(generation, attempt, 0, drain, config)
        }

        /// The runner ended before it was ready: a failed attempt.
        pub ended: Connecting => Idle
        when { [RunnerEnded]; }
        (connecting, exit: Exit, config: &Config) {
            let Connecting { generation, failed, connect: _ } = connecting;
            let attempt = next_attempt(exit.retryable, failed, generation, config);
            Idle {
                last: Some(Ending::by_itself(generation, exit)),
                failed: attempt.failed,
                backoff: Deadline::armed_for(attempt.backoff),
            }
        }

        /// The way out. At [`Step::Finish`] only if leases are held, else at [`Step::Stop`].
        ///
        /// A runner that retires, or is done, before this life counts as a success counts as a failed attempt.
        pub drain: Live => Draining
        when {
            /Finish [Close(Mode::Graceful), Passed(Kind::MaxAge), RunnerRetiring];
            /Stop [
                Close(Mode::Graceful), Close(Mode::Force), Passed(Kind::MaxAge), Passed(Kind::KeepAlive),
                Passed(Kind::ProbeTimeout), LastRelease, NobodyWaits, RunnerRetiring
            ];
            /Abort [Close(Mode::Abort)];
            /Discard [RunnerDone];
        }
        (live, drain: Drain, config: &Config) {
            let (generation, held) = (live.generation, live.held());
            let attempt = match drain.exit {
                Some(_) => attempt_after_live(&live, config),
                None => NextAttempt { failed: live.failed, backoff: None },
            };
            draining(generation, attempt, held, drain, config)
        }

        /// The runner ended by itself: lost. Before this life counts as a success it is a failed attempt.
        pub ended: Live => Idle
        when { [RunnerEnded]; }
        (live, exit: Exit, config: &Config) {
            let attempt = attempt_after_live(&live, config);
            Idle {
                last: Some(Ending::by_itself(live.generation, exit)),
                failed: attempt.failed,
                backoff: Deadline::armed_for(attempt.backoff),
            }
        }

        pub(in crate::state) rest: Draining => Idle
        when { [RunnerEnded, Passed(Kind::Discard)]; }
        (draining, exit: Exit) {
            Idle {
                last: Some(draining.ending(exit)),
                failed: draining.failed,
                backoff: Deadline::armed_for(draining.backoff),
            }
        }

        pub(in crate::state) close: Draining => Closed
        when { [RunnerEnded, Passed(Kind::Discard)]; }
        (draining) {
            Closed { generation: Some(draining.generation) }
        }
    }

    steps {
        Finish => Stop when [LastRelease, Passed(Kind::Finish), Close(Mode::Force)];
        Finish => Abort when [Close(Mode::Abort)];
        Finish => Discard when [RunnerDone];
        Stop => Abort when [Passed(Kind::Stop), Close(Mode::Abort)];
        Stop => Discard when [RunnerDone];
        Abort => Discard when [Passed(Kind::Abort), RunnerDone];
    }
}

/// What both ways into draining have in common.
#[inline]
fn draining(
    generation: Generation,
    attempt: NextAttempt,
    held: u64,
    drain: Drain,
    config: &Config,
) -> Draining {
    Draining {
        generation,
        cause: drain.cause,
        at: AtStep::enter(drain.step, held, config),
        exit: drain.exit,
        closing: drain.closing,
        failed: attempt.failed,
        backoff: attempt.backoff,
    }
}

/// What follows if the runner of a live session ends by itself.
///
/// An early end is a failed attempt however it went: a peer that says ready and leaves in good order would be
/// started again in a hot loop just the same.
#[inline]
fn attempt_after_live(live: &Live, config: &Config) -> NextAttempt {
    if live.is_early() {
        next_attempt(true, live.failed, live.generation, config)
    } else {
        NextAttempt { failed: live.failed, backoff: None }
    }
}
