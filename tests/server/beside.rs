//! What a server does beside its messages: standard error, the terminal.
//!
//! Options: `--stderr TEXT` (a line there before anything else), `--last-words N` (so many lines there at its end,
//! `last 1` and so on), `--ask-terminal` (before anything else). A line that can't be written is its death.

use std::io::Write as _;

use crate::sys::ask_terminal;

#[derive(Default)]
pub(crate) struct Beside {
    pub(crate) first_words: Option<String>,
    pub(crate) last_words: Option<u64>,
    pub(crate) ask_terminal: bool,
}

impl Beside {
    pub(crate) fn begin(&self) {
        if let Some(text) = &self.first_words {
            log(text);
        }
        if self.ask_terminal {
            ask_terminal();
        }
    }

    pub(crate) fn end(&self) {
        for number in 1..=self.last_words.unwrap_or_default() {
            log(&format!("last {number}"));
        }
    }
}

/// Dies of what some languages' runtimes die of, too.
pub(crate) fn log(line: &str) {
    if std::io::stderr().write_all(format!("{line}\n").as_bytes()).is_err() {
        std::process::exit(74);
    }
}
