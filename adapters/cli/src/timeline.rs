//! What happened to a session, in lines that people read.

use std::fmt;
use std::time::Duration;

use tenure::{Action, Generation, Input, LeaseData, Outcome, Reply};
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
    let state = event.status.to_string();
    let now = event.status.generation().map(Generation::number);
    let mut tell = |generation: Option<u64>, what: String, why: String| {
        lines.push(Line { time: event.time.into(), generation, state: state.clone(), what, why });
    };
    if let Some((what, why)) = line_of_input(&event.input, &event.output.reply) {
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

/// What an input came to and why, if that is worth a line. Stale ends and answers, and the clock by itself, change
/// nothing.
fn line_of_input(input: &Input, reply: &Reply) -> Option<(String, String)> {
    let why = match (*input, *reply) {
        (Input::Acquire | Input::TryAcquire, Reply::Granted(_)) => "the session is live".into(),
        (Input::Acquire, Reply::Waiting { .. }) => "not live yet".into(),
        (Input::Acquire | Input::TryAcquire, Reply::Refused(refusal)) => refusal.to_string(),
        (Input::Cancel { .. }, Reply::Applied) => "cancelled".into(),
        (Input::Release { .. }, Reply::Stale) => "late: revoked before, changes nothing".into(),
        (Input::Release { .. }, _) => String::new(),
        (Input::Close { .. } | Input::Shutdown { .. }, Reply::Closing(closing)) => {
            joined(closing.outcome).into()
        }
        (Input::RunnerReady { .. }, Reply::Applied) => "handshake complete".into(),
        (Input::RunnerReady { .. }, _) => "too late: changes nothing".into(),
        (Input::RunnerDone { exit, .. } | Input::RunnerEnded { exit, .. }, Reply::Applied) => {
            exit.to_string()
        }
        _ => return None,
    };
    let what = match reply {
        Reply::Granted(_) => format!("granted {reply}"),
        Reply::Waiting { .. } => reply.to_string(),
        _ => input.to_string(),
    };
    Some((what, why))
}

const fn joined(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "asked for",
        Outcome::NoOp | Outcome::Stale => "under way or done already",
    }
}

/// What is to be done: whose it is, what, and why or how.
fn wanted(action: &Action<LeaseData>) -> (Option<u64>, String, String) {
    let (generation, why) = match *action {
        Action::Connect { generation } => (Some(generation), "somebody waits".into()),
        Action::Stop { generation } => (Some(generation), "close its standard input".into()),
        Action::Abort { generation } => (Some(generation), "SIGTERM to its group".into()),
        Action::Discard { generation } => (Some(generation), "SIGKILL to its group".into()),
        Action::Grant { lease, .. } => (Some(lease.generation), "it waited for this".into()),
        Action::Reject { rejection, .. } => (None, rejection.to_string()),
        Action::Revoke { generation, cause } => (Some(generation), cause.to_string()),
        Action::Probe { generation, .. } => (Some(generation), "ask for a sign of life".into()),
        Action::Ended { generation, cause, exit } => (Some(generation), format!("{cause}; {exit}")),
    };
    (generation.map(Generation::number), action.to_string(), why)
}
