//! After shutdown; final.

use crate::Generation;

/// Shut down for good. There is no way out of it.
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Closed {
    pub(in crate::state) generation: Option<Generation>,
}

impl Closed {
    /// The last generation there was; `None` if there was none.
    pub const fn generation(&self) -> Option<Generation> {
        self.generation
    }
}
