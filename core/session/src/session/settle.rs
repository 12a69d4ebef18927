//! From state to state, with what the runner, the leases and the callers are told of it; and what follows from
//! the state and the callers alone.

use super::{Action, Rejection, Session};
use crate::state::{Drain, State};
use crate::{Cause, DeadlineKind, Exit, Generation, KeepAlive, Step};

impl Session {
    /// What follows from the state and the callers alone; nothing does any more until the next input.
    pub(super) fn settle(&mut self) {
        let nobody = self.waiting.is_empty();
        match &mut self.state {
            State::Idle(_) if !nobody => self.connect(),
            State::Connecting(_) if nobody => self.drain(Drain::new(Step::Stop, Cause::NobodyWaiting)),
            State::Live(live) if nobody && live.held() == 0 => match self.config.keep_alive {
                KeepAlive::Never => {
                    let cause = Cause::Deadline(DeadlineKind::KeepAlive);
                    self.drain(Drain::new(Step::Stop, cause));
                }
                KeepAlive::For(duration) => {
                    live.on_unused(duration);
                }
                KeepAlive::Always => {}
            },
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

    /// Connecting or Live to Draining. The leases of a live session are revoked first, unless they may finish.
    pub(super) fn drain(&mut self, drain: Drain) {
        let was_live = matches!(self.state, State::Live(_));
        self.state.drain(drain, &self.config);
        let State::Draining(draining) = &self.state else {
            return;
        };
        let (generation, step, cause) = (draining.generation(), draining.step(), draining.cause());
        if was_live && step > Step::Finish {
            self.actions.push_back(Action::Revoke { generation, cause });
        }
        self.tell_runner(generation, step);
    }

    /// Connecting to Draining because the attempt failed.
    pub(super) fn fail_connect(&mut self, drain: Drain, rejection: Rejection) {
        self.state.drain(drain, &self.config);
        self.reject_unless_retried(rejection);
        if let State::Draining(draining) = &self.state {
            let (generation, step) = (draining.generation(), draining.step());
            self.tell_runner(generation, step);
        }
    }

    /// Draining goes on to `step` if that lies ahead. Returns whether it did.
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

    /// The runner of the current generation is gone, or an orphan that was counted before: to where it rests.
    pub(super) fn end(&mut self, exit: Exit) {
        let (generation, cause, exit, revokes) = match &self.state {
            State::Connecting(connecting) => (connecting.generation(), Cause::RunnerEnded, exit, false),
            State::Live(live) => (live.generation(), Cause::RunnerEnded, exit, true),
            State::Draining(draining) => (
                draining.generation(),
                draining.cause(),
                draining.done().unwrap_or(exit),
                draining.step() == Step::Finish,
            ),
            State::Idle(_) | State::Closed(_) => return,
        };
        let was_connecting = matches!(self.state, State::Connecting(_));
        self.state.end(exit, &self.config);
        if was_connecting {
            self.reject_unless_retried(Rejection::ConnectFailed { generation, exit });
        }
        if revokes {
            self.actions.push_back(Action::Revoke { generation, cause });
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
