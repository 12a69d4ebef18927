//! Text of a server's, fit to be shown.

use tenure_mcp_proto::text::is_hidden;

/// The text without what could move a cursor, turn the line around, or hide: escape sequences are left out, all
/// else of that kind becomes U+FFFD.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' if rest.peek() == Some(&'[') => {
                rest.next();
                // Parameters, up to the letter that ends the sequence.
                while rest.next_if(|c| matches!(c, '\u{20}'..='\u{3f}')).is_some() {}
                rest.next_if(|c| matches!(c, '\u{40}'..='\u{7e}'));
            }
            '\t' => shown.push(' '),
            c if is_hidden(c) => shown.push(char::REPLACEMENT_CHARACTER),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn nothing_moves_the_cursor_turns_the_line_or_hides() {
        assert_eq!(printable("\u{1b}[1;31merror\u{1b}[0m: täglich\t日本"), "error: täglich 日本");
        assert_eq!(printable("a\rb\u{7}\u{9b}31m"), "a\u{fffd}b\u{fffd}\u{fffd}31m");
        assert_eq!(printable("\u{202e}cod\u{2066}\u{200b}\u{e0041}"), "\u{fffd}cod\u{fffd}\u{fffd}\u{fffd}");
        // A sequence that doesn't end, and one of another kind.
        assert_eq!(printable("a\u{1b}[12"), "a");
        assert_eq!(printable("\u{1b}]0;title\u{7}"), "\u{fffd}]0;title\u{fffd}");
    }
}
