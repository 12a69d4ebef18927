//! From state to state, with what the runner, the leases and the callers are told of it; and what follows from
//! the state and the callers alone.

use super::{Action, Rejection, Session};
use crate::state::{Drain, Drained, Ended, Ending, Live, State, Was};
use crate::{Cause, DeadlineKind, Exit, Generation, KeepAlive, Step};

impl Session {
    /// Does what follows from the state and the callers alone. Afterwards nothing more does, until the next input.
    pub(super) fn settle(&mut self) {
        let nobody = self.waiting.is_empty();
        match &mut self.state {
            State::Idle(_) if !nobody => self.connect(),
            State::Connecting(_) if nobody => {
                self.drain(Drain::new(Step::Stop, Cause::NobodyWaiting));
            }
            State::Live(live) if nobody && live.held() == 0 => {
                if self.config.keep_alive.ends_at_last_release() {
                    let cause = Cause::Deadline(DeadlineKind::KeepAlive);
                    self.drain(Drain::new(Step::Stop, cause));
                } else {
                    keep_for_a_while(live, self.config.keep_alive);
                }
            }
            State::Idle(_)
            | State::Connecting(_)
            | State::Live(_)
            | State::Draining(_)
            | State::Closed(_) => {}
        }
    }

    /// Idle to Connecting, unless a backoff is running. The cap of orphans was looked at when it became idle and
    /// at each acquire.
    fn connect(&mut self) {
        if let Some(generation) = self.state.connect(&self.config) {
            self.actions.push_back(Action::Connect { generation });
        }
    }

    /// Connecting or Live to Draining. The leases of a live session are revoked first, unless they may finish. Returns
    /// the generation that drains, if one began to.
    pub(super) fn drain(&mut self, drain: Drain) -> Option<Generation> {
        let Drained { generation, step, cause, was_live } = self.state.drain(drain, &self.config)?;
        if was_live && step > Step::Finish {
            self.actions.push_back(Action::Revoke { generation, cause });
        }
        self.tell_runner(generation, step);
        Some(generation)
    }

    /// Connecting to Draining because the attempt failed.
    pub(super) fn fail_connect(&mut self, drain: Drain, rejection: Rejection) {
        let Some(Drained { generation, step, .. }) = self.state.drain(drain, &self.config) else {
            return;
        };
        self.reject_unless_retried(rejection);
        self.tell_runner(generation, step);
    }

    /// Draining goes on to `step` if that lies ahead. Returns whether `step` was taken.
    pub(super) fn advance(&mut self, step: Step) -> bool {
        let State::Draining(draining) = &mut self.state else {
            return false;
        };
        let from = draining.step();
        if !draining.advance(step, &self.config) {
            return false;
        }
        let (generation, cause) = (draining.generation(), draining.cause());
        if from == Step::Finish {
            self.actions.push_back(Action::Revoke { generation, cause });
        }
        self.tell_runner(generation, step);
        true
    }

    fn tell_runner(&mut self, generation: Generation, step: Step) {
        self.actions.push_back(match step {
            Step::Finish => return,
            Step::Stop => Action::Stop { generation },
            Step::Abort => Action::Abort { generation },
            Step::Discard => Action::Discard { generation },
        });
    }

    /// The runner of the current generation has ended, or was counted as an orphan: its state is left, for Idle,
    /// Closed or a new connect.
    pub(super) fn end(&mut self, exit: Exit) {
        let Some(Ended { ending: Ending { generation, cause, exit }, was }) =
            self.state.end(exit, &self.config)
        else {
            return;
        };
        match was {
            Was::Connecting => self.reject_unless_retried(Rejection::ConnectFailed { generation, exit }),
            Was::Leased => self.actions.push_back(Action::Revoke { generation, cause }),
            Was::Revoked => {}
        }
        self.actions.push_back(Action::Ended { generation, cause, exit });
        if self.at_orphan_cap() {
            let limit = self.config.max_orphans.get();
            self.reject_all(Rejection::TooManyOrphans { limit });
        }
    }

    /// An attempt failed: all who wait are rejected with the same cause at the same moment, unless another
    /// attempt is left.
    fn reject_unless_retried(&mut self, rejection: Rejection) {
        if self.state.failed() == 0 {
            self.reject_all(rejection);
        }
    }

    pub(super) fn reject_all(&mut self, rejection: Rejection) {
        while let Some(number) = self.waiting.pop() {
            let ticket = self.ticket(number);
            self.actions.push_back(Action::Reject { ticket, rejection });
        }
    }
}

/// A live session that nobody uses stays as long as its keep-alive says, if that is for a time.
#[inline]
pub(super) fn keep_for_a_while(live: &mut Live, keep_alive: KeepAlive) {
    if let KeepAlive::For(duration) = keep_alive {
        live.on_unused(duration);
    }
}
