//! What must hold of a run when it is over.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use tenure::check::Checked;
use tenure::trace::{Recorder, replay};
use tenure::{
    Action, Cause, Config, DeadlineKind, Exit, ExitKind, Input, LeaseData, Mode, Refusal, Rejection, Reply,
    Script, Status, Step,
};
use tenure_driver::TraceEvent;

use crate::ground::Ground;
use crate::tally::Seen;
use crate::timeline::Who;

/// What doesn't hold, and of what kind that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A shrunk run must fail in the same way.
    pub kind: Kind,
    /// What was seen.
    pub detail: String,
}

/// The ways in which a run can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An invariant of the machine, by its number.
    Invariant(u8),
    /// The machine does something else when the trace is played again.
    Replay,
    /// Somebody waits for ever.
    Hang,
    /// Something took longer than its bound.
    Late,
    /// The processor is burnt.
    HotLoop,
    /// A panic that nobody planned.
    Panic,
    /// Something is left that should be gone.
    Leak,
    /// The machine counts other leases than callers hold.
    Miscounted,
    /// An answer that belongs to another call, or to another generation.
    WrongAnswer,
    /// A call was made with a lease that was revoked.
    UsedRevoked,
    /// Something worked that was over.
    NotOver,
    /// The machine was told twice of one end.
    EndedTwice,
    /// More servers live at the same time than the config allows.
    Overlap,
    /// A claim that the run was made with.
    Claim,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.detail)
    }
}

/// The bounds that follow from a config (DESIGN, chapter 3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From a graceful close to the end of its generation.
    pub(crate) drain: Duration,
    finish: Duration,
    stop: Duration,
    /// From an acquire to its lease or rejection.
    pub(crate) acquire: Duration,
    /// How many generations may be there beside the one that is opened.
    pub(crate) others: u64,
}

impl Limits {
    pub(crate) fn of(config: &Config) -> Self {
        let undrained = config.stop + config.abort + config.discard;
        let drain = config.finish + undrained;
        let (attempts, backoff) = config.retry.map_or((1, Duration::ZERO), |r| (r.attempts.get(), r.max));
        let acquire = drain + backoff + (config.connect + undrained + backoff) * attempts;
        let others = u64::from(config.max_orphans.get()).saturating_sub(1);
        let acquire = config.acquire.map_or(acquire, |limit| limit.min(acquire));
        Self { drain, finish: config.finish, stop: config.stop, acquire, others }
    }

    /// From a close in this mode to the end of its generation: it begins at the mode's step, or further on.
    pub(crate) fn close(&self, mode: Mode) -> Duration {
        match mode {
            Mode::Graceful => self.drain,
            Mode::Force => self.drain.saturating_sub(self.finish),
            Mode::Abort => self.drain.saturating_sub(self.finish).saturating_sub(self.stop),
        }
    }
}

/// Holds the recorded trace against the checker and against the machine itself, in memory and as lines;
/// the lines.
pub(crate) fn judge_trace(ground: &Ground, config: &Config, events: &[TraceEvent]) -> String {
    let mut session = Checked::new(Script::new(config.clone()), config.clone());
    let mut recorder = Recorder::new(config);
    let mut lines = recorder.header();
    for event in events {
        match session.apply(event.time, event.input) {
            Err(violation) => {
                let kind = Kind::Invariant(violation.invariant.number());
                ground.fail(kind, || violation.to_string());
                return lines;
            }
            Ok(output) if output != event.output => {
                ground.fail(Kind::Replay, || format!("{event:?} gives {output:?} when played again"));
                return lines;
            }
            Ok(_) => {}
        }
        lines += &recorder.line(event.time, event.input, event.output.clone());
    }
    lines += &recorder.footer();
    if let Err(difference) = replay(lines.lines()) {
        ground.fail(Kind::Replay, || difference.to_string());
    }
    lines
}

/// What the trace tells beside the invariants.
pub(crate) fn judge_lives(ground: &Ground, events: &[TraceEvent]) {
    let (mut granted, mut ended) = (BTreeSet::new(), BTreeSet::new());
    let mut generations = 0_u64;
    let mut before = None;
    for event in events {
        if let Input::RunnerEnded { generation, exit } | Input::RunnerDone { generation, exit } = event.input
        {
            judge_exit(ground, generation.number(), exit);
            if matches!(before, Some(Status::Connecting { .. })) && event.output.reply == Reply::Applied {
                ground.saw(Seen::ConnectFailed);
            }
        }
        if let Input::RunnerEnded { generation, .. } = event.input
            && !ended.insert(generation)
            && !ground.driver_dropped.is_set()
        {
            ground.fail(Kind::EndedTwice, || format!("the end of {generation}"));
        }
        let met = matches!(before, Some(Status::Draining { .. })) && event.output.reply.is_change();
        if met && matches!(event.input, Input::Close { .. } | Input::Shutdown { .. }) {
            ground.saw(Seen::Escalated);
        }
        before = Some(event.status);
        for action in &event.output.actions {
            count_action(ground, action, &event.input);
            if let Action::Grant { ticket, .. } = action {
                granted.insert(ticket.number());
            }
            generations = generations.saturating_add(matches!(action, Action::Connect { .. }).into());
        }
        if let Input::Cancel { ticket } = event.input
            && granted.contains(&ticket)
        {
            ground.saw(Seen::QuitGranted);
        }
        count_input(ground, event);
    }
    if generations > 3 {
        ground.saw(Seen::ManyGenerations);
    }
    let last = events.last().map(|event| event.status);
    let dropped = ground.driver_dropped.is_set();
    if !dropped && !matches!(last, None | Some(Status::Closed { .. })) {
        ground.fail(Kind::NotOver, || format!("the trace ends with {last:?}"));
    }
}

fn count_action(ground: &Ground, action: &Action<LeaseData>, input: &Input) {
    let seen = match action {
        Action::Connect { .. } => Seen::Generation,
        Action::Stop { .. } => Seen::Stop,
        Action::Abort { .. } => Seen::Abort,
        Action::Discard { .. } => Seen::Discard,
        Action::Probe { .. } => Seen::ProbeSent,
        Action::Reject { rejection, .. } => match rejection {
            Rejection::ConnectFailed { .. } => Seen::GaveUp,
            Rejection::AcquireTimeout => Seen::AcquireTimeout,
            Rejection::TooManyOrphans { .. } => Seen::AtOrphanCap,
            Rejection::Closed | Rejection::Shutdown => Seen::ClosedWaiting,
            _ => return,
        },
        Action::Ended { .. } if !matches!(input, Input::RunnerEnded { .. }) => Seen::Orphan,
        Action::Ended { cause, .. } => match cause {
            Cause::NobodyWaiting => Seen::NobodyWaiting,
            Cause::Deadline(DeadlineKind::Connect) => Seen::ConnectTimeout,
            Cause::Deadline(DeadlineKind::KeepAlive) => Seen::KeepAliveOver,
            Cause::Deadline(DeadlineKind::MaxAge) => Seen::MaxAge,
            Cause::Deadline(DeadlineKind::ProbeTimeout) => Seen::ProbeDeath,
            _ => return,
        },
        Action::Revoke { cause: Cause::RunnerEnded, .. } => Seen::Lost,
        Action::Grant { .. } | Action::Revoke { .. } => return,
    };
    ground.saw(seen);
}

fn count_input(ground: &Ground, event: &TraceEvent) {
    let TraceEvent { input, output, status, .. } = event;
    let seen = match (input, &output.reply) {
        (Input::Release { .. }, Reply::Stale) => Seen::StaleRelease,
        (Input::RunnerReady { .. }, Reply::Applied) => Seen::Live,
        (Input::RunnerEnded { .. }, Reply::Applied) if output.actions.is_empty() => Seen::OrphanEnded,
        (Input::RunnerReady { .. } | Input::RunnerDone { .. }, Reply::NoOp)
        | (Input::RunnerEnded { .. } | Input::ProbeAnswered { .. }, Reply::Stale) => Seen::StaleRunner,
        (Input::ProbeAnswered { .. }, Reply::Applied) => Seen::ProbeAnswered,
        (_, Reply::Refused(Refusal::QueueFull { .. })) => Seen::QueueFull,
        (_, Reply::Refused(Refusal::TooManyOrphans { .. })) => Seen::AtOrphanCap,
        (_, Reply::Refused(Refusal::Shutdown)) => Seen::RefusedShutdown,
        _ => match status {
            Status::Draining { step: Step::Finish, .. }
                if matches!(input, Input::Close { .. } | Input::Shutdown { .. }) =>
            {
                Seen::Finish
            }
            Status::Idle { backoff: true, .. } if matches!(input, Input::Acquire) => Seen::Backoff,
            _ => return,
        },
    };
    ground.saw(seen);
}

/// The driver survives a runner that panics, so a panic of ours would be taken for a lost server.
fn judge_exit(ground: &Ground, generation: u64, exit: Exit) {
    let planned = ground.marks.with(|marks| marks.panics.contains_key(&generation));
    if exit.kind == ExitKind::Panicked && !planned {
        ground.fail(Kind::Panic, || format!("the runner of generation {generation} panicked"));
    }
}

/// Nobody may be left but servers, which stay for as long as they like.
pub(crate) fn judge_end(ground: &Ground, left: impl Iterator<Item = Who>) {
    let waiting: Vec<String> =
        left.filter(|who| !matches!(who, Who::Server(_))).map(|who| who.to_string()).collect();
    if !waiting.is_empty() {
        let open = ground.marks.with(|marks| marks.open.values().copied().collect::<Vec<_>>());
        let open: Vec<String> = open.into_iter().map(|(who, what)| format!("{who}: {what}")).collect();
        ground
            .fail(Kind::Hang, || format!("for ever: {}; under way: {}", waiting.join(", "), open.join(", ")));
    }
}
