//! One line of a server's standard error.

use std::borrow::Cow;
use std::fmt;

use crate::wire::stderr::printable::printable;

/// Of a longer line so many bytes are kept.
pub(super) const MAX_LINE: usize = 8 * 1024;

/// A line that a server wrote to its standard error, without its end.
///
/// Displayed, it is fit for a terminal or a log: without escape sequences, and with U+FFFD for what could hide or
/// turn the line around. Of a line that was too long it says how much is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StderrLine<'a> {
    bytes: &'a [u8],
    missing: u64,
}

impl<'a> StderrLine<'a> {
    /// The line byte for byte, at most 8 KiB of it.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The line as it is, with U+FFFD for what is no UTF-8.
    pub fn text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes)
    }

    /// How many bytes of it are missing, at its end, since it was too long.
    pub const fn missing(&self) -> u64 {
        self.missing
    }
}

impl fmt::Display for StderrLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.text()))?;
        if self.missing > 0 { write!(f, "… ({} bytes more)", self.missing) } else { Ok(()) }
    }
}

/// A line that is being read.
#[derive(Debug, Default)]
pub(super) struct Line {
    kept: Vec<u8>,
    missing: u64,
}

impl Line {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = MAX_LINE.saturating_sub(self.kept.len()).min(bytes.len());
        let (kept, missing) = bytes.split_at(room);
        self.kept.extend_from_slice(kept);
        self.missing = self.missing.saturating_add(u64::try_from(missing.len()).unwrap_or(u64::MAX));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(super) fn clear(&mut self) {
        // A long line is rare; its room isn't kept.
        self.kept = Vec::new();
        self.missing = 0;
    }

    pub(super) fn as_line(&self) -> StderrLine<'_> {
        let bytes = self.kept.strip_suffix(b"\r").unwrap_or(&self.kept);
        StderrLine { bytes, missing: self.missing }
    }
}
