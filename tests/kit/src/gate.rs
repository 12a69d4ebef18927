//! Something that a test opens when it is time.

use std::sync::Arc;

use crate::board::Board;

/// A gate: shut until a test opens it, and open from then on. Copies are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Board<bool>>);

impl Gate {
    /// A gate that is shut.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets everybody through, now and later.
    pub fn open(&self) {
        self.0.update(|open| *open = true);
    }

    /// Returns whether it was opened.
    pub fn is_open(&self) -> bool {
        self.0.look(|open| *open)
    }

    /// Completes when the gate is open.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: it only looks, and whoever waits anew sees the same.
    pub async fn passed(&self) {
        self.0.until(|open| open.then_some(())).await;
    }
}
