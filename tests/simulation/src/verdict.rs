//! What must hold of a run when it is over.

use std::collections::BTreeSet;

use tenure::check::Checked;
use tenure::trace::{Recorder, replay};
use tenure::{
    Action, Cause, Config, DeadlineKind, Exit, ExitKind, Input, LeaseData, Refusal, Rejection, Reply, Script,
    Status, Step,
};
use tenure_driver::TraceEvent;

use crate::failure::Kind;
use crate::ground::Ground;
use crate::tally::Seen;
use crate::timeline::Who;

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
