//! Messages on a byte stream: one a line (MCP 2025-11-25, basic/transports, "stdio").
//!
//! [`Lines`] makes messages of the bytes that come, split anyhow; [`encode`] makes a line of a message that
//! goes. A line ends at its newline; at the end of the stream a whole JSON text counts without it. Blank lines
//! are skipped, and so is white space around a message: that of ASCII, which is more than JSON has.

use memchr::memchr;
use serde_json::value::RawValue;

use crate::exchange::inbound::{Incoming, Oversized};
use crate::exchange::outbound::Outgoing;

/// A buffer that grew past this is given back after its line.
const KEEP: usize = 64 * 1024;

/// A message as a line, with its newline.
pub fn encode(message: Outgoing) -> Vec<u8> {
    let mut line = message.into_bytes();
    line.push(b'\n');
    line
}

/// The bytes of a stream on their way to being messages.
///
/// At most one line is held, and never more of it than the limit: of a longer line only what tells whom it
/// concerns is kept until its newline comes.
///
/// ```
/// use tenure_mcp_proto::lines::Lines;
/// use tenure_mcp_proto::{Connection, Options};
///
/// let mut connection = Connection::new(Options::default());
/// let mut lines = Lines::new(connection.max_message());
/// for mut bytes in [b"{\"jsonrpc\":\"2.0\",".as_slice(), b"\"method\":\"n\"}\n"] {
///     while let Some(message) = lines.next(&mut bytes) {
///         connection.handle_message(message);
///     }
/// }
/// // No more bytes will come.
/// if let Some(message) = lines.end() {
///     connection.handle_message(message);
/// }
/// connection.handle_end();
/// ```
#[derive(Debug)]
pub struct Lines {
    buffer: Vec<u8>,
    max: usize,
    /// In a box: it is large, and few streams ever have one.
    skipping: Option<Box<Oversized>>,
    /// What there is of a line was handed out; it goes before anything else happens.
    spent: bool,
}

/// Where a line is that has come to its newline.
enum Line<'i> {
    InInput(&'i [u8]),
    InBuffer,
    Skipped(Oversized),
}

impl Lines {
    /// The beginning of a stream whose messages have at most so many bytes, without their newlines; see
    /// [`Connection::max_message`](crate::Connection::max_message).
    pub fn new(max_message: usize) -> Self {
        Self { buffer: Vec::new(), max: max_message, skipping: None, spent: false }
    }

    /// The next message that `input` completes; `input` moves on behind it. `None` when all input is
    /// consumed.
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Option<Incoming<'a>> {
        loop {
            match self.next_line(input)? {
                Line::InInput(line) if is_blank(line) => {}
                Line::InBuffer if is_blank(&self.buffer) => {}
                Line::InInput(line) => return Some(Incoming::Message(line)),
                Line::InBuffer => return Some(Incoming::Message(&self.buffer)),
                Line::Skipped(oversized) => return Some(Incoming::Oversized(oversized)),
            }
        }
    }

    /// No more bytes will come: what there is of an unfinished line, if there is anything. Forgets it.
    ///
    /// A whole JSON object or array lacks nothing but its newline, and is a message. Of anything else nobody
    /// can know whether it is whole.
    pub fn end(&mut self) -> Option<Incoming<'_>> {
        self.forget_spent();
        self.spent = true;
        if let Some(oversized) = &self.skipping {
            return Some(Incoming::Unfinished { size: oversized.size(), start: oversized.start() });
        }
        let line = self.buffer.as_slice();
        if is_blank(line) {
            None
        } else if is_whole(line) {
            Some(Incoming::Message(line))
        } else {
            let size = u64::try_from(line.len()).unwrap_or(u64::MAX);
            Some(Incoming::Unfinished { size, start: line })
        }
    }

    fn next_line<'i>(&mut self, input: &mut &'i [u8]) -> Option<Line<'i>> {
        self.forget_spent();
        let bytes = *input;
        let Some(at) = memchr(b'\n', bytes) else {
            self.absorb(bytes);
            *input = &[];
            return None;
        };
        let (line, rest) = bytes.split_at(at);
        *input = rest.get(1..).unwrap_or_default();
        if self.skipping.is_none() && self.buffer.is_empty() && line.len() <= self.max {
            return Some(Line::InInput(line));
        }
        self.absorb(line);
        if let Some(oversized) = self.skipping.take() {
            return Some(Line::Skipped(*oversized));
        }
        self.spent = true;
        Some(Line::InBuffer)
    }

    fn absorb(&mut self, bytes: &[u8]) {
        if let Some(oversized) = &mut self.skipping {
            oversized.feed(bytes);
            return;
        }
        let total = self.buffer.len().saturating_add(bytes.len());
        if total > self.max {
            let mut oversized = Box::new(Oversized::new(self.max));
            oversized.feed(&std::mem::take(&mut self.buffer));
            oversized.feed(bytes);
            self.skipping = Some(oversized);
            return;
        }
        if total > self.buffer.capacity() {
            // Doubling, but never past the limit.
            let wanted = self.buffer.capacity().saturating_mul(2).min(self.max);
            let more = wanted.max(total).saturating_sub(self.buffer.len());
            self.buffer.reserve_exact(more);
        }
        self.buffer.extend_from_slice(bytes);
    }

    fn forget_spent(&mut self) {
        if !std::mem::take(&mut self.spent) {
            return;
        }
        self.skipping = None;
        self.buffer.clear();
        if self.buffer.capacity() > KEEP {
            self.buffer = Vec::new();
        }
    }

    /// Bytes of memory held.
    #[cfg(test)]
    fn held(&self) -> usize {
        self.buffer.capacity()
    }
}

/// Returns whether this is a JSON text that can't go on.
fn is_whole(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    (line.starts_with(b"{") || line.starts_with(b"[")) && serde_json::from_slice::<&RawValue>(line).is_ok()
}

/// A blank line is no message, and no fault either.
fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(lines: &mut Lines, mut input: &[u8]) -> Vec<String> {
        let mut messages = Vec::new();
        while let Some(message) = lines.next(&mut input) {
            messages.push(match message {
                Incoming::Message(line) => String::from_utf8_lossy(line).into_owned(),
                Incoming::Oversized(oversized) => format!("oversized {}", oversized.size()),
                Incoming::Unfinished { size, .. } => format!("unfinished {size}"),
                other => panic!("{other:?}"),
            });
        }
        messages
    }

    fn end(lines: &mut Lines) -> Option<u64> {
        lines.end().map(|message| match message {
            Incoming::Unfinished { size, .. } => size,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_line_may_come_in_pieces_and_lines_together() {
        let mut lines = Lines::new(100);
        assert!(all(&mut lines, b"ab").is_empty());
        assert_eq!(all(&mut lines, b"c\n\nde\nf"), ["abc", "de"]);
        assert_eq!(all(&mut lines, b"\n"), ["f"]);
        assert_eq!(end(&mut lines), None);
    }

    #[test]
    fn the_limit_is_exact_however_the_line_is_split() {
        for split in 0..=5 {
            for (line, expected) in [("1234", "1234"), ("12345", "oversized 5")] {
                let mut lines = Lines::new(4);
                let input = format!("{line}\nok\n");
                let (head, tail) = input.as_bytes().split_at(split);
                let mut messages = all(&mut lines, head);
                messages.extend(all(&mut lines, tail));
                assert_eq!(messages, [expected, "ok"], "{line} split at {split}");
            }
        }
    }

    #[test]
    fn a_giant_line_is_counted_but_not_kept() {
        let mut lines = Lines::new(1000);
        for _ in 0..1000 {
            assert!(all(&mut lines, &[b'x'; 7]).is_empty());
            assert!(lines.held() <= 1000, "{}", lines.held());
        }
        assert_eq!(all(&mut lines, b"\n"), ["oversized 7000"]);
    }

    #[test]
    fn a_large_buffer_is_given_back() {
        let mut lines = Lines::new(1 << 20);
        all(&mut lines, &vec![b'x'; 1 << 20]);
        assert_eq!(lines.held(), 1 << 20);
        all(&mut lines, b"\n");
        assert!(lines.held() <= KEEP);
    }

    #[test]
    fn a_buffer_of_64_kib_is_kept_for_the_next_line_and_a_larger_one_given_back() {
        for (size, kept) in [(65_536, 65_536), (65_537, 0)] {
            let mut lines = Lines::new(1 << 20);
            all(&mut lines, &vec![b' '; size]);
            assert_eq!(lines.held(), size);
            all(&mut lines, b"\n");
            all(&mut lines, b"");
            assert_eq!(lines.held(), kept);
        }
    }

    #[test]
    fn the_memory_of_a_line_in_pieces_stays_below_twice_what_came() {
        let mut lines = Lines::new(1 << 20);
        for pieces in 1..=100 {
            all(&mut lines, &[b'x'; 10]);
            assert!(lines.held() < 2 * 10 * pieces, "{} after {pieces}", lines.held());
        }
    }

    #[test]
    fn a_hundred_megabytes_in_one_line_cost_no_memory() {
        let mut lines = Lines::new(10_000);
        let chunk = vec![b'x'; 1 << 20];
        for _ in 0..100 {
            assert!(all(&mut lines, &chunk).is_empty());
            assert!(lines.held() <= 10_000);
        }
        assert_eq!(all(&mut lines, b"\n"), [format!("oversized {}", 100 << 20)]);
    }

    #[test]
    fn blank_lines_are_skipped_in_one_piece_or_several() {
        let mut lines = Lines::new(10);
        assert!(all(&mut lines, b"\n \t\r\n\n ").is_empty());
        assert!(all(&mut lines, b"\r").is_empty());
        assert_eq!(all(&mut lines, b"\na\n"), ["a"]);
        // What is too large is not looked at closely.
        assert_eq!(all(&mut lines, b"           \n"), ["oversized 11"]);
    }

    #[test]
    fn white_space_around_the_last_message_does_not_leave_it_unfinished() {
        let mut lines = Lines::new(100);
        for space in ["", " ", "\r", "\t\x0c\r "] {
            assert!(all(&mut lines, format!("{space}{{\"a\":1}}{space}").as_bytes()).is_empty());
            assert!(matches!(lines.end(), Some(Incoming::Message(_))), "{space:?}");
        }
    }

    #[test]
    fn however_lines_are_split_never_more_than_the_limit_is_held() {
        // Lines of all lengths up to 60, short and long ones in turn.
        let stream: Vec<u8> =
            (0..=60).flat_map(|n| [vec![b'x'; n], vec![b'y'; 60 - n]]).collect::<Vec<_>>().join(&b'\n');
        for limit in 0..=61 {
            for size in 1..=70 {
                let mut lines = Lines::new(limit);
                for piece in stream.chunks(size) {
                    all(&mut lines, piece);
                    assert!(lines.held() <= limit, "{} of {limit} in pieces of {size}", lines.held());
                }
                lines.end();
                assert!(lines.end().is_none());
                assert!(lines.held() <= limit);
            }
        }
    }

    #[test]
    fn an_unfinished_line_is_reported_once_and_blanks_are_not() {
        let mut lines = Lines::new(10);
        all(&mut lines, b"{\"a\"");
        assert_eq!(end(&mut lines), Some(4));
        assert_eq!(end(&mut lines), None);
        all(&mut lines, b" \r");
        assert_eq!(end(&mut lines), None);
        all(&mut lines, &[b'x'; 50]);
        assert_eq!(end(&mut lines), Some(50));
    }
}
