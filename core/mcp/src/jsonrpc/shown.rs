//! Text of a peer's, safe to print.

use crate::text::is_hidden;

/// No more characters than this are shown.
const MOST: usize = 120;

/// The beginning of a text, with an escape such as `\u{1b}` for each character that would control a terminal,
/// turn text around, join others or not be seen.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut room = MOST;
    for char in text.chars() {
        let (escape, length) = escape(char);
        let Some(left) = room.checked_sub(length) else {
            shown.push('…');
            break;
        };
        room = left;
        match escape {
            Some(escape) => shown.push_str(&escape),
            None => shown.push(char),
        }
    }
    shown
}

/// What is shown in the place of the character, if not itself, and how many characters that is.
fn escape(char: char) -> (Option<String>, usize) {
    if matches!(char, ' '..='~') {
        return (None, 1);
    }
    let mut escape = char.escape_debug().to_string();
    if escape.chars().count() == 1 && (is_hidden(char) || is_blank(char)) {
        escape = char.escape_unicode().to_string();
    }
    match escape.chars().count() {
        0 | 1 => (None, 1),
        length => (Some(escape), length),
    }
}

/// A symbol, by its category, that shows nothing.
const fn is_blank(char: char) -> bool {
    matches!(char, '\u{2800}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_is_shown_as_it_is() {
        for text in ["", r#"{"a": 'b\n'}"#, "äλ→😀 漢字", "a b"] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn what_controls_turns_joins_or_hides_is_escaped() {
        let hostile = [
            '\0',
            '\u{7}',
            '\t',
            '\n',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{a0}',
            '\u{ad}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202b}',
            '\u{202c}',
            '\u{202d}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2067}',
            '\u{2068}',
            '\u{2069}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{e000}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{301}',
        ];
        for char in hostile {
            let shown = shown(&format!("a{char}b"));
            assert!(shown.is_ascii() && shown.starts_with("a\\") && shown.ends_with('b'), "{shown:?}");
        }
    }

    #[test]
    fn it_is_bounded_with_its_escapes() {
        assert_eq!(shown(&"x".repeat(120)), "x".repeat(120));
        assert_eq!(shown(&"x".repeat(121)), "x".repeat(120) + "…");
        assert!(shown(&"\u{1b}".repeat(1000)).chars().count() <= 121);
    }
}
