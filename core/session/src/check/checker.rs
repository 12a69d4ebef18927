//! Follows inputs and actions in their order.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;

use super::generation::{Observed, Stage};
use super::invariant::{Invariant, Violation};
use super::system::View;
use super::waiting::Waiting;
use crate::{Action, Config, Generation, Input, LeaseData, Output, Reply, Script, Status, Step, Time};

mod views;

/// Follows one session from its first input on.
///
/// It knows what was put in, what came out and, where there is one, the [`View`]; not how a design works.
/// Without views (a recorded trace) it checks all that inputs and actions tell.
#[derive(Clone, Debug)]
pub struct Checker {
    config: Config,
    steps: u64,
    clock: Time,
    /// The current generation, or the last.
    observed: Option<Observed>,
    waiting: Waiting,
    held: BTreeMap<u64, Generation>,
    last_lease: u64,
    orphans: BTreeSet<Generation>,
    shut_down: bool,
}

type Checked = Result<(), Violation>;

impl Checker {
    /// Follows a session made with `config` that has seen no input yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            steps: 0,
            clock: Time::ZERO,
            observed: None,
            waiting: Waiting::default(),
            held: BTreeMap::new(),
            last_lease: 0,
            orphans: BTreeSet::new(),
            shut_down: false,
        }
    }

    /// Follows a session from where `script` is now.
    ///
    /// It knows what the machine's state tells: who waits, what is held, how far the current generation is. So
    /// a state can be checked by itself, whether or not any history leads there, as an inductive argument does.
    /// What the state has forgotten it doesn't know: that a ticket or a lease that is over had this number
    /// before. That takes a checker which has followed the session from its first input.
    pub fn resume(script: &Script) -> Self {
        let session = script.session();
        let status = session.status();
        let mut checker = Self::new(session.config().clone());
        checker.clock = script.clock();
        checker.waiting = Waiting::resume(script);
        checker.held = script.leases().map(|lease| (lease.number, lease.generation)).collect();
        checker.last_lease = checker.held.keys().next_back().copied().unwrap_or(0);
        checker.orphans = session.orphans().iter().copied().collect();
        checker.shut_down = match status {
            Status::Closed { .. } => true,
            Status::Draining { closing, .. } => closing,
            Status::Idle { .. } | Status::Connecting { .. } | Status::Live { .. } => false,
        };
        checker.observed = Observed::resume(status);
        checker
    }

    /// How many callers wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Follows one input and what came of it.
    ///
    /// # Errors
    /// The first invariant that doesn't hold.
    pub fn step(&mut self, now: Time, input: &Input, output: &Output, view: Option<&View>) -> Checked {
        self.steps = self.steps.saturating_add(1);
        let before = self.waiting.len();
        self.on_input(input, &output.reply)?;
        if !output.reply.is_change() && !output.actions.is_empty() {
            let seen = format!("\"{input}\" was {}, and yet: {output}", output.reply);
            return Err(self.violation(Invariant::NothingFromNothing, seen));
        }
        if output.actions.len() > before.saturating_add(self.bound_beside_tickets()) {
            let seen = format!("{} actions with {before} tickets pending", output.actions.len());
            return Err(self.violation(Invariant::ActionsBounded, seen));
        }
        for action in &output.actions {
            self.on_action(action, input)?;
        }
        if matches!(input, Input::Timeout) {
            self.clock = self.clock.max(now);
        }
        view.map_or(Ok(()), |view| self.on_view(now, input, view))
    }

    pub(super) fn violation(&self, invariant: Invariant, seen: String) -> Violation {
        Violation::new(invariant, self.steps, seen)
    }

    fn ensure(&self, holds: bool, invariant: Invariant, seen: impl FnOnce() -> String) -> Checked {
        if holds { Ok(()) } else { Err(self.violation(invariant, seen())) }
    }

    /// One input can take a session through a whole generation for each orphan there may be, if all its
    /// deadlines are zero: connect, revoke, probe, stop, abort, discard, ended.
    fn bound_beside_tickets(&self) -> usize {
        (self.config.max_orphans.get() as usize).saturating_add(2).saturating_mul(7)
    }

    /// The attempts in a row that a caller may wait through.
    fn attempts(&self) -> u32 {
        self.config.retry.map_or(1, |retry| retry.attempts.get())
    }

    fn on_input(&mut self, input: &Input, reply: &Reply) -> Checked {
        match *reply {
            Reply::Granted(lease) => return self.on_grant(lease),
            Reply::Waiting { ticket } => {
                let connecting = self.observed.is_some_and(|observed| observed.stage == Stage::Connecting);
                let new = self.waiting.push(ticket, connecting);
                self.ensure(new, Invariant::TicketEndsOnce, || format!("ticket {ticket} was given twice"))?;
            }
            Reply::Closing(closing) => {
                if matches!(input, Input::Shutdown { .. }) {
                    self.shut_down = true;
                }
                if let Some(observed) = self.current(closing.watch) {
                    observed.on_draining();
                }
            }
            Reply::Refused(_) | Reply::Applied | Reply::NoOp | Reply::Stale => {}
        }
        match *input {
            Input::Cancel { ticket } => self.on_cancel(ticket, reply),
            Input::Release { lease } => self.on_release(lease, reply),
            Input::RunnerReady { generation } if *reply == Reply::Applied => {
                if let Some(observed) = self.current(Some(generation)) {
                    observed.on_ready();
                }
                Ok(())
            }
            Input::RunnerRetiring { generation, .. } if *reply == Reply::Applied => {
                if let Some(observed) = self.current(Some(generation)) {
                    observed.on_draining();
                }
                Ok(())
            }
            Input::RunnerDone { generation, .. } if *reply == Reply::Applied => {
                if let Some(observed) = self.current(Some(generation)) {
                    observed.on_done();
                }
                Ok(())
            }
            Input::RunnerEnded { generation, .. } if *reply == Reply::Applied => {
                self.on_runner_ended(generation)
            }
            Input::RunnerReady { .. }
            | Input::RunnerEnded { .. }
            | Input::Acquire
            | Input::TryAcquire
            | Input::Close { .. }
            | Input::Shutdown { .. }
            | Input::RunnerRetiring { .. }
            | Input::RunnerDone { .. }
            | Input::ProbeAnswered { .. }
            | Input::Timeout => Ok(()),
        }
    }

    fn current(&mut self, generation: Option<Generation>) -> Option<&mut Observed> {
        self.observed.as_mut().filter(|observed| Some(observed.generation) == generation)
    }

    fn on_cancel(&mut self, ticket: u64, reply: &Reply) -> Checked {
        let was_pending = self.waiting.take(ticket);
        self.ensure(was_pending == (*reply == Reply::Applied), Invariant::TicketEndsOnce, || {
            format!("cancel of ticket {ticket}, pending: {was_pending}, was {reply}")
        })
    }

    fn on_release(&mut self, lease: u64, reply: &Reply) -> Checked {
        let generation = self.held.remove(&lease);
        let counts = generation.is_some_and(|generation| {
            self.current(Some(generation)).is_some_and(|observed| !observed.is_revoked())
        });
        self.ensure(counts == (*reply == Reply::Applied), Invariant::LeasesCounted, || {
            format!("release of lease {lease}, counted: {counts}, was {reply}")
        })
    }

    /// The end of an orphan frees its place; any other's end is told by the action that follows.
    fn on_runner_ended(&mut self, generation: Generation) -> Checked {
        let orphan = self.orphans.remove(&generation);
        let current = self.current(Some(generation)).is_some_and(|observed| observed.stage != Stage::Ended);
        self.ensure(orphan || current, Invariant::OrphansBounded, || {
            format!("the end of {generation} was applied, and it had ended before")
        })
    }

    fn on_grant(&mut self, lease: LeaseData) -> Checked {
        let live = self.current(Some(lease.generation)).is_some_and(|observed| observed.stage == Stage::Live);
        self.ensure(live, Invariant::GrantOnlyLive, || format!("{lease} was granted and isn't live"))?;
        let new = lease.number > self.last_lease;
        self.ensure(new, Invariant::LeasesCounted, || format!("{lease} was granted twice"))?;
        self.last_lease = lease.number;
        self.held.insert(lease.number, lease.generation);
        Ok(())
    }

    fn on_action(&mut self, action: &Action<LeaseData>, input: &Input) -> Checked {
        match *action {
            Action::Connect { generation } => self.on_connect(generation),
            Action::Stop { generation } => {
                self.with_observed(generation, |observed| observed.on_told(Step::Stop))
            }
            Action::Abort { generation } => {
                self.with_observed(generation, |observed| observed.on_told(Step::Abort))
            }
            Action::Discard { generation } => {
                self.with_observed(generation, |observed| observed.on_told(Step::Discard))
            }
            Action::Revoke { generation, .. } => self.with_observed(generation, Observed::on_revoke),
            Action::Ended { generation, .. } => {
                let orphaned = !matches!(input, Input::RunnerEnded { .. });
                self.with_observed(generation, |observed| observed.on_ended(orphaned))?;
                if orphaned {
                    self.orphans.insert(generation);
                }
                Ok(())
            }
            Action::Grant { ticket, lease } => {
                let front = self.waiting.front() == Some(ticket.number());
                let waited = self.waiting.take(ticket.number());
                self.ensure(waited, Invariant::TicketEndsOnce, || {
                    format!("caller {} was granted a lease and doesn't wait", ticket.number())
                })?;
                self.ensure(front, Invariant::ServedInOrder, || {
                    format!("caller {} was granted a lease out of order", ticket.number())
                })?;
                self.on_grant(lease)
            }
            Action::Reject { ticket, .. } => {
                let waited = self.waiting.take(ticket.number());
                self.ensure(waited, Invariant::TicketEndsOnce, || {
                    format!("caller {} was rejected and doesn't wait", ticket.number())
                })
            }
            Action::Probe { generation, .. } => {
                let live =
                    self.current(Some(generation)).is_some_and(|observed| observed.stage == Stage::Live);
                self.ensure(live, Invariant::ConnectEndsOnce, || {
                    format!("{generation} is probed and isn't live")
                })
            }
        }
    }

    fn on_connect(&mut self, generation: Generation) -> Checked {
        let expected = self.observed.map_or(Generation::FIRST, |observed| observed.generation.next());
        let ended = self.observed.is_none_or(|observed| observed.stage == Stage::Ended);
        self.ensure(generation == expected && ended, Invariant::GenerationsGrow, || {
            format!("connect of {generation}, expected {expected}, the one before has ended: {ended}")
        })?;
        let orphans = self.orphans.len();
        self.ensure(orphans < self.config.max_orphans.get() as usize, Invariant::OrphansBounded, || {
            format!("connect with {orphans} orphans")
        })?;
        self.ensure(!self.shut_down, Invariant::NoConnectAfterShutdown, || {
            format!("connect of {generation}")
        })?;
        self.observed = Some(Observed::new(generation));
        let (attempts, connects) = (self.attempts(), self.waiting.on_connect());
        self.ensure(connects <= attempts, Invariant::BoundsHold, || {
            format!("connect of {generation}: attempt {connects} of {attempts} for a caller that waits")
        })
    }

    fn with_observed(
        &mut self,
        generation: Generation,
        told: impl FnOnce(&mut Observed) -> Result<(), (Invariant, &'static str)>,
    ) -> Checked {
        let Some(observed) = self.current(Some(generation)) else {
            return Err(self.violation(
                Invariant::ConnectEndsOnce,
                format!("an action for {generation}, which isn't the current one"),
            ));
        };
        told(observed).map_err(|(invariant, seen)| self.violation(invariant, format!("{generation}: {seen}")))
    }
}
