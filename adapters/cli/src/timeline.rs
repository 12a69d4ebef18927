//! What happened to a session, in lines that people read.

use std::fmt;
use std::time::Duration;

use tenure::{Action, DeadlineKind, Generation, Input, LeaseData, Mode, Outcome, Rejection, Reply, Step};
use tenure_driver::TraceEvent;

/// One thing that happened: time, generation, state, what, why.
#[derive(Debug)]
pub(crate) struct Line {
    time: Duration,
    generation: Option<u64>,
    state: String,
    what: String,
    why: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { time, generation, state, what, why } = self;
        let generation = generation.map_or_else(|| "  ".into(), |number| format!("g{number}"));
        write!(f, "{:>8.3}s  {generation:<3} {state:<16} {what:<34} {why}", time.as_secs_f64())?;
        Ok(())
    }
}

/// The heading of the columns.
pub(crate) fn heading() -> String {
    format!("{:>9}  {:<3} {:<16} {:<34} {}", "time", "gen", "state", "what happened", "why")
}

/// What is worth telling of one event.
pub(crate) fn lines(event: &TraceEvent) -> Vec<Line> {
    let mut lines = Vec::new();
    let state = state(event);
    let now = event.status.generation().map(Generation::number);
    let mut tell = |generation: Option<u64>, what: String, why: String| {
        lines.push(Line { time: event.time.into(), generation, state: state.clone(), what, why });
    };
    if let Some((what, why)) = told(&event.input, &event.output.reply) {
        tell(own(&event.input).map_or(now, |own| Some(own.number())), what, why);
    }
    for action in &event.output.actions {
        let (generation, what, why) = wanted(action);
        tell(generation.or(now), what, why);
    }
    lines
}

/// A runner's words are of its own generation, which need not be the session's any more.
const fn own(input: &Input) -> Option<Generation> {
    match input {
        Input::RunnerReady { generation }
        | Input::RunnerDone { generation, .. }
        | Input::RunnerEnded { generation, .. } => Some(*generation),
        _ => None,
    }
}

fn state(event: &TraceEvent) -> String {
    match event.status {
        tenure::Status::Draining { step, .. } => format!("Draining/{step}"),
        tenure::Status::Live { held, .. } => format!("Live, {held} held"),
        other => other.name().to_string(),
    }
}

fn told(input: &Input, reply: &Reply) -> Option<(String, String)> {
    let line = |what: String, why: &str| Some((what, why.to_owned()));
    match (*input, *reply) {
        (Input::Acquire | Input::TryAcquire, Reply::Granted(lease)) => {
            line(format!("lease {} granted", lease.number), "the session is live")
        }
        (Input::Acquire, Reply::Waiting { ticket }) => line(format!("caller {ticket} waits"), "not live yet"),
        (Input::Acquire | Input::TryAcquire, Reply::Refused(why)) => {
            Some(("caller refused".into(), why.to_string()))
        }
        (Input::Cancel { ticket }, Reply::Applied) => line(format!("caller {ticket} gave up"), "cancelled"),
        (Input::Release { lease }, Reply::Stale) => {
            line(format!("lease {lease} released late"), "revoked before: changes nothing")
        }
        (Input::Release { lease }, _) => line(format!("lease {lease} released"), ""),
        (Input::Close { mode }, Reply::Closing(closing)) => {
            line(format!("close ({})", mode_name(mode)), joined(closing.outcome))
        }
        (Input::Shutdown { mode }, Reply::Closing(closing)) => {
            line(format!("shutdown ({})", mode_name(mode)), joined(closing.outcome))
        }
        (Input::RunnerReady { .. }, Reply::Applied) => line("ready".into(), "handshake complete"),
        (Input::RunnerReady { .. }, _) => line("ready came too late".into(), "changes nothing"),
        (Input::RunnerDone { exit, .. }, Reply::Applied) => {
            Some(("runner done".into(), exit.kind.to_string()))
        }
        (Input::RunnerEnded { exit, .. }, Reply::Applied) => {
            Some(("runner ended".into(), exit.kind.to_string()))
        }
        // Stale ends and answers, and the clock by itself, change nothing worth a line.
        _ => None,
    }
}

const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Graceful => "graceful",
        Mode::Force => "force",
        Mode::Abort => "abort",
    }
}

const fn joined(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "asked for",
        Outcome::NoOp | Outcome::Stale => "under way or done already",
    }
}

fn wanted(action: &Action<LeaseData>) -> (Option<u64>, String, String) {
    let step = |step: Step| match step {
        Step::Finish => "leases may finish",
        Step::Stop => "close its standard input",
        Step::Abort => "SIGTERM to its group",
        Step::Discard => "SIGKILL to its group",
    };
    match *action {
        Action::Connect { generation } => {
            (Some(generation.number()), "connect".into(), "somebody waits".into())
        }
        Action::Stop { generation } => {
            (Some(generation.number()), "stop the server".into(), step(Step::Stop).into())
        }
        Action::Abort { generation } => {
            (Some(generation.number()), "abort the server".into(), step(Step::Abort).into())
        }
        Action::Discard { generation } => {
            (Some(generation.number()), "discard the server".into(), step(Step::Discard).into())
        }
        Action::Grant { ticket, lease } => (
            Some(lease.generation.number()),
            format!("lease {} granted", lease.number),
            format!("caller {} waited for it", ticket.number()),
        ),
        Action::Reject { ticket, rejection } => {
            (None, format!("caller {} rejected", ticket.number()), rejected(rejection))
        }
        Action::Revoke { generation, cause } => {
            (Some(generation.number()), "leases revoked".into(), cause.to_string())
        }
        Action::Probe { generation, number } => {
            (Some(generation.number()), format!("probe {number}"), "ask for a sign of life".into())
        }
        Action::Ended { generation, cause, exit } => {
            (Some(generation.number()), format!("ended: {}", exit.kind), cause.to_string())
        }
    }
}

fn rejected(rejection: Rejection) -> String {
    match rejection {
        Rejection::Closed => "closed while it waited".into(),
        Rejection::Shutdown => "shut down while it waited".into(),
        Rejection::ConnectFailed { exit, .. } => format!("the connect failed: {}", exit.kind),
        Rejection::ConnectTimeout { .. } => format!("the {} deadline passed", DeadlineKind::Connect),
        Rejection::AcquireTimeout => format!("the {} deadline passed", DeadlineKind::Acquire),
        Rejection::TooManyOrphans { limit } => format!("{limit} discarded servers have not ended"),
        _ => "rejected".into(),
    }
}
