//! The data of an event, as much of it as may be held.

use crate::exchange::inbound::Oversized;

/// The data of an event.
#[derive(Debug)]
pub(crate) enum SseData {
    /// There is none, or it is empty: nothing is said.
    None,
    /// Its lines, joined by newlines; what is no UTF-8 is replaced.
    Text(String),
    /// More than may be held.
    Oversized(Oversized),
}

/// The lines of data that came so far.
#[derive(Debug)]
pub(super) struct Data {
    max: usize,
    kept: Vec<u8>,
    oversized: Option<Oversized>,
    has_line: bool,
}

impl Data {
    pub(super) fn new(max: usize) -> Self {
        Self { max, kept: Vec::new(), oversized: None, has_line: false }
    }

    pub(super) fn begin_line(&mut self) {
        if std::mem::replace(&mut self.has_line, true) {
            self.push(b"\n");
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        if let Some(oversized) = &mut self.oversized {
            oversized.feed(bytes);
            return;
        }
        let total = self.kept.len().saturating_add(bytes.len());
        if total > self.max {
            let mut oversized = Oversized::new(self.max);
            oversized.feed(&std::mem::take(&mut self.kept));
            oversized.feed(bytes);
            self.oversized = Some(oversized);
            return;
        }
        if total > self.kept.capacity() {
            // Doubling, but never past the limit.
            let wanted = self.kept.capacity().saturating_mul(2).min(self.max);
            self.kept.reserve_exact(wanted.max(total).saturating_sub(self.kept.len()));
        }
        self.kept.extend_from_slice(bytes);
    }

    /// All of it; the next line is the first one of another event.
    pub(super) fn take(&mut self) -> SseData {
        self.has_line = false;
        let kept = std::mem::take(&mut self.kept);
        if let Some(oversized) = self.oversized.take() {
            return SseData::Oversized(oversized);
        }
        if kept.is_empty() {
            return SseData::None;
        }
        SseData::Text(text(kept))
    }

    /// Bytes of memory held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.kept.capacity()
    }
}

/// The bytes as text: copied only if something must be replaced.
pub(super) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
