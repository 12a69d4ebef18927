//! The lines of a trace.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Config, Input, Output, Time};

/// The version of the format that this crate writes and reads.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Header {
    /// The version of the format.
    pub tenure_trace: u32,
    /// What the session was told at its start, the seed included.
    pub config: Config,
}

/// One input and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Event {
    /// Its number, from 1.
    pub n: u64,
    /// When: nanoseconds since the recorder's origin. Only a timeout's is known to the machine.
    pub t: Time,
    /// What happened.
    pub input: Input,
    /// What the machine said and wants done.
    pub output: Output,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Footer {
    /// How many events there are.
    pub events: u64,
}

/// Writes the lines of one trace, each with its newline.
#[derive(Clone, Debug)]
pub struct Recorder {
    header: Header,
    events: u64,
}

impl Recorder {
    /// A recorder of a session that was made with `config` and has seen no input yet.
    pub fn new(config: &Config) -> Self {
        Self { header: Header { tenure_trace: VERSION, config: config.clone() }, events: 0 }
    }

    /// The first line.
    pub fn header(&self) -> String {
        line(&self.header)
    }

    /// The line of the next input.
    pub fn line(&mut self, t: Time, input: Input, output: Output) -> String {
        self.events = self.events.saturating_add(1);
        line(&Event { n: self.events, t, input, output })
    }

    /// The last line.
    pub fn footer(&self) -> String {
        line(&Footer { events: self.events })
    }
}

/// None of these types can fail to be written: no map has keys that aren't strings. Were one to, its
/// line would be missing, and the replayer would say so.
fn line<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
