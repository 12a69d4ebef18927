//! Finds out whom a message concerns without keeping the message: for messages too large to be kept, and for
//! messages that can't be parsed.
//!
//! It follows strings and nesting, looks at the keys of the outermost object only, and keeps nothing but the
//! current key or id.

use crate::jsonrpc::id::MAX_ID;

/// `"method"` with every letter written as `\uXXXX` fits.
const MAX_KEY: usize = 64;

/// What a message's outermost object says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says of one thing whether it was seen")]
pub(crate) struct Found {
    /// The id's JSON text, if it is a string, a number or the like.
    pub(crate) id: Option<String>,
    pub(crate) method: bool,
    pub(crate) version: bool,
    /// There is a `result` or an `error`.
    pub(crate) answer: bool,
    /// The object came to its end, and nothing came behind it.
    pub(crate) complete: bool,
}

impl Found {
    /// The id of the request that this answers. A whole message without a method is an answer, too, though
    /// with neither result nor error.
    pub(crate) fn answered(&self) -> Option<&str> {
        let is_answer = self.answer || (self.version && self.complete);
        if self.method || !is_answer {
            return None;
        }
        self.id.as_deref()
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Scanner {
    spot: Spot,
    field: Field,
    token: Token,
    found: Found,
}

#[derive(Clone, Copy, Debug, Default)]
enum Spot {
    #[default]
    Start,
    /// Before a key, or the end.
    Key,
    InKey {
        escaped: bool,
    },
    Colon,
    Value,
    InString {
        escaped: bool,
    },
    /// In a number, true, false or null.
    InScalar,
    /// In an array or object that is a value of the outermost object.
    Nested {
        depth: u64,
    },
    NestedString {
        depth: u64,
        escaped: bool,
    },
    AfterValue,
    Done,
    Broken,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Field {
    Id,
    Method,
    Version,
    Answer,
    #[default]
    Other,
}

/// A short piece of text; of a longer one only that it is longer.
#[derive(Clone, Debug, Default)]
struct Token {
    bytes: Vec<u8>,
    overflowed: bool,
}

impl Token {
    fn clear(&mut self) {
        self.bytes.clear();
        self.overflowed = false;
    }

    fn push(&mut self, byte: u8, most: usize) {
        if self.bytes.len() < most {
            self.bytes.push(byte);
        } else {
            self.overflowed = true;
        }
    }

    fn text(&self) -> Option<&str> {
        if self.overflowed {
            return None;
        }
        std::str::from_utf8(&self.bytes).ok()
    }
}

impl Scanner {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if matches!(self.spot, Spot::Broken) {
                return;
            }
            self.spot = self.step(byte);
        }
    }

    pub(crate) fn found(mut self) -> Found {
        self.found.complete = matches!(self.spot, Spot::Done);
        self.found
    }

    fn step(&mut self, byte: u8) -> Spot {
        let blank = matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        match self.spot {
            Spot::InKey { escaped } => {
                self.token.push(byte, MAX_KEY);
                if let Some(escaped) = string_goes_on(byte, escaped) {
                    return Spot::InKey { escaped };
                }
                self.field = field(self.token.text());
                if self.field == Field::Id {
                    // A repeated key overrules, see `json`.
                    self.found.id = None;
                }
                Spot::Colon
            }
            Spot::InString { escaped } => {
                self.keep_id(byte);
                match string_goes_on(byte, escaped) {
                    Some(escaped) => Spot::InString { escaped },
                    None => self.end_value(),
                }
            }
            Spot::NestedString { depth, escaped } => match string_goes_on(byte, escaped) {
                Some(escaped) => Spot::NestedString { depth, escaped },
                None => Spot::Nested { depth },
            },
            Spot::Nested { depth } => self.nested(byte, depth),
            Spot::InScalar => {
                if blank {
                    self.end_value()
                } else if matches!(byte, b',' | b'}') {
                    self.spot = self.end_value();
                    self.step(byte)
                } else {
                    self.keep_id(byte);
                    Spot::InScalar
                }
            }
            spot @ (Spot::Start | Spot::Key | Spot::Colon | Spot::Value | Spot::AfterValue | Spot::Done)
                if blank =>
            {
                spot
            }
            Spot::Start if byte == b'{' => Spot::Key,
            Spot::Key => match byte {
                b'"' => {
                    self.token.clear();
                    self.token.push(byte, MAX_KEY);
                    Spot::InKey { escaped: false }
                }
                b'}' => Spot::Done,
                _ => Spot::Broken,
            },
            Spot::Colon if byte == b':' => Spot::Value,
            Spot::Value => self.begin_value(byte),
            Spot::AfterValue => match byte {
                b',' => Spot::Key,
                b'}' => Spot::Done,
                _ => Spot::Broken,
            },
            Spot::Start | Spot::Colon | Spot::Done | Spot::Broken => Spot::Broken,
        }
    }

    fn begin_value(&mut self, byte: u8) -> Spot {
        self.token.clear();
        match self.field {
            // Null is none.
            Field::Method => self.found.method = byte != b'n',
            Field::Version => self.found.version = true,
            Field::Answer => self.found.answer = true,
            Field::Id | Field::Other => {}
        }
        self.keep_id(byte);
        match byte {
            b'"' => Spot::InString { escaped: false },
            b'{' | b'[' => Spot::Nested { depth: 1 },
            b',' | b'}' | b']' | b':' => Spot::Broken,
            _ => Spot::InScalar,
        }
    }

    fn nested(&mut self, byte: u8, depth: u64) -> Spot {
        match byte {
            b'"' => Spot::NestedString { depth, escaped: false },
            b'{' | b'[' => Spot::Nested { depth: depth.saturating_add(1) },
            b'}' | b']' if depth <= 1 => {
                // An object or array is no id.
                self.token.overflowed = true;
                self.end_value()
            }
            b'}' | b']' => Spot::Nested { depth: depth.saturating_sub(1) },
            _ => Spot::Nested { depth },
        }
    }

    fn end_value(&mut self) -> Spot {
        if self.field == Field::Id {
            self.found.id = self.token.text().map(str::to_owned);
        }
        Spot::AfterValue
    }

    fn keep_id(&mut self, byte: u8) {
        if self.field == Field::Id {
            self.token.push(byte, MAX_ID);
        }
    }
}

/// `None` if the string ends with this byte, else whether the next byte is escaped.
fn string_goes_on(byte: u8, escaped: bool) -> Option<bool> {
    match byte {
        _ if escaped => Some(false),
        b'\\' => Some(true),
        b'"' => None,
        _ => Some(false),
    }
}

/// What can be found out about a message that is there as a whole.
pub(crate) fn scan(bytes: &[u8]) -> Found {
    let mut scanner = Scanner::default();
    scanner.feed(bytes);
    scanner.found()
}

fn field(key: Option<&str>) -> Field {
    let key = key.and_then(|key| serde_json::from_str::<String>(key).ok());
    match key.as_deref() {
        Some("id") => Field::Id,
        Some("method") => Field::Method,
        Some("jsonrpc") => Field::Version,
        Some("result" | "error") => Field::Answer,
        _ => Field::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(text: &str) -> Option<String> {
        scan(text.as_bytes()).answered().map(str::to_owned)
    }

    #[test]
    fn the_id_is_found_before_and_behind_the_result() {
        let giant = "x".repeat(100_000);
        for text in [
            format!(r#"{{"jsonrpc":"2.0","id":17,"result":{{"a":"{giant}"}}}}"#),
            format!(r#"{{"jsonrpc":"2.0","result":{{"a":"{giant}"}},"id":17}}"#),
            format!(r#" {{ "result" : ["{giant}"] , "id" : 17 }} "#),
            format!(r#"{{"error":{{"message":"{giant}"}},"id":17}}"#),
        ] {
            assert_eq!(answered(&text).as_deref(), Some("17"));
            assert!(scan(text.as_bytes()).complete);
        }
    }

    #[test]
    fn only_the_outermost_object_counts() {
        for text in [
            r#"{"result":{"id":5}}"#,
            r#"{"result":[{"id":5}]}"#,
            r#"{"result":"\",\"id\":5"}"#,
            r#"{"result":"\\\",\"id\":5,\"x\":\""}"#,
            r#"[{"id":5,"result":{}}]"#,
            r#"garbage {"id":5,"result":{}}"#,
        ] {
            assert_eq!(answered(text), None, "{text}");
        }
        let tricky = r#"{"result":{"a":"}]\"{","b":[[],{"id":9}]},"id":6}"#;
        assert_eq!(answered(tricky).as_deref(), Some("6"));
    }

    #[test]
    fn requests_and_bare_ids_are_no_answers() {
        assert_eq!(answered(r#"{"id":5,"method":"ping","result":1}"#), None);
        assert_eq!(answered(r#"{"id":5}"#), None);
        let found = scan(br#"{"id":"a\"b","method":"x"}"#);
        assert_eq!(found.id.as_deref(), Some(r#""a\"b""#));
        assert!(found.method);
    }

    #[test]
    fn escaped_keys_are_keys() {
        let text = r#"{"\u0069\u0064":5,"\u0072\u0065\u0073\u0075\u006c\u0074":0}"#;
        assert_eq!(answered(text).as_deref(), Some("5"));
    }

    #[test]
    fn of_repeated_ids_the_last_one_counts() {
        assert_eq!(answered(r#"{"id":5,"result":0,"id":6}"#).as_deref(), Some("6"));
        assert_eq!(answered(r#"{"id":5,"result":0,"id":{}}"#), None);
        assert_eq!(answered(r#"{"id":5,"result":0,"id":"#), None);
    }

    #[test]
    fn a_giant_key_or_id_is_not_kept() {
        let giant = "9".repeat(1_000_000);
        let mut scanner = Scanner::default();
        scanner.feed(format!(r#"{{"{giant}":1,"result":0,"id":{giant}"#).as_bytes());
        assert!(scanner.token.bytes.capacity() <= 2 * MAX_ID);
        scanner.feed(b"}");
        let found = scanner.found();
        assert!(found.complete && found.id.is_none());
    }

    #[test]
    fn trailing_text_and_missing_ends_are_not_complete() {
        for text in [r#"{"id":1,"result":0}x"#, r#"{"id":1,"result":0"#, r#"{"id":1,"result":"}"#, ""] {
            assert!(!scan(text.as_bytes()).complete, "{text}");
        }
    }

    #[test]
    fn an_empty_object_is_complete() {
        assert_eq!(scan(b" {\t} "), Found { complete: true, ..Found::default() });
    }

    #[test]
    fn the_split_of_the_input_does_not_matter() {
        let text = br#"{"a":"\\\"}","result":{"x":[1,"]"]},"id":12}"#;
        let whole = scan(text);
        for at in 0..text.len() {
            let (head, tail) = text.split_at(at);
            let mut scanner = Scanner::default();
            scanner.feed(head);
            scanner.feed(tail);
            assert_eq!(scanner.found(), whole);
        }
    }
}
