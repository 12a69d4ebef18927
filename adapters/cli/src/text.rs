//! Text of servers, made fit for a terminal.

/// The text with everything that could move a cursor or break a line made visible or blank.
pub(crate) fn one_line(text: &str) -> String {
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    text.trim().chars().map(blank).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The same, but lines stay lines.
pub(crate) fn lines(text: &str) -> String {
    let safe = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    text.chars().map(safe).collect()
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
        assert_eq!(first_line("\n  \n  hello \nworld"), "hello");
    }
}
