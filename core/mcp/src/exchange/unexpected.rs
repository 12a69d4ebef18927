//! What a server writes instead of the protocol: recognised, and made safe to print.

use std::fmt;

use serde_json::value::RawValue;

use crate::error::ProtocolError;
use crate::jsonrpc::shown::shown;

/// Something that a server wrote instead of the protocol, such as a banner or messages of another protocol.
///
/// Its words go into the error of a deadline that passed, where they mostly say why:
///
/// ```
/// use std::time::Duration;
/// use tenure_mcp_proto::{Connection, Incoming, Options};
///
/// let mut connection = Connection::new(Options::default());
/// connection.start(Duration::ZERO)?;
/// connection.handle_message(Incoming::Message(b"Content-Length: 153\r"));
/// // A minute later, without a handshake:
/// let came = connection.received_instead().expect("something came");
/// assert_eq!(
///     came.to_string(),
///     "the server wrote `Content-Length: 153`: a header, as before the messages of language servers"
/// );
/// # Ok::<(), tenure_mcp_proto::RequestError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unexpected {
    /// What it looks like.
    pub kind: UnexpectedKind,
    /// Its beginning, 120 characters at most. It is safe to print: what controls a terminal, turns text around
    /// or can't be seen is written as an escape, such as `\u{1b}`.
    pub excerpt: String,
}

/// What something looks like that is not the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnexpectedKind {
    /// A header such as `Content-Length`, as the Language Server Protocol frames messages.
    Header,
    /// The answer of an HTTP server.
    Http,
    /// HTML or XML.
    Markup,
    /// Text with escape sequences for a terminal.
    EscapeSequence,
    /// UTF-16; messages are UTF-8.
    Utf16,
    /// A byte order mark, which JSON text must not begin with (RFC 8259, section 8.1).
    ByteOrderMark,
    /// Another encoding than UTF-8.
    Encoding,
    /// A part of a JSON text: one that is spread over several lines, or cut short.
    PartOfMessage,
    /// An answer to no request of this side, such as one with the id 0.
    UnknownAnswer,
    /// An error that names no request: the server couldn't read what it was sent.
    ErrorToNobody,
    /// A batch, where there are none.
    Batch,
    /// A message that is too large.
    TooLarge,
    /// JSON that is no message, such as a log line.
    OtherJson,
    /// Text of another kind.
    Text,
}

impl Unexpected {
    /// What came, as far as it is kept, and what was wrong with it.
    pub(crate) fn new(bytes: &[u8], fault: &ProtocolError) -> Self {
        let bytes = bytes.trim_ascii();
        let kind = kind(bytes, fault);
        let start = bytes.get(..LONGEST).unwrap_or(bytes);
        let text = if kind == UnexpectedKind::Utf16 { utf16(start) } else { lossy(start) };
        Self { kind, excerpt: shown(text.trim()) }
    }
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server wrote `{}`: {}", self.excerpt, self.kind)
    }
}

impl fmt::Display for UnexpectedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "a header, as before the messages of language servers",
            Self::Http => "an answer of an HTTP server",
            Self::Markup => "HTML or XML",
            Self::EscapeSequence => "text with escape sequences for a terminal",
            Self::Utf16 => "UTF-16, where UTF-8 is expected",
            Self::ByteOrderMark => "a byte order mark before the message",
            Self::Encoding => "text that is not UTF-8",
            Self::PartOfMessage => "a part of a JSON text; a message must be one whole line",
            Self::UnknownAnswer => "an answer to no request",
            Self::ErrorToNobody => "an error that names no request",
            Self::Batch => "a batch, which this version of the protocol does not have",
            Self::TooLarge => "a message that is too large",
            Self::OtherJson => "JSON that is no message of the protocol",
            Self::Text => "text that is no message of the protocol",
        })
    }
}

fn kind(bytes: &[u8], fault: &ProtocolError) -> UnexpectedKind {
    by_look(bytes).or_else(|| by_fault(fault)).unwrap_or_else(|| by_structure(bytes))
}

/// What the first bytes give away.
fn by_look(bytes: &[u8]) -> Option<UnexpectedKind> {
    let begins_with =
        |word: &[u8]| bytes.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if is_utf16(bytes) {
        Some(UnexpectedKind::Utf16)
    } else if bytes.starts_with(b"\xef\xbb\xbf") {
        Some(UnexpectedKind::ByteOrderMark)
    } else if bytes.contains(&0x1b) || bytes.starts_with(b"\xc2\x9b") {
        Some(UnexpectedKind::EscapeSequence)
    } else if begins_with(b"Content-Length:") || begins_with(b"Content-Type:") {
        Some(UnexpectedKind::Header)
    } else if begins_with(b"HTTP/") {
        Some(UnexpectedKind::Http)
    } else if bytes.starts_with(b"<") {
        Some(UnexpectedKind::Markup)
    } else {
        None
    }
}

fn by_fault(fault: &ProtocolError) -> Option<UnexpectedKind> {
    Some(match fault {
        ProtocolError::UnknownResponse { .. }
        | ProtocolError::RepeatedResponse { .. }
        | ProtocolError::InvalidId { .. } => UnexpectedKind::UnknownAnswer,
        ProtocolError::UnaddressedError { .. } => UnexpectedKind::ErrorToNobody,
        ProtocolError::InvalidUtf8 { .. } => UnexpectedKind::Encoding,
        ProtocolError::Oversized { .. } => UnexpectedKind::TooLarge,
        ProtocolError::Batch => UnexpectedKind::Batch,
        ProtocolError::Malformed { .. }
        | ProtocolError::Unfinished { .. }
        | ProtocolError::ProgressNotIncreasing { .. }
        | ProtocolError::RepeatedRequest { .. }
        | ProtocolError::UnknownSubscription { .. }
        | ProtocolError::ForbiddenRequest { .. }
        | ProtocolError::Carrier { .. } => return None,
    })
}

fn by_structure(bytes: &[u8]) -> UnexpectedKind {
    let begins = bytes.starts_with(b"{") || bytes.starts_with(b"[");
    match serde_json::from_slice::<&RawValue>(bytes) {
        Ok(_) => UnexpectedKind::OtherJson,
        Err(error) if begins && error.is_eof() => UnexpectedKind::PartOfMessage,
        Err(_) => UnexpectedKind::Text,
    }
}

/// An excerpt has fewer bytes than this.
const LONGEST: usize = 1024;

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// How much is looked at for the encoding.
const SAMPLE: usize = 64;

/// Returns whether it begins with UTF-16's byte order mark, or each other byte is 0, as in ASCII text.
fn is_utf16(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return true;
    }
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let zeros = |skip: usize| sample.iter().skip(skip).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = sample.len() / 4;
    sample.len() >= 4 && (even == 0) != (odd == 0) && even.max(odd) >= most
}

/// The text of UTF-16 of either byte order.
fn utf16(bytes: &[u8]) -> String {
    let is_big = bytes.starts_with(b"\xfe\xff") || bytes.first() == Some(&0);
    let units = bytes.chunks_exact(2).filter_map(|pair| {
        let pair = <[u8; 2]>::try_from(pair).ok()?;
        Some(if is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    });
    let text = char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
    text.filter(|char| *char != '\u{feff}').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_words_of_its_own() {
        use UnexpectedKind::{
            Batch, ByteOrderMark, Encoding, ErrorToNobody, EscapeSequence, Header, Http, Markup, OtherJson,
            PartOfMessage, Text, TooLarge, UnknownAnswer, Utf16,
        };
        let kinds = [
            Header,
            Http,
            Markup,
            EscapeSequence,
            Utf16,
            ByteOrderMark,
            Encoding,
            PartOfMessage,
            UnknownAnswer,
            ErrorToNobody,
            Batch,
            TooLarge,
            OtherJson,
            Text,
        ];
        let words: std::collections::BTreeSet<String> = kinds.iter().map(ToString::to_string).collect();
        assert_eq!(words.len(), kinds.len());
        assert!(words.iter().all(|words| words.len() > 8), "{words:?}");
    }

    #[test]
    fn only_a_text_that_begins_like_a_message_and_is_cut_short_is_a_part_of_one() {
        assert_eq!(by_structure(br#"{"a":"#), UnexpectedKind::PartOfMessage);
        assert_eq!(by_structure(b"{nonsense}"), UnexpectedKind::Text);
        assert_eq!(by_structure(b"tru"), UnexpectedKind::Text);
        assert_eq!(by_structure(b"true"), UnexpectedKind::OtherJson);
    }

    #[test]
    fn utf16_is_known_by_its_mark_or_by_the_zeros_of_ascii() {
        assert!(is_utf16(b"\xff\xfe\x41\x30"), "with a mark, and no ASCII");
        assert!(is_utf16(b"a\0b\0c\0\x41\x30"), "most of it ASCII");
        assert!(!is_utf16(b"a\0bcdefghijk"), "one zero");
        assert!(!is_utf16(b"abcd"));
    }
}
