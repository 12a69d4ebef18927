//! Lines out of bytes, split anyhow (MCP 2025-11-25, basic/transports,
//! "stdio": messages are delimited by newlines).
//!
//! At most one line is buffered, and never more than the limit: of a longer
//! line only what [`Scanner`] remembers is kept until its newline comes.

use crate::jsonrpc::scan::{Found, Scanner};

/// A buffer that grew past this is given back after its line.
const KEEP: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct Framing {
    buffer: Vec<u8>,
    max: usize,
    skipping: Option<Skip>,
    /// The buffer's line was handed out; it goes before anything else happens.
    spent: bool,
}

#[derive(Debug)]
struct Skip {
    scanner: Scanner,
    size: u64,
}

impl Skip {
    fn feed(&mut self, bytes: &[u8]) {
        self.scanner.feed(bytes);
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }
}

/// One line, without its newline.
#[derive(Debug)]
pub(crate) enum Frame<'a> {
    Line(&'a [u8]),
    /// A line over the limit, and what could be told about it in passing.
    Oversized {
        size: u64,
        found: Found,
    },
}

impl Framing {
    pub(crate) fn new(max: usize) -> Self {
        Self { buffer: Vec::new(), max, skipping: None, spent: false }
    }

    /// The next line that `input` completes; `input` moves on behind it. `None`
    /// when all input is consumed.
    pub(crate) fn next<'f, 'i: 'f>(&'f mut self, input: &mut &'i [u8]) -> Option<Frame<'f>> {
        self.forget_spent();
        let bytes = *input;
        let Some(at) = bytes.iter().position(|&byte| byte == b'\n') else {
            self.absorb(bytes);
            *input = &[];
            return None;
        };
        let (line, rest) = bytes.split_at(at);
        *input = rest.get(1..).unwrap_or_default();
        if self.skipping.is_none() && self.buffer.is_empty() && line.len() <= self.max {
            return Some(Frame::Line(line));
        }
        self.absorb(line);
        if let Some(skip) = self.skipping.take() {
            return Some(Frame::Oversized { size: skip.size, found: skip.scanner.found() });
        }
        self.spent = true;
        Some(Frame::Line(&self.buffer))
    }

    /// How much of an unfinished line is pending, if any. Forgets it.
    pub(crate) fn finish(&mut self) -> Option<u64> {
        self.forget_spent();
        let buffer = std::mem::take(&mut self.buffer);
        if let Some(skip) = self.skipping.take() {
            return Some(skip.size);
        }
        if buffer.trim_ascii().is_empty() {
            return None;
        }
        u64::try_from(buffer.len()).ok()
    }

    /// Bytes of memory held.
    pub(crate) fn held(&self) -> usize {
        self.buffer.capacity()
    }

    fn absorb(&mut self, bytes: &[u8]) {
        if let Some(skip) = &mut self.skipping {
            skip.feed(bytes);
            return;
        }
        let total = self.buffer.len().saturating_add(bytes.len());
        if total > self.max {
            let mut skip = Skip { scanner: Scanner::default(), size: 0 };
            skip.feed(&std::mem::take(&mut self.buffer));
            skip.feed(bytes);
            self.skipping = Some(skip);
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
        self.buffer.clear();
        if self.buffer.capacity() > KEEP {
            self.buffer = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(framing: &mut Framing, mut input: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(frame) = framing.next(&mut input) {
            lines.push(match frame {
                Frame::Line(line) => String::from_utf8_lossy(line).into_owned(),
                Frame::Oversized { size, .. } => format!("oversized {size}"),
            });
        }
        lines
    }

    #[test]
    fn a_line_may_come_in_pieces_and_lines_together() {
        let mut framing = Framing::new(100);
        assert!(all(&mut framing, b"ab").is_empty());
        assert_eq!(all(&mut framing, b"c\n\nde\nf"), ["abc", "", "de"]);
        assert_eq!(all(&mut framing, b"\n"), ["f"]);
        assert_eq!(framing.finish(), None);
    }

    #[test]
    fn the_limit_is_exact_however_the_line_is_split() {
        for split in 0..=5 {
            for (line, expected) in [("1234", "1234"), ("12345", "oversized 5")] {
                let mut framing = Framing::new(4);
                let input = format!("{line}\nok\n");
                let (head, tail) = input.as_bytes().split_at(split);
                let mut lines = all(&mut framing, head);
                lines.extend(all(&mut framing, tail));
                assert_eq!(lines, [expected, "ok"], "{line} split at {split}");
            }
        }
    }

    #[test]
    fn a_giant_line_is_counted_but_not_kept() {
        let mut framing = Framing::new(1000);
        for _ in 0..1000 {
            assert!(all(&mut framing, &[b'x'; 7]).is_empty());
            assert!(framing.held() <= 1000, "{}", framing.held());
        }
        assert_eq!(all(&mut framing, b"\n"), ["oversized 7000"]);
    }

    #[test]
    fn a_large_buffer_is_given_back() {
        let mut framing = Framing::new(1 << 20);
        all(&mut framing, &vec![b'x'; 1 << 20]);
        assert_eq!(framing.held(), 1 << 20);
        all(&mut framing, b"\n");
        assert!(framing.held() <= KEEP);
    }

    #[test]
    fn an_unfinished_line_is_reported_once_and_blanks_are_not() {
        let mut framing = Framing::new(10);
        all(&mut framing, b"{\"a\"");
        assert_eq!(framing.finish(), Some(4));
        assert_eq!(framing.finish(), None);
        all(&mut framing, b" \r");
        assert_eq!(framing.finish(), None);
        all(&mut framing, &[b'x'; 50]);
        assert_eq!(framing.finish(), Some(50));
    }
}
