//! What was counted, by all tasks together.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tenure_mcp::{Deadline, Error};

use super::latency::Latency;

/// The most wrong things that are told one by one, and after which the soak ends.
const TOLD: usize = 10;
const MOST: u64 = 100;

/// Shared counts.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) cycles: u64,
    /// Sessions opened, and shut down for good.
    pub(super) sessions: u64,
    /// Servers that were ready; the first of a session is no reconnect.
    pub(super) connects: u64,
    /// Calls that were begun, those that were given up among them.
    pub(super) calls: u64,
    pub(super) cancelled_calls: u64,
    pub(super) cancelled_acquires: u64,
    pub(super) closes: u64,
    pub(super) cancelled_closes: u64,
    pub(super) kills: u64,
    /// Inputs of the sessions' machines whose invariants were checked.
    pub(super) inputs: u64,
    /// Errors of calls, by kind, that have a cause in what the soak did.
    pub(super) errors: BTreeMap<&'static str, u64>,
    /// What has none, by kind.
    pub(super) wrong: BTreeMap<&'static str, u64>,
    /// The first of those, in words.
    pub(super) told: Vec<String>,
    pub(super) leases: Latency,
    pub(super) on_lease: Latency,
    pub(super) one_shot: Latency,
    pub(super) closing: Latency,
}

impl Counts {
    pub(super) fn reconnects(&self) -> u64 {
        self.connects.saturating_sub(self.sessions)
    }

    pub(super) fn wrong(&self) -> u64 {
        self.wrong.values().sum()
    }

    pub(super) fn is_hopeless(&self) -> bool {
        self.wrong() >= MOST || self.wrong.contains_key("stuck")
    }
}

impl Tally {
    pub(super) fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts from zero again, but for what was wrong.
    pub(super) fn begin_again(&self) {
        let mut counts = self.counts();
        let before = std::mem::take(&mut *counts);
        counts.wrong = before.wrong;
        counts.told = before.told;
    }

    /// Something that must not be.
    pub(super) fn wrong(&self, kind: &'static str, what: impl Display) {
        let mut counts = self.counts();
        *counts.wrong.entry(kind).or_default() += 1;
        if counts.told.len() < TOLD {
            counts.told.push(crate::text::shortened(&crate::text::one_line(&format!("{kind}: {what}")), 300));
        }
    }

    /// What became of a call or of a wait for a lease.
    pub(super) fn failed(&self, error: &Error, chaos: bool) {
        match kind(error) {
            kind @ "closed" => *self.counts().errors.entry(kind).or_default() += 1,
            kind @ "lost" if chaos => *self.counts().errors.entry(kind).or_default() += 1,
            kind => self.wrong(kind, error),
        }
    }

    pub(super) fn took(&self, of: fn(&mut Counts) -> &mut Latency, took: Duration) {
        of(&mut self.counts()).add(took);
    }
}

/// In the words that `--json` has for errors, and `deadline` by which one.
fn kind(error: &Error) -> &'static str {
    match error {
        // Who shut a session down has no calls on it left.
        Error::Closed { for_good: false, .. } => "closed",
        Error::Closed { .. } => "shut_down",
        Error::Lost { .. } => "lost",
        Error::ConnectFailed { .. } => "connect",
        Error::Refused { .. } => "refused",
        Error::TimedOut { deadline: Deadline::Call, .. } => "call_deadline",
        Error::TimedOut { .. } => "deadline",
        Error::Server(_) => "server",
        Error::TooLarge { .. } => "too_large",
        Error::Protocol { .. } | Error::Unreadable { .. } => "protocol",
        Error::InputRequired { .. } => "input_required",
        Error::NotSent(_) | Error::InvalidParams(_) => "not_sent",
        _ => "other",
    }
}
