//! Where a JSON value ends that begins somewhere: each takes what is from there on, and gives what is behind.
//!
//! They take what `serde_json` takes for a value, and nothing else, if nobody has read it yet and it is nested no
//! deeper than [`DEEPEST`]; of a text that is known to be JSON they look at no more than they need.

use memchr::{memchr, memchr2};

/// So deep is read what nobody has read yet: each level has a bit.
const DEEPEST: u32 = u128::BITS;

/// What is known of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// It is JSON.
    pub(crate) is_read: bool,
    /// There are control characters, which may stand between values but not in strings.
    pub(crate) has_controls: bool,
}

impl Known {
    /// Of a text that was read before.
    pub(crate) const JSON: Self = Self { is_read: true, has_controls: false };

    /// Of a text that nobody has read. One look at all of it, many bytes at a time, spares one at each string.
    pub(crate) fn of(text: &str) -> Self {
        let lowest = |bytes: &[u8]| bytes.iter().copied().fold(u8::MAX, u8::min);
        let (chunks, rest) = text.as_bytes().as_chunks::<128>();
        let mut least = [u8::MAX; 16];
        for chunk in chunks {
            for part in chunk.as_chunks::<16>().0 {
                for (least, byte) in least.iter_mut().zip(part) {
                    *least = (*least).min(*byte);
                }
            }
        }
        let has_controls = lowest(&least).min(lowest(rest)) < b' ';
        Self { is_read: false, has_controls }
    }
}

/// Behind the value that begins here.
#[inline]
pub(crate) fn value(rest: &[u8], known: Known) -> Option<&[u8]> {
    match rest {
        [b'{' | b'[', ..] if known.is_read => nested(rest),
        [b'{' | b'[', ..] => unread(rest, known),
        _ => plain(rest, known),
    }
}

/// Behind the value that begins here and is neither object nor array.
#[inline]
fn plain(rest: &[u8], known: Known) -> Option<&[u8]> {
    match rest {
        [b'"', rest @ ..] => string(rest, known),
        [b't', b'r', b'u', b'e', rest @ ..]
        | [b'f', b'a', b'l', b's', b'e', rest @ ..]
        | [b'n', b'u', b'l', b'l', rest @ ..] => Some(rest),
        _ => number(rest),
    }
}

/// Behind the key that is next.
#[inline]
pub(crate) fn key(rest: &[u8], known: Known) -> Option<&[u8]> {
    string(behind(rest, b'"')?, known)
}

/// Behind this byte, which is next, maybe behind blanks.
#[inline]
pub(crate) fn behind(rest: &[u8], byte: u8) -> Option<&[u8]> {
    match rest {
        [next, rest @ ..] if *next == byte => Some(rest),
        _ => blanks(rest).strip_prefix(&[byte]),
    }
}

/// Behind an element, and the comma if there is one: whether that was the last one.
#[inline]
pub(crate) fn element(rest: &[u8], close: u8) -> Option<(&[u8], bool)> {
    match rest {
        [b',', rest @ ..] => Some((rest, false)),
        [next, rest @ ..] if *next == close => Some((rest, true)),
        [b' ' | b'\n' | b'\t' | b'\r', ..] => element(blanks(rest), close),
        _ => None,
    }
}

/// Behind the object or array that begins here, of which nothing is known.
fn unread(mut rest: &[u8], known: Known) -> Option<&[u8]> {
    let mut around = Around::default();
    loop {
        // A value is next.
        match rest {
            [b'"', inside @ ..] => rest = string(inside, known)?,
            [b'{', inside @ ..] => {
                around.enter(true)?;
                rest = blanks(inside);
                let [b'}', behind @ ..] = rest else {
                    rest = behind(key(rest, known)?, b':')?;
                    continue;
                };
                around.leave();
                rest = behind;
            }
            [b'[', inside @ ..] => {
                around.enter(false)?;
                rest = blanks(inside);
                let [b']', behind @ ..] = rest else { continue };
                around.leave();
                rest = behind;
            }
            [b' ' | b'\n' | b'\t' | b'\r', ..] => {
                rest = blanks(rest);
                continue;
            }
            _ => rest = plain(rest, known)?,
        }
        // And it ends here, with as many of those around it.
        loop {
            if around.depth == 0 {
                return Some(rest);
            }
            let is_object = around.is_object();
            let is_last;
            (rest, is_last) = element(rest, if is_object { b'}' } else { b']' })?;
            if !is_last {
                if is_object {
                    rest = behind(key(rest, known)?, b':')?;
                }
                break;
            }
            around.leave();
        }
    }
}

/// The objects and arrays around a place: a bit for each, the innermost one lowest.
#[derive(Default)]
struct Around {
    are_objects: u128,
    depth: u32,
}

impl Around {
    fn is_object(&self) -> bool {
        self.are_objects & 1 == 1
    }

    /// `None` if there are too many.
    fn enter(&mut self, is_object: bool) -> Option<()> {
        if self.depth >= DEEPEST {
            return None;
        }
        self.depth = self.depth.saturating_add(1);
        self.are_objects = self.are_objects << 1 | u128::from(is_object);
        Some(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.are_objects >>= 1;
    }
}

/// Behind the object or array that begins here, in a text that is known to be JSON.
fn nested(mut rest: &[u8]) -> Option<&[u8]> {
    let mut depth = 0_usize;
    loop {
        let (next, behind) = rest.split_first()?;
        rest = behind;
        match next {
            b'"' => {
                rest = string(rest, Known::JSON)?;
                while let [b':' | b',', b'"', behind @ ..] = rest {
                    rest = string(behind, Known::JSON)?;
                }
            }
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(rest);
                }
            }
            _ => {}
        }
    }
}

/// Behind the string that has begun.
#[inline]
fn string(rest: &[u8], known: Known) -> Option<&[u8]> {
    match near_end(rest) {
        Some(rest) if !known.has_controls => Some(rest),
        _ if known.is_read => known_string(rest),
        _ => any_string(rest, known),
    }
}

/// The same in a text that is known to be JSON: it ends at the first quote that isn't escaped.
#[inline(never)]
fn known_string(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (inside, behind) = rest.split_at_checked(next(b'"', rest)?)?;
        rest = behind.get(1..)?;
        let escapes = inside.iter().rev().take_while(|byte| **byte == b'\\').count();
        if escapes.is_multiple_of(2) {
            return Some(rest);
        }
    }
}

#[inline(never)]
fn any_string(mut rest: &[u8], known: Known) -> Option<&[u8]> {
    loop {
        let (plain, behind) = rest.split_at_checked(mark(rest)?)?;
        if known.has_controls && plain.iter().any(|byte| *byte < b' ') {
            return None;
        }
        let (mark, behind) = behind.split_first()?;
        if *mark == b'"' {
            return Some(behind);
        }
        let (escape, behind) = behind.split_first()?;
        rest = match (short_escape(*escape), behind) {
            (Some(_), behind) => behind,
            (None, [a, b, c, d, behind @ ..])
                if *escape == b'u' && [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) =>
            {
                behind
            }
            _ => return None,
        };
    }
}

/// The character that a backslash and this one stand for, if they stand for one by themselves.
#[inline]
pub(crate) fn short_escape(escape: u8) -> Option<u8> {
    #[expect(clippy::indexing_slicing, reason = "a constant that panics does not compile")]
    const SHORT: [u8; 256] = {
        let mut short = [0; 256];
        let mut escapes: &[(u8, u8)] = &[
            (b'"', b'"'),
            (b'\\', b'\\'),
            (b'/', b'/'),
            (b'b', 8),
            (b'f', 12),
            (b'n', b'\n'),
            (b'r', b'\r'),
            (b't', b'\t'),
        ];
        while let [(escape, char), more @ ..] = escapes {
            short[*escape as usize] = *char;
            escapes = more;
        }
        short
    };
    SHORT.get(usize::from(escape)).copied().filter(|char| *char != 0)
}

/// Where the next quote or backslash is.
#[inline]
fn mark(rest: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(near) = rest.first_chunk::<NEAR>()
        && let Some(marks) = memchr::arch::x86_64::sse2::memchr::Two::new(b'"', b'\\')
        && let Some(place) = marks.find(near)
    {
        return Some(place);
    }
    memchr2(b'"', b'\\', rest)
}

/// Where the next byte of this value is.
#[inline]
pub(crate) fn next(byte: u8, rest: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(near) = rest.first_chunk::<NEAR>()
        && let Some(marks) = memchr::arch::x86_64::sse2::memchr::One::new(byte)
        && let Some(place) = marks.find(near)
    {
        return Some(place);
    }
    memchr(byte, rest)
}

/// So many bytes, a line of text or so, are searched in place: to choose the fastest way pays for what is far.
pub(crate) const NEAR: usize = 128;

/// Behind the number that begins here.
fn number(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let mut rest = match rest.strip_prefix(b"0") {
        Some(rest) => rest,
        None => digits(rest)?,
    };
    if let Some(fraction) = rest.strip_prefix(b".") {
        rest = digits(fraction)?;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', exponent @ ..] => exponent,
            _ => exponent,
        };
        rest = digits(exponent)?;
    }
    Some(rest)
}

/// Behind the digits here, of which there must be one.
fn digits(rest: &[u8]) -> Option<&[u8]> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 { None } else { rest.get(digits..) }
}

/// Behind the blanks here, if there are any.
#[inline]
pub(crate) fn blanks(mut rest: &[u8]) -> &[u8] {
    if rest.first().is_some_and(|next| *next <= b' ') {
        while let [b' ' | b'\n' | b'\t' | b'\r', behind @ ..] = rest {
            rest = behind;
        }
    }
    rest
}

/// What follows a string that has begun, if it has no more than 16 bytes and no escapes: eight are looked
/// at together, which for most keys and many values costs less than to begin a search.
#[inline]
pub(crate) fn near_end(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    for _ in 0..2 {
        let (bytes, behind) = rest.split_first_chunk()?;
        let bytes = u64::from_le_bytes(*bytes);
        let found = places(bytes, b'"') | places(bytes, b'\\');
        if found != 0 {
            let end = found.trailing_zeros() / 8;
            return rest.get(usize::try_from(end).ok()?..)?.strip_prefix(b"\"");
        }
        rest = behind;
    }
    rest.strip_prefix(b"\"")
}

/// Marks where among these bytes the first of this value is, with its highest bit.
#[inline]
const fn places(bytes: u64, byte: u8) -> u64 {
    const EACH: u64 = u64::MAX / 255;
    // A zero byte has its highest bit set in `(bytes - 1) & !bytes`, and no byte below the first zero has.
    let zeros = bytes ^ EACH.wrapping_mul(byte as u64);
    zeros.wrapping_sub(EACH) & !zeros & (EACH << 7)
}
