//! Doing it again.

use alloc::string::{String, ToString};
use core::fmt;

use serde::de::DeserializeOwned;

use super::record::Checksum;
use super::{Event, Footer, Header, VERSION};
use crate::check::{Checked, SystemUnderTest, Violation};
use crate::state::StateName;
use crate::{Output, Script};

/// A replay in which everything happened as in the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// How many inputs there were.
    pub events: u64,
    /// How many generations.
    pub generations: u64,
    /// The state that it ends in.
    pub state: StateName,
}

/// The first difference between a trace and what the machine does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// A line can't be read as what belongs there.
    Unreadable {
        /// The line's number, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The trace has another version of the format.
    Version {
        /// Its version.
        found: u32,
    },
    /// A line is missing or stands in another place.
    OutOfOrder {
        /// The line's number, from 1.
        line: u64,
        /// The number that its event should have.
        expected: u64,
        /// The number that it has.
        found: u64,
    },
    /// The trace stops without its last line.
    CutOff {
        /// How many events there were.
        events: u64,
    },
    /// There is something after the last line, or it counts other than what was there.
    Count {
        /// The line's number, from 1.
        line: u64,
        /// How many events there were.
        events: u64,
    },
    /// A line was changed in a way that makes no other difference.
    Checksum,
    /// The machine does something else.
    Output {
        /// The line's number, from 1.
        line: u64,
        /// What the trace says.
        recorded: alloc::boxed::Box<Output>,
        /// What the machine does.
        replayed: alloc::boxed::Box<Output>,
    },
    /// An invariant doesn't hold.
    Violation {
        /// The line's number, from 1.
        line: u64,
        /// Which one, and what was seen.
        violation: Violation,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { line, why } => write!(f, "line {line} can't be read: {why}"),
            Self::Version { found } => {
                write!(f, "the trace has format version {found}, this program reads {VERSION}")
            }
            Self::OutOfOrder { line, expected, found } => {
                write!(f, "line {line} has event {found} where event {expected} belongs")
            }
            Self::CutOff { events: 0 } => write!(f, "the trace is empty, or cut off before its first event"),
            Self::Checksum => {
                f.write_str("a line was changed: the lines don't have the checksum of the last")
            }
            Self::CutOff { events } => write!(f, "the trace is cut off after event {events}"),
            Self::Count { line, events } => {
                write!(f, "line {line} doesn't end a trace of {events} events")
            }
            Self::Output { line, recorded, replayed } => {
                write!(f, "line {line}: the trace says {recorded:?}, the machine does {replayed:?}")
            }
            Self::Violation { line, violation } => write!(f, "line {line}: {violation}"),
        }
    }
}

impl core::error::Error for Difference {}

/// Re-runs the inputs of a trace on the real machine.
///
/// # Errors
/// The first [`Difference`]: a line that is missing, changed or unreadable, an output that the machine
/// would not give again, or an invariant that doesn't hold.
pub fn replay<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Replayed, Difference> {
    let mut lines = (1_u64..).zip(lines);
    let mut checksum = Checksum::new();
    let header: Header = match lines.next() {
        Some((line, text)) => {
            checksum.add(text);
            read(line, text)?
        }
        None => return Err(Difference::CutOff { events: 0 }),
    };
    if header.tenure_trace != VERSION {
        return Err(Difference::Version { found: header.tenure_trace });
    }
    let mut session = Checked::new(Script::new(header.config.clone()), header.config);
    let mut events = 0_u64;
    for (line, text) in lines.by_ref() {
        if let Ok(footer) = serde_json::from_str::<Footer>(text) {
            return match lines.next() {
                None if footer.events == events && footer.checksum == checksum.value() => {
                    Ok(replayed(&session, events))
                }
                None if footer.events == events => Err(Difference::Checksum),
                None => Err(Difference::Count { line, events }),
                Some((line, _)) => Err(Difference::Count { line, events }),
            };
        }
        checksum.add(text);
        events = events.saturating_add(1);
        step(&mut session, line, events, read(line, text)?)?;
    }
    Err(Difference::CutOff { events })
}

fn step(session: &mut Checked<Script>, line: u64, expected: u64, event: Event) -> Result<(), Difference> {
    if event.n != expected {
        return Err(Difference::OutOfOrder { line, expected, found: event.n });
    }
    let output =
        session.apply(event.t, event.input).map_err(|violation| Difference::Violation { line, violation })?;
    if output != event.output {
        return Err(Difference::Output { line, recorded: event.output.into(), replayed: output.into() });
    }
    Ok(())
}

fn replayed(session: &Checked<Script>, events: u64) -> Replayed {
    let status = session.system().view().status;
    let generations = status.generation().map_or(0, crate::Generation::number);
    Replayed { events, generations, state: status.name() }
}

fn read<T: DeserializeOwned>(line: u64, text: &str) -> Result<T, Difference> {
    serde_json::from_str(text).map_err(|error| Difference::Unreadable { line, why: error.to_string() })
}
