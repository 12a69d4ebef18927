//! What happened to a session, in lines that people read: when, which generation, the state, what, and why.
//!
//! A line tells one thing: what the session was told, if that came to something, or what it wants done. The words are
//! those of [`Input`], [`Reply`] and [`Action`]; they hold numbers and causes, and nothing that callers say to a server
//! or a server to them.
//!
//! ```
//! use tenure::timeline::{heading, lines};
//! use tenure::{Config, Generation, Input, Script, Time};
//!
//! let mut session = Script::new(Config::default());
//! let mut text = "\n".to_owned() + &heading() + "\n";
//! for (millis, input) in [(0, Input::Acquire), (4, Input::RunnerReady { generation: Generation::FIRST })] {
//!     let time = Time::from_nanos(millis * 1_000_000);
//!     let output = session.apply(time, input);
//!     for line in lines(time, &input, &output, session.session().status()) {
//!         text += &format!("{line}\n");
//!     }
//! }
//! print!("{text}");
//! assert_eq!(text, "
//!    time  gen state            what happened               why
//!  0.000s  g1  Connecting       caller 1 waits              not live yet
//!  0.000s  g1  Connecting       connect g1                  somebody waits
//!  0.004s  g1  Live, 1 held     runner g1 is ready          handshake complete
//!  0.004s  g1  Live, 1 held     caller 1 gets lease 1 of g1 it waited for this
//! ");
//! ```
//!
//! Below 80 columns, with numbers of one digit. [`Line::columns`] has the parts, for colours say.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use crate::{Action, Generation, Input, LeaseData, Outcome, Output, Reply, Status, Time};

/// One thing that happened.
///
/// Its plain form (`{}`) has the columns below those of [`heading`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// When.
    pub time: Time,
    /// Whose it is; `None` while there is none.
    pub generation: Option<Generation>,
    /// The state in which the session was then.
    pub state: String,
    /// What happened.
    pub what: String,
    /// Why, or how; empty if there is nothing to say.
    pub why: String,
}

impl Line {
    /// Time, generation, state, what and why, each filled up to its width but the last. They stand in a line with a
    /// space between two of them.
    pub fn columns(&self) -> [String; 5] {
        let time = format!("{:.3}s", Duration::from(self.time).as_secs_f64());
        let generation = self.generation.map_or_else(String::new, |generation| format!("{generation:#}"));
        filled([&time, &generation, &self.state, &self.what, &self.why])
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.columns().join(" ").trim_end())
    }
}

/// The heading of the columns.
pub fn heading() -> String {
    filled(["time", "gen", "state", "what happened", "why"]).join(" ")
}

fn filled([time, generation, state, what, why]: [&str; 5]) -> [String; 5] {
    [
        format!("{time:>7} "),
        format!("{generation:<3}"),
        format!("{state:<16}"),
        format!("{what:<27}"),
        why.to_string(),
    ]
}

/// What is worth telling of an input, what came of it, and the state after it. What changes nothing has no line.
pub fn lines(time: Time, input: &Input, output: &Output, status: Status) -> Vec<Line> {
    let now = status.generation();
    // A runner's words are of its own generation, which need not be the session's any more.
    let said = of_input(input, &output.reply).map(|(what, why)| (input.generation().or(now), what, why));
    let wanted = output.actions.iter().map(|action| {
        let (generation, why) = reason(action);
        (generation.or(now), action.to_string(), why)
    });
    let line = |(generation, what, why)| Line { time, generation, state: status.to_string(), what, why };
    said.into_iter().chain(wanted).map(line).collect()
}

/// What an input came to and why, if that is worth a line. Stale ends and answers, and the clock by itself, change
/// nothing.
fn of_input(input: &Input, reply: &Reply) -> Option<(String, String)> {
    let why = match (*input, *reply) {
        (Input::Acquire | Input::TryAcquire, Reply::Granted(_)) => "the session is live".into(),
        (Input::Acquire, Reply::Waiting { .. }) => "not live yet".into(),
        (Input::Acquire | Input::TryAcquire, Reply::Refused(refusal)) => refusal.to_string(),
        (Input::Cancel { .. }, Reply::Applied) => "cancelled".into(),
        (Input::Release { .. }, Reply::Stale) => "stale, changes nothing".into(),
        (Input::Release { .. }, _) => String::new(),
        (Input::Close { .. } | Input::Shutdown { .. }, Reply::Closing(closing)) => {
            joined(closing.outcome).into()
        }
        (Input::RunnerReady { .. }, Reply::Applied) => "handshake complete".into(),
        (Input::RunnerReady { .. }, _) => "too late, no change".into(),
        (
            Input::RunnerRetiring { exit, .. }
            | Input::RunnerDone { exit, .. }
            | Input::RunnerEnded { exit, .. },
            Reply::Applied,
        ) => exit.to_string(),
        _ => return None,
    };
    let what = match reply {
        Reply::Granted(_) => format!("granted {reply}"),
        Reply::Waiting { .. } => reply.to_string(),
        Reply::Applied | Reply::NoOp | Reply::Stale | Reply::Refused(_) | Reply::Closing(_) => {
            input.to_string()
        }
    };
    Some((what, why))
}

const fn joined(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "asked for",
        Outcome::NoOp | Outcome::Stale => "already under way",
    }
}

/// Of what is to be done: whose it is, and why or how.
fn reason(action: &Action<LeaseData>) -> (Option<Generation>, String) {
    match *action {
        Action::Connect { generation } => (Some(generation), "somebody waits".into()),
        Action::Stop { generation } => (Some(generation), "unwind in order".into()),
        Action::Abort { generation } => (Some(generation), "hurry".into()),
        Action::Discard { generation } => (Some(generation), "dropped as it is".into()),
        Action::Grant { lease, .. } => (Some(lease.generation), "it waited for this".into()),
        Action::Reject { rejection, .. } => (None, rejection.to_string()),
        Action::Revoke { generation, cause } => (Some(generation), format!("{cause:#}")),
        Action::Probe { generation, .. } => (Some(generation), "ask for a sign of life".into()),
        Action::Ended { generation, cause, exit } => (Some(generation), format!("{cause:#}; {exit}")),
    }
}
