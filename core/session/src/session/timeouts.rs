//! Time: the one input that knows it, and what each deadline does when it passes.

use super::{Action, Outcome, Rejection, Session};
use crate::state::{Drain, State};
use crate::{Cause, DeadlineKind, Exit, Step, Time, Wake};

impl Session {
    /// When [`handle_timeout`](Self::handle_timeout) is wanted next, and for which deadline. A backoff
    /// that nobody waits for wakes nobody, once it was stamped.
    pub fn poll_timeout(&self) -> Wake {
        match &self.state {
            State::Idle(idle) if self.waiting.is_empty() => match idle.poll_timeout() {
                Wake::At(..) | Wake::Never => Wake::Never,
                now @ Wake::Now(_) => now,
            },
            State::Idle(_)
            | State::Connecting(_)
            | State::Live(_)
            | State::Draining(_)
            | State::Closed(_) => self.next_deadline(),
        }
    }

    /// It is `now`: gives the deadlines armed since the last call their time and fires all that are due,
    /// earliest first, until none is due. The step after a deadline counts from `now`, so that a machine
    /// that slept goes through all steps.
    ///
    /// A `now` before the last one stamps at the last one and fires nothing.
    pub fn handle_timeout(&mut self, now: Time) -> Outcome {
        let went_back = now < self.clock;
        let mut changed = now > self.clock;
        self.clock = self.clock.max(now);
        loop {
            changed |= self.stamp();
            match self.next_deadline() {
                Wake::At(time, kind) if time <= self.clock && !went_back => {
                    self.fire(kind);
                    changed = true;
                }
                Wake::At(..) | Wake::Now(_) | Wake::Never => return Outcome::applied_if(changed),
            }
        }
    }

    fn next_deadline(&self) -> Wake {
        let state = match &self.state {
            State::Idle(idle) => idle.poll_timeout(),
            State::Connecting(connecting) => connecting.poll_timeout(),
            State::Live(live) => live.poll_timeout(),
            State::Draining(draining) => draining.poll_timeout(),
            State::Closed(_) => Wake::Never,
        };
        if self.waiting.is_empty() {
            return state;
        }
        let back = match self.waiting.back_deadline().wake(DeadlineKind::Acquire) {
            now @ Wake::Now(_) => now,
            Wake::At(..) | Wake::Never => Wake::Never,
        };
        state.or_earlier(self.waiting.front_deadline().wake(DeadlineKind::Acquire)).or_earlier(back)
    }

    /// Returns whether a deadline waited for its time.
    fn stamp(&mut self) -> bool {
        let state = match &mut self.state {
            State::Idle(idle) => idle.stamp(self.clock),
            State::Connecting(connecting) => connecting.stamp(self.clock),
            State::Live(live) => live.stamp(self.clock),
            State::Draining(draining) => draining.stamp(self.clock),
            State::Closed(_) => false,
        };
        if self.waiting.is_empty() {
            return state;
        }
        self.waiting.stamp(self.clock) | state
    }

    fn fire(&mut self, kind: DeadlineKind) {
        match kind {
            DeadlineKind::Acquire => self.on_acquire_timeout(),
            DeadlineKind::Backoff => {
                if let State::Idle(idle) = &mut self.state {
                    idle.on_backoff_over();
                }
            }
            DeadlineKind::Connect => self.on_connect_timeout(),
            DeadlineKind::Stable => {
                if let State::Live(live) = &mut self.state {
                    live.on_stable();
                }
            }
            DeadlineKind::ProbeInterval => {
                if let State::Live(live) = &mut self.state {
                    let (generation, number) = (live.generation(), live.on_probe_due(&self.config));
                    self.actions.push_back(Action::Probe { generation, number });
                }
            }
            DeadlineKind::MaxAge => {
                self.drain(Drain::new(Step::Finish, Cause::Deadline(kind)));
            }
            DeadlineKind::KeepAlive | DeadlineKind::ProbeTimeout => {
                self.drain(Drain::new(Step::Stop, Cause::Deadline(kind)));
            }
            DeadlineKind::Finish => {
                self.advance(Step::Stop);
            }
            DeadlineKind::Stop => {
                self.advance(Step::Abort);
            }
            DeadlineKind::Abort => {
                self.advance(Step::Discard);
            }
            DeadlineKind::Discard => self.on_discard_timeout(),
        }
        self.settle();
    }

    fn on_acquire_timeout(&mut self) {
        if let Some(number) = self.waiting.pop() {
            let ticket = self.ticket(number);
            self.actions.push_back(Action::Reject { ticket, rejection: Rejection::AcquireTimeout });
        }
    }

    fn on_connect_timeout(&mut self) {
        if let State::Connecting(connecting) = &self.state {
            let generation = connecting.generation();
            let drain = Drain::new(Step::Stop, Cause::Deadline(DeadlineKind::Connect));
            self.fail_connect(drain, Rejection::ConnectTimeout { generation });
        }
    }

    /// The runner did not confirm its end in time: from here on it is an orphan.
    fn on_discard_timeout(&mut self) {
        if let State::Draining(draining) = &self.state {
            self.orphans.push(draining.generation());
            self.end(Exit::UNCONFIRMED);
        }
    }
}
