//! Lines of an event stream, and the fields on them, out of bytes that are split anyhow.

use memchr::memchr2;

/// A field of an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Data,
    Event,
    Id,
    Retry,
    /// A line that begins with a colon.
    Comment,
    /// One that the standard doesn't know; it is ignored.
    Other,
}

/// What the bytes are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'i> {
    /// A line with this field begins.
    Begin(Field),
    /// Some of its value, never empty.
    Piece(&'i [u8]),
    /// Its line ends.
    End,
    /// An empty line: the event ends.
    Blank,
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Room for a byte order mark, the longest name that is known, and one byte more by which a longer name differs.
const MOST_OF_NAME: usize = 9;

#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// Of the name that the line begins with, as much as matters.
    name: Vec<u8>,
    spot: Spot,
    is_behind_first_line: bool,
    /// A line ended with a carriage return; a newline behind it belongs to it.
    is_behind_return: bool,
}

#[derive(Debug, Default)]
enum Spot {
    #[default]
    Name,
    /// Behind the colon: one space there is no part of the value.
    Colon,
    Value,
}

impl Tokens {
    /// The next token of `input`, which moves on behind it. `None` when all input is consumed.
    pub(super) fn next<'i>(&mut self, input: &mut &'i [u8]) -> Option<Token<'i>> {
        loop {
            let first = *input.first()?;
            if std::mem::take(&mut self.is_behind_return) && first == b'\n' {
                take(input, 1);
                continue;
            }
            match self.spot {
                Spot::Name => {
                    if let Some(token) = self.name(input) {
                        return Some(token);
                    }
                }
                Spot::Colon => {
                    self.spot = Spot::Value;
                    if first == b' ' {
                        take(input, 1);
                    }
                }
                Spot::Value if is_end(first) => {
                    self.end_line(input);
                    return Some(Token::End);
                }
                Spot::Value => {
                    let end = memchr2(b'\r', b'\n', input).unwrap_or(input.len());
                    return Some(Token::Piece(take(input, end)));
                }
            }
        }
    }

    fn name<'i>(&mut self, input: &mut &'i [u8]) -> Option<Token<'i>> {
        let end = input.iter().position(|&byte| byte == b':' || is_end(byte)).unwrap_or(input.len());
        let room = MOST_OF_NAME.saturating_sub(self.name.len());
        let piece = take(input, end);
        self.name.extend_from_slice(piece.get(..room).unwrap_or(piece));
        let delimiter = *input.first()?;
        let mut name = self.name.as_slice();
        if !self.is_behind_first_line {
            name = name.strip_prefix(BYTE_ORDER_MARK).unwrap_or(name);
        }
        let field = match name {
            b"" if delimiter == b':' => Field::Comment,
            b"" => {
                self.end_line(input);
                return Some(Token::Blank);
            }
            b"data" => Field::Data,
            b"event" => Field::Event,
            b"id" => Field::Id,
            b"retry" => Field::Retry,
            _ => Field::Other,
        };
        if delimiter == b':' {
            take(input, 1);
            self.spot = Spot::Colon;
        } else {
            // A name alone has an empty value.
            self.spot = Spot::Value;
        }
        Some(Token::Begin(field))
    }

    /// Goes past the byte that ends the line.
    fn end_line(&mut self, input: &mut &[u8]) {
        self.is_behind_return = take(input, 1) == b"\r";
        self.is_behind_first_line = true;
        self.name.clear();
        self.spot = Spot::Name;
    }
}

const fn is_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// So many bytes of the input, which moves on behind them.
fn take<'i>(input: &mut &'i [u8], length: usize) -> &'i [u8] {
    let (taken, rest) = input.split_at_checked(length).unwrap_or((input, &[]));
    *input = rest;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(mut input: &[u8]) -> Vec<Token<'_>> {
        let mut tokens = Tokens::default();
        std::iter::from_fn(|| tokens.next(&mut input)).collect()
    }

    #[test]
    fn a_line_is_a_name_a_colon_at_most_one_space_and_a_value() {
        use Field::{Comment, Data, Event, Id, Other, Retry};
        for (line, field, value) in [
            ("data: a:b ", Data, "a:b "),
            ("data:a", Data, "a"),
            ("data:  a", Data, " a"),
            ("data:\ta", Data, "\ta"),
            ("data", Data, ""),
            ("data:", Data, ""),
            ("data: ", Data, ""),
            ("event:x", Event, "x"),
            ("id:x", Id, "x"),
            ("retry:x", Retry, "x"),
            (":x", Comment, "x"),
            (":", Comment, ""),
            ("Data:x", Other, "x"),
            ("data :x", Other, "x"),
            (" data:x", Other, "x"),
            ("datadatadata:x", Other, "x"),
            ("retryretry", Other, ""),
            ("\0:x", Other, "x"),
        ] {
            let mut expected = vec![Token::Begin(field)];
            if !value.is_empty() {
                expected.push(Token::Piece(value.as_bytes()));
            }
            expected.push(Token::End);
            assert_eq!(tokens(format!("{line}\n").as_bytes()), expected, "{line:?}");
        }
    }

    #[test]
    fn a_line_ends_with_a_return_a_newline_or_both() {
        for (text, blanks) in
            [("\n\n", 2), ("\r\r", 2), ("\r\n\r\n", 2), ("\n\r", 2), ("\r\n\n", 2), ("\r\r\n", 2)]
        {
            let seen = tokens(text.as_bytes());
            assert!(
                seen.iter().all(|token| *token == Token::Blank) && seen.len() == blanks,
                "{text:?}: {seen:?}"
            );
        }
    }

    #[test]
    fn a_return_ends_the_line_before_it_is_known_what_follows() {
        let mut seen = Tokens::default();
        let mut input = b"\r".as_slice();
        assert_eq!(seen.next(&mut input), Some(Token::Blank));
        input = b"\n";
        assert_eq!(seen.next(&mut input), None);
        input = b"\n";
        assert_eq!(seen.next(&mut input), Some(Token::Blank));
    }

    #[test]
    fn a_byte_order_mark_is_skipped_at_the_very_start_only() {
        assert_eq!(tokens("\u{feff}data".as_bytes()), []);
        assert_eq!(tokens("\u{feff}data\n".as_bytes()), [Token::Begin(Field::Data), Token::End]);
        assert_eq!(tokens("\u{feff}:\n".as_bytes()), [Token::Begin(Field::Comment), Token::End]);
        assert_eq!(tokens("\u{feff}\n".as_bytes()), [Token::Blank]);
        assert_eq!(tokens("\u{feff}retryretry\n".as_bytes()), [Token::Begin(Field::Other), Token::End]);
        assert_eq!(tokens("\u{feff}\u{feff}data\n".as_bytes()), [Token::Begin(Field::Other), Token::End]);
        assert_eq!(tokens(b"\xef\xbbdata\n"), [Token::Begin(Field::Other), Token::End]);
        assert_eq!(
            tokens("\n\u{feff}data\n".as_bytes()),
            [Token::Blank, Token::Begin(Field::Other), Token::End]
        );
    }

    #[test]
    fn of_a_long_name_no_more_is_kept_than_matters() {
        let mut tokens = Tokens::default();
        for _ in 0..1000 {
            assert_eq!(tokens.next(&mut b"data".as_slice()), None);
        }
        assert!(tokens.name.len() <= MOST_OF_NAME);
        assert_eq!(tokens.next(&mut b":".as_slice()), Some(Token::Begin(Field::Other)));
    }
}
