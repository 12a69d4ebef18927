//! The last lines of a server's standard error.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::wire::stderr::line::StderrLine;

/// So many lines are kept,
const MAX_LINES: usize = 20;

/// and so many bytes of them.
const MAX_BYTES: usize = 4 * 1024;

/// The last lines that a server wrote to its standard error: at most 20 and 4 KiB, fit to be shown. Blank ones
/// are not among them. It grows while the server writes; its clones are the same.
#[derive(Clone, Debug, Default)]
pub struct StderrTail(Arc<Mutex<Last>>);

#[derive(Debug, Default)]
struct Last {
    lines: VecDeque<String>,
    bytes: usize,
    /// A line that isn't finished, a prompt for example.
    begun: Option<String>,
}

impl StderrTail {
    /// The lines, the latest last, with one that isn't finished.
    pub fn lines(&self) -> Vec<String> {
        let last = self.lock();
        last.lines.iter().chain(&last.begun).cloned().collect()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        let last = self.lock();
        last.lines.is_empty() && last.begun.is_none()
    }

    pub(super) fn end(&self, line: &StderrLine<'_>) {
        let line = shown(line);
        let mut last = self.lock();
        last.begun = None;
        if let Some(line) = line {
            last.push(line);
        }
    }

    pub(super) fn begin(&self, line: &StderrLine<'_>) {
        let line = shown(line);
        self.lock().begun = line;
    }

    fn lock(&self) -> MutexGuard<'_, Last> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an error says of it, to stand behind what it says itself.
impl fmt::Display for StderrTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its last words on standard error:")?;
        self.lines().iter().try_for_each(|line| write!(f, "\n  | {line}"))
    }
}

impl Last {
    fn push(&mut self, line: String) {
        self.bytes = self.bytes.saturating_add(line.len());
        self.lines.push_back(line);
        while self.lines.len() > MAX_LINES || self.bytes > MAX_BYTES {
            let Some(first) = self.lines.pop_front() else { return };
            self.bytes = self.bytes.saturating_sub(first.len());
        }
    }
}

/// The line as it is kept; `None` if it says nothing.
fn shown(line: &StderrLine<'_>) -> Option<String> {
    let mut text = line.to_string();
    if text.len() > MAX_BYTES / 4 {
        let end = (0..=MAX_BYTES / 4).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
    (!text.trim().is_empty()).then_some(text)
}
