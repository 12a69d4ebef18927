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
    /// A checksum of all lines before, in order.
    pub checksum: u64,
}

/// A checksum of lines: FNV-1a of 64 bits, each line ended by a newline. It finds damage, not malice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checksum(u64);

impl Checksum {
    pub(super) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn add(&mut self, line: &str) {
        for byte in line.bytes().chain([b'\n']) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub(super) const fn value(self) -> u64 {
        self.0
    }
}

/// Writes the lines of one trace, each with its newline.
#[derive(Clone, Debug)]
pub struct Recorder {
    header: Header,
    events: u64,
    checksum: Checksum,
}

impl Recorder {
    /// A recorder of a session that was made with `config` and has seen no input yet.
    pub fn new(config: &Config) -> Self {
        let header = Header { tenure_trace: VERSION, config: config.clone() };
        let mut checksum = Checksum::new();
        checksum.add(line(&header).trim_end());
        Self { header, events: 0, checksum }
    }

    /// The first line.
    pub fn header(&self) -> String {
        line(&self.header)
    }

    /// The line of the next input.
    pub fn line(&mut self, t: Time, input: Input, output: Output) -> String {
        self.events = self.events.saturating_add(1);
        let text = line(&Event { n: self.events, t, input, output });
        self.checksum.add(text.trim_end());
        text
    }

    /// The last line.
    pub fn footer(&self) -> String {
        line(&Footer { events: self.events, checksum: self.checksum.value() })
    }
}

/// None of these types can fail to be written: no map has keys that aren't strings. Were one to, its
/// line would be missing, and the replayer would say so.
fn line<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
