//! Inputs of the runner: ready, done, ended, probe answered.

use super::{Action, Outcome, Rejection, Session, State};
use crate::state::{AfterFailure, Drain, Probed};
use crate::{Cause, Exit, Generation, Step};

impl Session {
    /// The runner of `generation` is ready to serve.
    ///
    /// No-op while it drains (it was told to stop already) or is live; stale of any other generation.
    pub fn runner_ready(&mut self, generation: Generation) -> Outcome {
        match &self.state {
            State::Connecting(connecting) if connecting.generation() == generation => {
                let live = connecting.duplicate().ready(&self.config);
                self.state = State::Live(live);
                self.settle();
                Outcome::Applied
            }
            State::Live(live) if live.generation() == generation => Outcome::NoOp,
            State::Draining(draining) if draining.generation() == generation => Outcome::NoOp,
            State::Idle(_)
            | State::Connecting(_)
            | State::Live(_)
            | State::Draining(_)
            | State::Closed(_) => Outcome::Stale,
        }
    }

    /// The runner of `generation` has finished, but its end isn't confirmed yet: a process is still to
    /// be reaped, say. Optional; [`runner_ended`](Self::runner_ended) must follow.
    pub fn runner_done(&mut self, generation: Generation, exit: Exit) -> Outcome {
        match &mut self.state {
            State::Connecting(connecting) if connecting.generation() == generation => {
                let after = connecting.after_failure(exit.retryable, &self.config);
                self.fail_connect(after, Rejection::ConnectFailed { generation, exit });
                let drain = Drain::new(Step::Discard, Cause::RunnerEnded);
                self.drain(drain.done(exit).after(Some(after)));
                Outcome::Applied
            }
            State::Live(live) if live.generation() == generation => {
                let after = live.after_early_end(&self.config);
                let drain = Drain::new(Step::Discard, Cause::RunnerEnded);
                self.drain(drain.done(exit).after(after));
                Outcome::Applied
            }
            State::Draining(draining) if draining.generation() == generation => {
                let new = draining.on_done(exit);
                let advanced = self.advance(Step::Discard);
                Outcome::applied_if(new || advanced)
            }
            State::Idle(_)
            | State::Connecting(_)
            | State::Live(_)
            | State::Draining(_)
            | State::Closed(_) => Outcome::Stale,
        }
    }

    /// The end of the runner of `generation` is confirmed: nothing of it is left.
    ///
    /// Of an orphan the first such end is applied and frees its place; all else of it is stale.
    pub fn runner_ended(&mut self, generation: Generation, exit: Exit) -> Outcome {
        if let Some(index) = self.orphans.iter().position(|orphan| *orphan == generation) {
            self.orphans.remove(index);
            return Outcome::Applied;
        }
        match &self.state {
            State::Connecting(connecting) if connecting.generation() == generation => {
                let after = connecting.after_failure(exit.retryable, &self.config);
                let idle = connecting.duplicate().ended(exit, after);
                self.fail_connect(after, Rejection::ConnectFailed { generation, exit });
                self.state = State::Idle(idle);
                self.actions.push_back(Action::Ended { generation, cause: Cause::RunnerEnded, exit });
            }
            State::Live(live) if live.generation() == generation => {
                let cause = Cause::RunnerEnded;
                let idle = live.duplicate().ended(exit, &self.config);
                self.state = State::Idle(idle);
                self.actions.push_back(Action::Revoke { generation, cause });
                self.actions.push_back(Action::Ended { generation, cause, exit });
            }
            State::Draining(draining) if draining.generation() == generation => self.end(exit),
            State::Idle(_)
            | State::Connecting(_)
            | State::Live(_)
            | State::Draining(_)
            | State::Closed(_) => {
                return Outcome::Stale;
            }
        }
        self.settle();
        Outcome::Applied
    }

    /// The peer answered probe `number` of `generation`. Stale unless it is the one that is waited for.
    pub fn probe_answered(&mut self, generation: Generation, number: u64) -> Outcome {
        match &mut self.state {
            State::Live(live) if live.generation() == generation => {
                match live.on_probe_answered(number, &self.config) {
                    Probed::Answered => Outcome::Applied,
                    Probed::Stale => Outcome::Stale,
                }
            }
            State::Idle(_)
            | State::Connecting(_)
            | State::Live(_)
            | State::Draining(_)
            | State::Closed(_) => Outcome::Stale,
        }
    }

    /// Rejects all who wait with the same cause at the same moment, unless another attempt is left.
    pub(super) fn fail_connect(&mut self, after: AfterFailure, rejection: Rejection) {
        if !after.keep_waiting {
            self.reject_all(rejection);
        }
    }
}
