//! Text of servers, made fit for a terminal.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Writes a line to standard error. Nobody need be there to read it.
pub(crate) fn to_stderr(line: &str) {
    let _ = writeln!(io::stderr(), "{}", line.trim_end());
}

/// With a plural where one is due.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, what: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// At most so many characters of the text.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
    }
}

/// The text with everything that could move a cursor or break a line made visible or blank.
pub(crate) fn one_line(text: &str) -> String {
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    text.trim().chars().map(blank).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The same, but lines stay lines.
pub(crate) fn lines(text: &str) -> String {
    let safe = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    text.replace("\r\n", "\n").chars().map(safe).collect()
}

/// The first line that says something.
pub(crate) fn first_line(text: &str) -> String {
    one_line(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_server_says_moves_the_cursor() {
        assert_eq!(one_line("a\x1b[2Jb\r\nc"), "a\u{fffd}[2Jb  c");
        assert_eq!(lines("a\n\tb\x07"), "a\n\tb\u{fffd}");
        assert_eq!(lines("a\r\nb\rc"), "a\nb\u{fffd}c");
        assert_eq!(first_line("\n  \n  hello \nworld"), "hello");
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0_u64, 1, 2].map(|n| counted(n, "lease")), ["0 leases", "1 lease", "2 leases"]);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!((shortened("äöü", 3), shortened("äöü", 2)), ("äöü".into(), "äö…".into()));
    }
}
