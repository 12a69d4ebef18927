//! Whom an answer concerns that can't be read.
//!
//! A call whose answer came and can't be read must not wait for its deadline. So the id is looked for, from the
//! surest place to the least sure one:
//!
//! 1. in the outermost object, as far as the text is sound;
//! 2. in the outermost object behind that, if strings and brackets still fit: the fault is a `NaN` or the like;
//! 3. in the text, if they don't, where the id of an answer mostly stands: before the result, or at the very
//!    end; or anywhere, if only one is named.
//!
//! The last is a guess: it can take the id of a row of data for that of the answer. That fails a call whose
//! answer may still come, which is why it needs a text that looks like an answer in all else.

use crate::jsonrpc::id::{MAX_ID, RequestId, own_id};
use crate::jsonrpc::scan::scan;

/// The request that an unreadable message answers, if it is an answer and names one of ours. The first `sound`
/// bytes of it are well-formed.
pub(crate) fn answered(bytes: &[u8], sound: usize) -> Option<RequestId> {
    let head = scan(bytes.get(..sound).unwrap_or_default());
    if head.method {
        return None;
    }
    if let Some(id) = head.answered() {
        return own_id(id);
    }
    let whole = scan(bytes);
    if whole.complete {
        return own_id(whole.answered()?);
    }
    named(bytes, if head.answer { sound } else { 0 })
}

/// A key with its value in a text that need not be JSON: whose id, where the key begins, where the value ends.
#[derive(Clone, Copy)]
struct Mention {
    id: RequestId,
    begin: usize,
    end: usize,
}

/// The request that a text names that begins like an object and looks like an answer. Behind `from` its
/// structure is unknown.
fn named(bytes: &[u8], from: usize) -> Option<RequestId> {
    if !bytes.starts_with(b"{") {
        return None;
    }
    let answer = [b"result".as_slice(), b"error"].iter().filter_map(|key| keys(bytes, key).next()).min();
    let answer = answer.map(|(begin, _)| begin)?;
    if keys(bytes, b"method").any(|(begin, _)| begin < answer) {
        return None;
    }
    let mut mentions = mentions(bytes).filter(|mention| mention.begin >= from);
    let first = mentions.next()?;
    if first.begin < answer {
        return Some(first.id);
    }
    let (last, is_only_one) = mentions.fold((None, true), |(_, is_only_one), mention| {
        let is_same = mention.id == first.id;
        (Some(mention), is_only_one && is_same)
    });
    let last = last.unwrap_or(first);
    (is_only_one || ends_an_answer(bytes, last)).then_some(last.id)
}

/// Returns whether nothing but the end of an answer follows, which was not just begun.
fn ends_an_answer(bytes: &[u8], mention: Mention) -> bool {
    let before = bytes.get(..mention.begin).unwrap_or_default().trim_ascii_end();
    let behind = bytes.get(mention.end..).unwrap_or_default();
    let behind = behind
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| if *byte == b'\'' { b'"' } else { *byte });
    let ends = [b"}".as_slice(), b",\"jsonrpc\":\"2.0\"}"];
    before.ends_with(b",") && ends.iter().any(|end| behind.clone().eq(end.iter().copied()))
}

/// The ids of ours that are named as the value of a key `id` and come to their end.
fn mentions(bytes: &[u8]) -> impl Iterator<Item = Mention> {
    keys(bytes, b"id").filter_map(move |(begin, value)| {
        let rest = bytes.get(value..)?;
        let blanks = rest.len().checked_sub(rest.trim_ascii_start().len())?;
        let rest = rest.get(blanks..)?;
        let length = value_length(rest)?;
        let text = std::str::from_utf8(rest.get(..length)?).ok()?;
        let text = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text);
        let end = value.checked_add(blanks)?.checked_add(length)?;
        let follows = bytes.get(end..)?.trim_ascii_start();
        (follows.starts_with(b",") || follows.starts_with(b"}")).then_some(())?;
        Some(Mention { id: own_id(text)?, begin, end })
    })
}

/// The length of a short value at the beginning of a text that can be an id of ours: it holds no delimiter.
fn value_length(text: &[u8]) -> Option<usize> {
    let text = text.get(..MAX_ID).unwrap_or(text);
    text.iter().position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\t' | b'\r' | b'\n'))
}

/// Where the text seems to have this key: where it begins, and where what follows its colon does.
fn keys(bytes: &[u8], key: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let length = key.len().saturating_add(2);
    bytes.windows(length).enumerate().filter_map(move |(begin, window)| {
        let quote = window.first().filter(|quote| matches!(quote, b'"' | b'\''))?;
        let inside = window.strip_prefix(&[*quote])?.strip_suffix(&[*quote])?;
        (inside == key).then_some(())?;
        let end = begin.checked_add(length)?;
        let rest = bytes.get(end..)?;
        let behind = rest.trim_ascii_start().strip_prefix(b":")?;
        Some((begin, bytes.len().checked_sub(behind.len())?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whom(text: &str, sound: usize) -> Option<u64> {
        answered(text.as_bytes(), sound).map(RequestId::as_u64)
    }

    #[test]
    fn the_surest_place_counts() {
        // Sound before the break, where the last of repeated keys counts.
        assert_eq!(whom(r#"{"id":2,"id":3,"result":{NaN},"id":4}"#, 26), Some(3));
        // Behind it, while the structure fits.
        assert_eq!(whom(r#"{"result":{"id":5,"a":NaN},"id":4}"#, 23), Some(4));
        // In the text.
        assert_eq!(whom(r#"{"result":{"id":5,"a":"x"y"},"id":4}"#, 25), Some(4));
        assert_eq!(whom(r#"{"result":{"a":"x"y"},"id":4,"b":0}"#, 18), Some(4));
        assert_eq!(whom(r#"{"result":{"a":"x"y"},"id":4,"b":{"id":5}}"#, 18), None);
    }

    #[test]
    fn objects_of_another_language_are_read_as_far_as_need_be() {
        assert_eq!(whom("{'jsonrpc': '2.0', 'id': 4, 'result': {'id': 5}}", 1), Some(4));
        assert_eq!(whom("{'jsonrpc': '2.0', 'result': {'id': 5}, 'id': '4'}", 1), Some(4));
        assert_eq!(whom("{'result': {'id': 5}, 'id': 4, 'jsonrpc': '2.0'}", 1), Some(4));
        assert_eq!(whom("{'jsonrpc': '2.0', 'id': 4, 'method': 'm', 'params': {'result': 1}}", 1), None);
        assert_eq!(whom("{'id': 4}", 1), None);
    }

    #[test]
    fn text_that_is_cut_or_escaped_names_nobody() {
        for text in [
            r#"{"result":{"a":"x"y"},"id":4"#,
            r#"{"result":{"a":"x"y"},"id":"#,
            r#"{"result":{"a":"x"y {\"id\":4}"}}"#,
            r#"["result":{"a":"x"y"},"id":4}"#,
        ] {
            assert_eq!(whom(text, 18), None, "{text}");
        }
    }
}
