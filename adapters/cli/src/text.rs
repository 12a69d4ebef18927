//! Text of servers, made fit for a terminal.

use std::fmt::Display;

use tenure_mcp::proto::text::is_hidden;
use unicode_width::UnicodeWidthChar as _;

/// Stands for what must not reach a terminal.
const REPLACEMENT: char = '\u{fffd}';

/// With a plural where one is due.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, what: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// At most so many characters of the text; whatever is cut is said, with where to see it.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => {
            let (kept, cut) = text.split_at_checked(at).unwrap_or((text, ""));
            format!("{kept}… ({} cut; --json has it whole)", counted(cut.chars().count() as u64, "character"))
        }
    }
}

/// Who a server is, as far as it says, and what it speaks.
pub(crate) fn server(name: &str, version: &str, protocol: &str) -> String {
    let who = format!("{name} {version}");
    let comma = if who.trim().is_empty() { "" } else { ", " };
    format!("{}{comma}MCP {protocol}", who.trim())
}

/// The text in one line.
pub(crate) fn one_line(text: &str) -> String {
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    visible(&text.trim().chars().map(blank).collect::<String>())
}

/// The same, but lines stay lines.
pub(crate) fn lines(text: &str) -> String {
    visible(&text.replace("\r\n", "\n"))
}

/// The first line that says something, with a mark if there are more.
pub(crate) fn first_line(text: &str) -> String {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = one_line(lines.next().unwrap_or_default());
    if lines.next().is_some() { first + MORE } else { first }
}

/// Marks a first line that others follow.
pub(crate) const MORE: &str = " …";

/// How many columns of a terminal the text takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The text with blanks up to this column.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    text.to_owned() + &" ".repeat(columns.saturating_sub(width(text)))
}

/// As much of the text as has room in so many columns, with a mark if there is more.
pub(crate) fn clipped(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let mut taken = 1;
    let fits = |c: &char| {
        taken += c.width().unwrap_or(0);
        taken <= columns
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// The words in lines of no more columns than this, with room for two of indentation from the second line on.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let most = if lines.len() > 1 { columns.saturating_sub(2) } else { columns };
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if width(line) + 1 + width(word) <= most => line.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Everything that a server says goes through here on its way to a terminal: what could move the cursor, turn the line
/// around or hide is made visible.
fn visible(text: &str) -> String {
    let mut before = ' ';
    let mut show = |c: char| {
        let shown = if is_safe(c, before) { c } else { REPLACEMENT };
        before = shown;
        shown
    };
    text.chars().map(&mut show).collect()
}

fn is_safe(c: char, before: char) -> bool {
    match c {
        '\n' | '\t' => true,
        // How an emoji is to look, such as a red heart: once, and not where letters could hide more.
        '\u{fe0e}' | '\u{fe0f}' => {
            !before.is_alphabetic()
                && !before.is_whitespace()
                && before != REPLACEMENT
                && before.width() != Some(0)
        }
        _ => !is_hidden(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_server_says_moves_the_cursor() {
        assert_eq!(one_line("a\x1b[2Jb\r\nc"), "a\u{fffd}[2Jb  c");
        assert_eq!(lines("a\n\tb\x07"), "a\n\tb\u{fffd}");
        assert_eq!(lines("a\r\nb\rc"), "a\nb\u{fffd}c");
        assert_eq!(lines("a\u{9b}2Jb\u{85}c\u{7f}"), "a\u{fffd}2Jb\u{fffd}c\u{fffd}");
        assert_eq!(first_line("\n  \n  hello \n\n"), "hello");
        assert_eq!(first_line("hello\nworld"), "hello …");
    }

    #[test]
    fn nothing_a_server_says_turns_the_line_around_or_hides() {
        let hidden = [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{202a}',
            '\u{202b}',
            '\u{202c}',
            '\u{202d}',
            '\u{202e}',
            '\u{2060}',
            '\u{2064}',
            '\u{2066}',
            '\u{2067}',
            '\u{2068}',
            '\u{2069}',
            '\u{206f}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0001}',
            '\u{e0061}',
            '\u{e007f}',
            '\u{e0101}',
        ];
        for c in hidden {
            assert_eq!(lines(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
            assert_eq!(one_line(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
        }
        for c in ['\u{2028}', '\u{2029}'] {
            assert_eq!(lines(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
            assert_eq!(one_line(&format!("a{c}b")), "a b", "{c:?}");
        }
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in
            ["äöü", "e\u{301}", "日本語", "שלום", "🎉", "\u{2764}\u{fe0f}", "1\u{fe0f}\u{20e3}", "नमस्ते"]
        {
            assert_eq!(lines(text), text);
        }
        // Selectors without end can carry a message.
        assert_eq!(lines("🎉\u{fe0f}\u{fe0f}"), "🎉\u{fe0f}\u{fffd}");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!((width("日本"), width("e\u{301}"), width("ab")), (4, 1, 2));
        assert_eq!((padded("日本", 6), padded("abc", 2)), ("日本  ".into(), "abc".into()));
    }

    #[test]
    fn what_has_no_room_is_clipped_between_characters() {
        assert_eq!(["abc", "abcd", "日本語"].map(|text| clipped(text, 3)), ["abc", "ab…", "日…"]);
    }

    #[test]
    fn lines_are_wrapped_between_words() {
        assert_eq!(wrapped("a bc def  gh", 5), ["a bc", "def", "gh"]);
        assert_eq!(wrapped("longer than five", 5), ["longer", "than", "five"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0_u64, 1, 2].map(|n| counted(n, "lease")), ["0 leases", "1 lease", "2 leases"]);
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöü", 2), "äö… (1 character cut; --json has it whole)");
    }
}
