//! What happened, one line each, for people.

use std::fmt::{self, Write as _};

use tenure::{Input, Output, Time};

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
    /// A handler of what it asks.
    Handler(u64),
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
            Self::Handler(generation) => write!(f, "handler g{generation}"),
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

/// An input of the machine and what came of it, with the reasons.
pub(crate) fn machine(input: &Input, output: &Output) -> String {
    match format!("{output:#}").as_str() {
        "" => format!("{input:#}"),
        came => format!("{input:#} \u{2192} {came}"),
    }
}
