//! Inputs of the runner: ready, retiring, done, ended, probe answered.

use super::{Outcome, Rejection, Session};
use crate::state::{Current, Drain, Probed};
use crate::{Exit, Generation, Step};

impl Session {
    /// The runner of `generation` is ready to serve.
    ///
    /// No-op while it drains (it was told to stop already) or is live; stale of any other generation.
    pub fn runner_ready(&mut self, generation: Generation) -> Outcome {
        match self.state.current(generation) {
            Some(Current::Connecting) => {
                self.state.ready(&self.config);
                self.settle();
                Outcome::Applied
            }
            Some(Current::Live(_) | Current::Draining(_)) => Outcome::NoOp,
            None => Outcome::Stale,
        }
    }

    /// The runner of `generation` retires: it serves the leases that are held to their end, and takes nothing
    /// new. A server that says goodbye, a session that expires, an output that was closed in order. Optional.
    ///
    /// Whoever acquires from now on gets the next generation. Without a lease held the runner is told to stop at
    /// once. `exit` is how it goes; it counts before what its end says. A runner that retires early counts as a
    /// failed attempt, like one that ends early.
    ///
    /// Only a live session can retire: no-op while it connects or drains, stale of any other generation.
    pub fn runner_retiring(&mut self, generation: Generation, exit: Exit) -> Outcome {
        match self.state.current(generation) {
            Some(Current::Live(_)) => {
                self.drain(Drain::runner_retiring(exit));
                Outcome::Applied
            }
            Some(Current::Connecting | Current::Draining(_)) => Outcome::NoOp,
            None => Outcome::Stale,
        }
    }

    /// The runner of `generation` has finished, but its end isn't confirmed yet: a process is still to
    /// be reaped, say. Optional; [`runner_ended`](Self::runner_ended) must follow.
    pub fn runner_done(&mut self, generation: Generation, exit: Exit) -> Outcome {
        match self.state.current(generation) {
            Some(Current::Connecting) => {
                self.fail_connect(Drain::runner_done(exit), Rejection::ConnectFailed { generation, exit });
                Outcome::Applied
            }
            Some(Current::Live(_)) => {
                self.drain(Drain::runner_done(exit));
                Outcome::Applied
            }
            Some(Current::Draining(draining)) => {
                let is_new = draining.on_done(exit);
                let advanced = self.advance(Step::Discard);
                Outcome::applied_if(is_new || advanced)
            }
            None => Outcome::Stale,
        }
    }

    /// The end of the runner of `generation` is confirmed: nothing of it is left.
    ///
    /// Of an orphan the first such end is applied and frees its place; all else of it is stale.
    pub fn runner_ended(&mut self, generation: Generation, exit: Exit) -> Outcome {
        if self.state.current(generation).is_some() {
            self.end(exit);
            self.settle();
            return Outcome::Applied;
        }
        let Some(index) = self.orphans.iter().position(|orphan| *orphan == generation) else {
            return Outcome::Stale;
        };
        self.orphans.remove(index);
        Outcome::Applied
    }

    /// The peer answered probe `number` of `generation`. Stale unless it is the one that is waited for.
    pub fn probe_answered(&mut self, generation: Generation, number: u64) -> Outcome {
        match self.state.current(generation) {
            Some(Current::Live(live)) => match live.on_probe_answered(number, &self.config) {
                Probed::Answered => Outcome::Applied,
                Probed::Stale => Outcome::Stale,
            },
            Some(Current::Connecting | Current::Draining(_)) | None => Outcome::Stale,
        }
    }
}
