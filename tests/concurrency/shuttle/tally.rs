//! What happened in all schedules of a mix together: a mix that grew dull would be noticed.

use std::sync::atomic::{AtomicU64, Ordering};

use tenure::{Action, Cause, DeadlineKind, Input, Refusal, Rejection, Reply, Status, Step};
use tenure_driver::TraceEvent;

macro_rules! seen {
    ($($name:ident $text:literal,)+) => {
        /// Something that a mix is there for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Seen {
            $(#[doc = $text] $name,)+
        }

        impl Seen {
            const ALL: &'static [Self] = &[$(Self::$name,)+];

            const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

seen! {
    Granted "leases given at once",
    GrantedLater "leases given to who waited",
    GaveUp "callers that gave up while they waited",
    LeftForNobody "connects that nobody waited for any more",
    Died "runners that died",
    Closed "callers rejected by a close",
    Refused "callers refused after shutdown",
    Revoked "leases given back after their revoke",
    Finish "closes that met a lease",
    Lingered "runners that were done and lingered",
    Again "generations after the first",
    Hurried "runners told to hurry",
    GivenUp "runners given up",
    Orphaned "generations that ended without their runner's end",
    ProbeAnswered "probes answered",
    ProbeDeath "sessions ended by a probe without answer",
    KeepAliveOver "sessions ended for want of callers",
    TooOld "sessions that grew too old",
    AcquireTimeout "callers that waited too long",
    ConnectFailed "callers rejected after the last attempt",
}

/// Counted with std's atomics: they are no point to switch at.
static COUNTS: [AtomicU64; Seen::ALL.len()] = [const { AtomicU64::new(0) }; Seen::ALL.len()];

/// Counts what happened in one schedule.
pub(crate) fn count(trace: &[TraceEvent]) {
    for event in trace {
        in_event(event).into_iter().for_each(saw);
        event.output.actions.iter().filter_map(|action| in_action(action, &event.input)).for_each(saw);
    }
}

/// Panics if something of `wanted` happened in fewer than one of 200 schedules.
pub(crate) fn assert_lively(schedules: u64, wanted: &[Seen]) {
    let times = |seen: Seen| COUNTS.get(seen as usize).map_or(0, |count| count.load(Ordering::Relaxed));
    let dull: Vec<String> = wanted
        .iter()
        .filter(|seen| times(**seen) < schedules / 200)
        .map(|seen| format!("{} {}", times(*seen), seen.text()))
        .collect();
    assert!(dull.is_empty(), "too seldom in {schedules} schedules: {}", dull.join(", "));
}

fn saw(seen: Seen) {
    if let Some(count) = COUNTS.get(seen as usize) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

fn in_event(event: &TraceEvent) -> Option<Seen> {
    match (&event.input, &event.output.reply) {
        (Input::Acquire | Input::TryAcquire, Reply::Granted(_)) => Some(Seen::Granted),
        (_, Reply::Refused(Refusal::Shutdown)) => Some(Seen::Refused),
        (Input::Cancel { .. }, Reply::Applied) => Some(Seen::GaveUp),
        (Input::Release { .. }, Reply::Stale) => Some(Seen::Revoked),
        (Input::RunnerDone { .. }, Reply::Applied) => Some(Seen::Lingered),
        (Input::ProbeAnswered { .. }, Reply::Applied) => Some(Seen::ProbeAnswered),
        (Input::Close { .. } | Input::Shutdown { .. }, reply)
            if reply.is_change() && matches!(event.status, Status::Draining { step: Step::Finish, .. }) =>
        {
            Some(Seen::Finish)
        }
        _ => None,
    }
}

fn in_action<L>(action: &Action<L>, input: &Input) -> Option<Seen> {
    match action {
        Action::Connect { generation } if generation.number() > 1 => Some(Seen::Again),
        Action::Grant { .. } => Some(Seen::GrantedLater),
        Action::Abort { .. } => Some(Seen::Hurried),
        Action::Discard { .. } => Some(Seen::GivenUp),
        Action::Reject { rejection, .. } => match rejection {
            Rejection::Closed | Rejection::Shutdown => Some(Seen::Closed),
            Rejection::AcquireTimeout => Some(Seen::AcquireTimeout),
            Rejection::ConnectFailed { .. } => Some(Seen::ConnectFailed),
            _ => None,
        },
        Action::Ended { .. } if matches!(input, Input::Timeout) => Some(Seen::Orphaned),
        Action::Ended { cause, .. } => match cause {
            Cause::NobodyWaiting => Some(Seen::LeftForNobody),
            Cause::RunnerEnded => Some(Seen::Died),
            Cause::Deadline(DeadlineKind::KeepAlive) => Some(Seen::KeepAliveOver),
            Cause::Deadline(DeadlineKind::MaxAge) => Some(Seen::TooOld),
            Cause::Deadline(DeadlineKind::ProbeTimeout) => Some(Seen::ProbeDeath),
            _ => None,
        },
        _ => None,
    }
}
