//! Text of a server's, on its way to a person.

/// Returns whether a character has no look of its own and may do something else to who reads it: it controls a
/// terminal, turns text around, joins or fills without being seen, or ends a line. Whoever shows a server's text puts
/// something visible in its place.
///
/// Those are controls (C0 and C1, newline and tab among them), Unicode's `Default_Ignorable_Code_Point` (zero-width
/// characters, fillers, tags, variation selectors and the controls of direction), the Arabic letter mark, line and
/// paragraph separators, and marks of annotations.
///
/// ```
/// use tenure_mcp_proto::text::is_hidden;
///
/// let shown: String = "a\u{1b}[2Jb\u{202e}c".chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect();
/// assert_eq!(shown, "a\u{fffd}[2Jb\u{fffd}c");
/// ```
pub fn is_hidden(c: char) -> bool {
    c.is_control() || has_no_look(c)
}

const fn has_no_look(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_seen() {
        for c in "aZ äöü\u{301}日本שלוםनमस्ते🎉\u{2764}\u{a0}\u{e000}".chars() {
            assert!(!is_hidden(c), "{c:?}");
        }
    }

    #[test]
    fn what_controls_turns_joins_fills_or_ends_a_line_is_not() {
        let hidden = "\0\u{7}\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{180e}\u{200b}\
                      \u{200d}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2064}\u{2066}\u{2069}\u{206f}\u{3164}\
                      \u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{1bca0}\u{1d173}\u{e0001}\u{e0041}\u{e007f}\u{e0101}";
        for c in hidden.chars() {
            assert!(is_hidden(c), "{c:?}");
        }
        // What stands next to a range is seen.
        for c in "\u{ac}\u{ae}\u{115e}\u{1161}\u{2010}\u{2027}\u{202f}\u{205f}\u{2070}\u{fdff}\u{fe10}\u{fffc}\u{e1000}".chars() {
            assert!(!is_hidden(c), "{c:?}");
        }
    }
}
