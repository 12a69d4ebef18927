//! Inputs of the callers: acquire, cancel, release, close, shutdown.

use super::settle::keep_for_a_while;
use super::{Acquired, Closing, ForeignLease, Lease, Outcome, Refusal, Rejection, Session};
use crate::deadline::Deadline;
use crate::state::{Current, Drain, State};
use crate::{Cause, Mode, Step, Ticket};

impl Session {
    /// Asks for a lease.
    ///
    /// While the session is live it is granted at once. Otherwise the caller waits, in order, for the
    /// [`Grant`](crate::Action::Grant) or [`Reject`](crate::Action::Reject) of its ticket; a session that is
    /// draining is never handed out, its callers get the next generation.
    ///
    /// # Errors
    /// [`Refusal`] if it can't even wait: shut down, queue full, too many orphans.
    #[inline]
    pub fn acquire(&mut self) -> Result<Acquired, Refusal> {
        match self.grant() {
            Some(lease) => Ok(Acquired::Granted(lease)),
            None => self.wait(),
        }
    }

    /// A lease at once: the session is live and nobody waits. Most acquires are answered here.
    #[inline]
    fn grant(&mut self) -> Option<Lease> {
        let State::Live(live) = &mut self.state else {
            return None;
        };
        if !self.waiting.is_empty() {
            return None;
        }
        live.acquire();
        let generation = live.generation();
        Some(self.mint(generation))
    }

    fn wait(&mut self) -> Result<Acquired, Refusal> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        // As many are never given: nothing is lost by not looking.
        self.tickets = self.tickets.wrapping_add(1);
        self.waiting.push(self.tickets, Deadline::armed_for(self.config.acquire_timeout));
        self.settle();
        Ok(Acquired::Waiting(self.ticket(self.tickets)))
    }

    /// Takes a lease if the session is live and nobody waits; never starts a connect.
    ///
    /// # Errors
    /// [`Refusal::Shutdown`] after shutdown, else [`Refusal::NotLive`].
    #[inline]
    pub fn try_acquire(&mut self) -> Result<Lease, Refusal> {
        self.grant().ok_or_else(|| self.not_live())
    }

    fn not_live(&self) -> Refusal {
        match &self.state {
            State::Closed(_) => Refusal::Shutdown,
            State::Draining(draining) if draining.is_closing() => Refusal::Shutdown,
            State::Idle(_) | State::Connecting(_) | State::Live(_) | State::Draining(_) => Refusal::NotLive,
        }
    }

    fn refusal(&self) -> Option<Refusal> {
        let limit = self.config.max_orphans.get();
        match &self.state {
            State::Closed(_) => return Some(Refusal::Shutdown),
            State::Draining(draining) if draining.is_closing() => return Some(Refusal::Shutdown),
            State::Idle(_) if self.at_orphan_cap() => return Some(Refusal::TooManyOrphans { limit }),
            State::Idle(_) | State::Connecting(_) | State::Live(_) | State::Draining(_) => {}
        }
        let limit = self.config.max_waiting.get();
        (self.waiting.len() >= limit as usize).then_some(Refusal::QueueFull { limit })
    }

    /// The caller with this ticket doesn't wait any more. Nobody else is disturbed; a grant that was
    /// not polled yet is taken back.
    ///
    /// Stale if the ticket was granted, rejected or cancelled before, or belongs to another session.
    pub fn cancel(&mut self, ticket: Ticket) -> Outcome {
        if ticket.session != self.id || !self.waiting.remove(ticket.number) {
            return Outcome::Stale;
        }
        self.settle();
        Outcome::Applied
    }

    /// Gives a lease back. Stale if its generation's leases were revoked.
    ///
    /// # Errors
    /// [`ForeignLease`] hands back a lease of another session.
    #[inline]
    pub fn release(&mut self, lease: Lease) -> Result<Outcome, ForeignLease> {
        if lease.session != self.id {
            return Err(ForeignLease(lease));
        }
        Ok(match self.state.current(lease.generation) {
            Some(Current::Live(live)) => {
                if live.release() == 0 {
                    self.settle();
                }
                Outcome::Applied
            }
            Some(Current::Draining(draining)) => match draining.release() {
                Some(left) => {
                    if left == 0 {
                        self.advance(Step::Stop);
                    }
                    Outcome::Applied
                }
                None => Outcome::Stale,
            },
            Some(Current::Connecting) | None => Outcome::Stale,
        })
    }

    /// Gives a lease back if the session is live and stays so without it: then this does nothing but count, and arm the
    /// keep-alive deadline if it was the last. Most releases are of that kind.
    ///
    /// It is [`release`](Self::release), for an embedder that has a short way past the actions: there are none.
    ///
    /// ```
    /// # use tenure::{Lease, Session};
    /// fn give_back(session: &mut Session, lease: Lease) {
    ///     let Err(lease) = session.try_release(lease) else { return };
    ///     session.release(lease).expect("its own session");
    ///     while let Some(action) = session.poll_action() { /* stop the runner, say */ }
    /// }
    /// ```
    ///
    /// Returns how many are still held.
    ///
    /// # Errors
    /// The lease, if more comes of its release, or nothing does. Nothing was touched.
    #[inline]
    pub fn try_release(&mut self, lease: Lease) -> Result<u64, Lease> {
        let State::Live(live) = &mut self.state else {
            return Err(lease);
        };
        if live.generation() != lease.generation || self.id != lease.session {
            return Err(lease);
        }
        if live.held() == 1 {
            if !self.waiting.is_empty() || self.config.keep_alive.ends_at_last_release() {
                return Err(lease);
            }
            let left = live.release();
            keep_for_a_while(live, self.config.keep_alive);
            return Ok(left);
        }
        Ok(live.release())
    }

    /// Ends everything that was asked for before: leases, and callers that wait. Whoever acquires after
    /// it gets the next generation. The machine carries it through whatever becomes of the caller.
    ///
    /// A close that is weaker than the one under way, or equal, joins it; a stronger one escalates.
    pub fn close(&mut self, mode: Mode) -> Closing {
        let rejected = !self.waiting.is_empty();
        self.reject_all(Rejection::Closed);
        self.wind_down(mode, rejected, false)
    }

    /// [`close`](Self::close) for good: later acquires are refused.
    pub fn shutdown(&mut self, mode: Mode) -> Closing {
        let rejected = !self.waiting.is_empty();
        self.reject_all(Rejection::Shutdown);
        self.wind_down(mode, rejected, true)
    }

    fn wind_down(&mut self, mode: Mode, rejected: bool, for_good: bool) -> Closing {
        match &mut self.state {
            State::Idle(_) => {
                if for_good {
                    self.state.shut_down();
                }
                Closing::new(Outcome::applied_if(rejected || for_good), None)
            }
            State::Connecting(_) | State::Live(_) => {
                let cause = if for_good { Cause::Shutdown } else { Cause::Closed };
                let watch = self.drain(Drain::new(mode.step(), cause).closing(for_good));
                Closing::new(Outcome::applied_if(true), watch)
            }
            State::Draining(draining) => {
                let watch = Some(draining.generation());
                let newly_closing = for_good && draining.on_shutdown();
                let escalated = self.advance(mode.step());
                Closing::new(Outcome::applied_if(rejected || newly_closing || escalated), watch)
            }
            State::Closed(_) => Closing::new(Outcome::applied_if(false), None),
        }
    }
}
