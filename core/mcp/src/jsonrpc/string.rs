//! The text that a JSON string holds.
//!
//! JSON can write half of a UTF-16 pair (`"\ud83d"`), which servers do that cut text by UTF-16 units; RFC
//! 8259, section 8.2, leaves open what becomes of it. Here it is read as U+FFFD.

use std::borrow::Cow;

use memchr::memchr;
use serde_json::value::RawValue;

use crate::jsonrpc::ends::{NEAR, next, short_escape};

/// A string's value, or `None` if this is no string.
pub(crate) fn string(raw: &RawValue) -> Option<String> {
    text(raw).map(Cow::into_owned)
}

/// A string's value, borrowed where nothing in it is escaped, or `None` if this is no string.
pub(crate) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inside = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    Some(if has_escapes(inside) { Cow::Owned(unescaped(inside)) } else { Cow::Borrowed(inside) })
}

fn has_escapes(inside: &str) -> bool {
    let inside = inside.as_bytes();
    if inside.len() >= NEAR {
        return memchr(b'\\', inside).is_some();
    }
    #[expect(clippy::needless_bitwise_bool, reason = "without branches many bytes are looked at together")]
    let has = |bytes: &[u8]| bytes.iter().fold(false, |has, byte| has | (*byte == b'\\'));
    let (chunks, rest) = inside.as_chunks::<16>();
    chunks.iter().any(|chunk| has(chunk)) || has(rest)
}

/// Returns whether this is a string, and this one.
pub(crate) fn is(raw: &RawValue, expected: &str) -> bool {
    text(raw).is_some_and(|text| text == expected)
}

/// What stands between the quotes of a string, with each escape resolved.
fn unescaped(inside: &str) -> String {
    let mut whole = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((plain, escape)) = next(b'\\', rest.as_bytes()).and_then(|at| rest.split_at_checked(at)) {
        whole.push_str(plain);
        let short = escape.as_bytes().get(1).copied().and_then(short_escape);
        let length = if let Some(ascii) = short {
            // It is one byte, and without the bit that it never has the compiler knows that.
            whole.push(char::from(ascii & 0x7F));
            2
        } else {
            let (char, length) = resolved(escape);
            whole.push(char);
            length
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    whole.push_str(rest);
    whole.shrink_to_fit();
    whole
}

/// The character of the escape of UTF-16 that the text begins with, and how many bytes it takes.
#[inline(never)]
fn resolved(escape: &str) -> (char, usize) {
    let units = [unit(escape), escape.get(6..).and_then(unit)];
    match char::decode_utf16(units.into_iter().map_while(|unit| unit)).next() {
        Some(Ok(char)) => (char, char.len_utf16().saturating_mul(6)),
        Some(Err(_)) | None => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// The UTF-16 unit of the escape that the text begins with.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::known::known;

    #[test]
    fn only_halves_are_replaced() {
        for (text, read) in [
            (r#""""#, ""),
            (r#""a\"\\\u0041\n""#, "a\"\\A\n"),
            (r#""\\ud83d\ud83d""#, "\\ud83d\u{fffd}"),
            (r#""\uD83D\uDE00\uDE00""#, "😀\u{fffd}"),
            (r#""ä\ud83d\\ä""#, "ä\u{fffd}\\ä"),
        ] {
            assert_eq!(string(known(text)).as_deref(), Some(read), "{text}");
        }
        for text in ["5", "null", "[]", "{}"] {
            assert_eq!(string(known(text)), None);
        }
    }

    #[test]
    fn an_escape_is_found_near_and_far_alike() {
        for before in [0, 1, 15, 16, 127, 128, 129, 400] {
            for after in [0, 1, 127, 128, 400] {
                let (before, after) = ("a".repeat(before), "b".repeat(after));
                let text = format!("\"{before}\\n{after}\\t{after}\"");
                assert_eq!(string(known(&text)), Some(format!("{before}\n{after}\t{after}")), "{text}");
            }
        }
    }
}
