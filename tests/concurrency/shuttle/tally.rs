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
    GrantedAtOnce "leases given at once",
    GrantedWaiting "leases given to who waited",
    QuitWaiting "acquires given up while waiting",
    NobodyWaiting "connects that nobody waited for any more",
    RunnerEnded "runners that ended by themselves",
    ClosedWaiting "waiting callers rejected by a close",
    RefusedShutdown "callers refused after shutdown",
    StaleRelease "leases given back after their revoke",
    Finish "drains that began with leases held",
    Lingered "runners that were done while something lingered",
    ManyGenerations "generations after the first",
    Abort "runners told to hurry",
    Discard "runners given up",
    Orphan "orphans",
    ProbeAnswered "probes answered",
    ProbeDeath "sessions ended by a probe without answer",
    KeepAliveOver "sessions ended for want of callers",
    MaxAge "sessions that grew too old",
    AcquireTimeout "callers who waited too long",
    GaveUp "callers rejected after the last attempt",
    CallAnswered "calls that were answered",
    CallGivenUp "calls that were given up",
    ServerToldOfCancel "servers told that nobody waits for an answer",
}

/// In how many schedules each was seen. std's atomics: they are no point to switch at.
static SCHEDULES: [AtomicU64; Seen::ALL.len()] = [const { AtomicU64::new(0) }; Seen::ALL.len()];

/// Notes what a session's trace shows of one schedule.
pub(crate) fn count(trace: &[TraceEvent]) {
    let mut seen = Vec::new();
    for event in trace {
        seen.extend(in_event(event));
        seen.extend(event.output.actions.iter().filter_map(|action| in_action(action, &event.input)));
    }
    note(&seen);
}

/// Notes what happened in one schedule, however often.
pub(crate) fn note(happened: &[Seen]) {
    let mut seen = [false; Seen::ALL.len()];
    for what in happened {
        if let Some(seen) = seen.get_mut(*what as usize) {
            *seen = true;
        }
    }
    for (schedules, seen) in SCHEDULES.iter().zip(seen) {
        schedules.fetch_add(seen.into(), Ordering::Relaxed);
    }
}

/// Panics if something of `wanted` happened in fewer than one of 200 schedules; at least in one, however few
/// there were.
pub(crate) fn assert_lively(schedules: u64, wanted: &[Seen]) {
    let times = |seen: Seen| SCHEDULES.get(seen as usize).map_or(0, |count| count.load(Ordering::Relaxed));
    let dull: Vec<String> = wanted
        .iter()
        .filter(|seen| times(**seen) < (schedules / 200).max(1))
        .map(|seen| format!("{} in {}", seen.text(), times(*seen)))
        .collect();
    assert!(dull.is_empty(), "too seldom in {schedules} schedules: {}", dull.join(", "));
}

fn in_event(event: &TraceEvent) -> Option<Seen> {
    match (&event.input, &event.output.reply) {
        (Input::Acquire | Input::TryAcquire, Reply::Granted(_)) => Some(Seen::GrantedAtOnce),
        (_, Reply::Refused(Refusal::Shutdown)) => Some(Seen::RefusedShutdown),
        (Input::Cancel { .. }, Reply::Applied) => Some(Seen::QuitWaiting),
        (Input::Release { .. }, Reply::Stale) => Some(Seen::StaleRelease),
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
        Action::Connect { generation } if generation.number() > 1 => Some(Seen::ManyGenerations),
        Action::Grant { .. } => Some(Seen::GrantedWaiting),
        Action::Abort { .. } => Some(Seen::Abort),
        Action::Discard { .. } => Some(Seen::Discard),
        Action::Reject { rejection, .. } => match rejection {
            Rejection::Closed | Rejection::Shutdown => Some(Seen::ClosedWaiting),
            Rejection::AcquireTimeout => Some(Seen::AcquireTimeout),
            Rejection::ConnectFailed { .. } => Some(Seen::GaveUp),
            _ => None,
        },
        Action::Ended { .. } if matches!(input, Input::Timeout) => Some(Seen::Orphan),
        Action::Ended { cause, .. } => match cause {
            Cause::NobodyWaiting => Some(Seen::NobodyWaiting),
            Cause::RunnerEnded => Some(Seen::RunnerEnded),
            Cause::Deadline(DeadlineKind::KeepAlive) => Some(Seen::KeepAliveOver),
            Cause::Deadline(DeadlineKind::MaxAge) => Some(Seen::MaxAge),
            Cause::Deadline(DeadlineKind::ProbeTimeout) => Some(Seen::ProbeDeath),
            _ => None,
        },
        _ => None,
    }
}
