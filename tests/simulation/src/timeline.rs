//! What happened, one line each, for people.

use std::fmt::{self, Write as _};

use tenure::{Action, Input, LeaseData, Output, Reply, Time};

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The simulation itself.
    World,
    /// The driver's task.
    Driver,
    /// The machine: an input and what came of it.
    Machine,
    /// The task that ends the session.
    Steward,
    /// A caller, by number.
    Caller(u64),
    /// The server of a generation.
    Server(u64),
    /// The pipe to and from it.
    Pipe(u64),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World => f.write_str("world"),
            Self::Driver => f.write_str("driver"),
            Self::Machine => f.write_str("machine"),
            Self::Steward => f.write_str("steward"),
            Self::Caller(number) => write!(f, "caller {number}"),
            Self::Server(generation) => write!(f, "server g{generation}"),
            Self::Pipe(generation) => write!(f, "pipe g{generation}"),
        }
    }
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, in virtual time.
    pub time: Time,
    /// Who.
    pub who: Who,
    /// What.
    pub what: String,
}

/// All entries in columns.
pub fn timeline(entries: &[Entry]) -> String {
    let mut text = String::new();
    for Entry { time, who, what } in entries {
        let micros = time.as_nanos() / 1000;
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        // Writing to a string can't fail.
        let _ = writeln!(text, "{seconds:>6}.{micros:06}s  {:<12} {what}", who.to_string());
    }
    text
}

/// An input of the machine and what came of it, in words.
pub(crate) fn told(input: &Input, output: &Output) -> String {
    let actions = output.actions.iter().map(|action| format!("; {}", wanted(action)));
    format!("{}{}{}", put(input), replied(&output.reply), actions.collect::<String>())
}

fn put(input: &Input) -> String {
    match input {
        Input::Acquire => "acquire".to_owned(),
        Input::TryAcquire => "try to acquire".to_owned(),
        Input::Cancel { ticket } => format!("cancel ticket {ticket}"),
        Input::Release { lease } => format!("release lease {lease}"),
        Input::Close { mode } => format!("close {mode:?}"),
        Input::Shutdown { mode } => format!("shutdown {mode:?}"),
        Input::RunnerReady { generation } => format!("g{} ready", generation.number()),
        Input::RunnerDone { generation, exit } => format!("g{} done ({})", generation.number(), exit.kind),
        Input::RunnerEnded { generation, exit } => format!("g{} ended ({})", generation.number(), exit.kind),
        Input::ProbeAnswered { generation, number } => {
            format!("g{} answers probe {number}", generation.number())
        }
        Input::Timeout => "the time".to_owned(),
        other => format!("{other:?}"),
    }
}

fn replied(reply: &Reply) -> String {
    match reply {
        Reply::Applied => String::new(),
        Reply::NoOp => " (no-op)".to_owned(),
        Reply::Stale => " (stale)".to_owned(),
        Reply::Granted(lease) => format!(" → lease {} of g{}", lease.number, lease.generation.number()),
        Reply::Waiting { ticket } => format!(" → ticket {ticket}"),
        Reply::Refused(refusal) => format!(" → refused: {refusal}"),
        Reply::Closing(closing) => {
            closing.watch.map_or(" → done".to_owned(), |watch| format!(" → g{}", watch.number()))
        }
        other => format!(" → {other:?}"),
    }
}

fn wanted(action: &Action<LeaseData>) -> String {
    match action {
        Action::Connect { generation } => format!("connect g{}", generation.number()),
        Action::Stop { generation } => format!("stop g{}", generation.number()),
        Action::Abort { generation } => format!("abort g{}", generation.number()),
        Action::Discard { generation } => format!("discard g{}", generation.number()),
        Action::Grant { ticket, lease } => {
            format!("grant lease {} to ticket {}", lease.number, ticket.number())
        }
        Action::Reject { ticket, rejection } => format!("reject ticket {}: {rejection:?}", ticket.number()),
        Action::Revoke { generation, cause } => format!("revoke g{}: {cause}", generation.number()),
        Action::Probe { generation, number } => format!("probe {number} of g{}", generation.number()),
        Action::Ended { generation, cause, exit } => {
            format!("g{} is over: {cause} ({})", generation.number(), exit.kind)
        }
    }
}
