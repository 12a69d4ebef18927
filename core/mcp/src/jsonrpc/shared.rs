//! A part of a text that its other parts share.

use std::ops::Range;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct Shared {
    whole: Arc<str>,
    place: Range<usize>,
}

impl Shared {
    pub(crate) fn new(whole: &str) -> Self {
        Self { whole: Arc::from(whole), place: 0..whole.len() }
    }

    /// A part, borrowed from this one.
    pub(crate) fn part(&self, part: &str) -> Self {
        let begin = part.as_ptr().addr().saturating_sub(self.whole.as_ptr().addr());
        Self { whole: Arc::clone(&self.whole), place: begin..begin.saturating_add(part.len()) }
    }

    /// `None` for what is no part of its text.
    pub(crate) fn get(&self) -> Option<&str> {
        self.whole.get(self.place.clone())
    }
}
