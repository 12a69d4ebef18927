//! After shutdown; final.

use super::declare::state;
use crate::Generation;

state! {
    /// Shut down for good. There is no way out of it.
    pub struct Closed as "Closed", ClosedData {
        generation: Option<Generation>,
    }
}

impl Closed {
    /// What stands in the place of a state while its successor is made: it grants nothing.
    #[cfg(feature = "alloc")]
    pub(in crate::state) const PLACEHOLDER: Self = Self { generation: None };

    /// The last generation there was; `None` if there was none.
    pub const fn generation(&self) -> Option<Generation> {
        self.generation
    }
}
