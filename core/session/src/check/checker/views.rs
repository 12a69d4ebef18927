//! What is seen of a system after an input, against what inputs and actions tell.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Checked, Checker};
use crate::check::generation::Stage;
use crate::check::invariant::Invariant;
use crate::check::system::View;
use crate::{Generation, Input, KeepAlive, Status, Step, Time, Wake};

impl Checker {
    pub(super) fn on_view(&mut self, now: Time, input: &Input, view: &View) -> Checked {
        let &View { status, waiting, orphans, failed, .. } = view;
        if let Status::Draining { generation, .. } = status
            && let Some(observed) = self.current(Some(generation))
        {
            observed.on_draining();
        }
        self.ensure(waiting == self.waiting.len(), Invariant::TicketEndsOnce, || {
            format!(
                "{waiting} callers wait, but {:?} are pending",
                self.waiting.tickets().collect::<Vec<_>>()
            )
        })?;
        self.ensure(orphans == self.orphans.len(), Invariant::OrphansBounded, || {
            format!("{orphans} orphans, but {} have not ended", names(&self.orphans))
        })?;
        let closing = matches!(status, Status::Closed { .. } | Status::Draining { closing: true, .. });
        self.ensure(closing || !self.shut_down, Invariant::NoConnectAfterShutdown, || {
            format!("it was shut down, and is {status:#}")
        })?;
        self.on_stage(status)?;
        if let Status::Draining { generation, step, .. } = status {
            self.with_observed(generation, |observed| observed.at_step(step))?;
        }
        let held = self.held_by_view(status);
        self.ensure(held.0 == held.1, Invariant::LeasesCounted, || {
            format!("{} leases are counted, {} are held", held.0, held.1)
        })?;
        self.on_deadlines(now, input, view)?;
        let attempts = self.attempts();
        let bounded = waiting <= self.config.max_waiting.get() as usize && failed < attempts;
        self.ensure(bounded, Invariant::BoundsHold, || {
            format!("{waiting} callers wait, {failed} attempts failed")
        })?;
        let wanted = match status {
            Status::Connecting { .. } => waiting > 0,
            Status::Draining { step: Step::Finish, held, .. } => held > 0,
            Status::Live { held: 0, .. } => waiting > 0 || self.config.keep_alive != KeepAlive::Never,
            Status::Idle { .. } | Status::Live { .. } | Status::Draining { .. } | Status::Closed { .. } => {
                true
            }
        };
        self.ensure(wanted, Invariant::SomebodyWants, || format!("nobody wants it: {status:#}"))
    }

    /// The state and its generation are those that inputs and actions show.
    fn on_stage(&self, status: Status) -> Checked {
        let shown = self.observed.map_or(Stage::Ended, |observed| observed.stage);
        let seen = match status {
            Status::Idle { .. } | Status::Closed { .. } => Stage::Ended,
            Status::Connecting { .. } => Stage::Connecting,
            Status::Live { .. } => Stage::Live,
            Status::Draining { .. } => Stage::Draining,
        };
        self.ensure(shown == seen, Invariant::ConnectEndsOnce, || {
            format!("the state is {}, but its inputs and actions say {shown:?}", status.name())
        })?;
        let last = self.observed.map(|observed| observed.generation);
        let same = status.generation().is_none_or(|generation| Some(generation) == last);
        self.ensure(same, Invariant::GenerationsGrow, || {
            let last = last.map_or("none".into(), |last| format!("{last:#}"));
            format!("the last generation is {last}, not that of {status:#}")
        })
    }

    /// Counted by the design, and held as grants and releases told it.
    fn held_by_view(&self, status: Status) -> (u64, u64) {
        let counted = match status {
            Status::Live { held, .. } | Status::Draining { held, .. } => held,
            Status::Idle { .. } | Status::Connecting { .. } | Status::Closed { .. } => return (0, 0),
        };
        let revoked = self.observed.is_none_or(|observed| observed.is_revoked());
        let current = |generation: &&Generation| Some(**generation) == status.generation();
        let held = if revoked { 0 } else { self.held.values().filter(current).count() as u64 };
        (counted, held)
    }

    fn on_deadlines(&self, now: Time, input: &Input, view: &View) -> Checked {
        let must_wake = match view.status {
            Status::Connecting { .. } | Status::Draining { .. } => true,
            Status::Idle { .. } => view.waiting > 0,
            Status::Live { .. } | Status::Closed { .. } => false,
        };
        let armed = !must_wake || view.wake != Wake::Never;
        self.ensure(armed, Invariant::DeadlineArmed, || format!("no deadline is armed: {:#}", view.status))?;
        let later = match view.wake {
            Wake::Never => true,
            Wake::Now(_) => false,
            Wake::At(time, _) => time > now,
        };
        let quiet = !matches!(input, Input::Timeout) || later;
        self.ensure(quiet, Invariant::NothingSpins, || {
            format!("a wake-up is left at {:?}: {}", core::time::Duration::from(now), view.wake)
        })
    }
}

fn names(generations: &BTreeSet<Generation>) -> String {
    generations.iter().map(|generation| format!("{generation:#}")).collect::<Vec<_>>().join(", ")
}
