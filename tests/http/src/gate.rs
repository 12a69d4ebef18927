//! What holds pieces of replies back.

use std::fmt;
use std::sync::Arc;

/// What follows it in a reply waits until the test opens it.
#[derive(Clone)]
pub struct Gate {
    number: u64,
    open: Arc<dyn Fn(u64) + Send + Sync>,
}

impl Gate {
    pub(crate) fn new(number: u64, open: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self { number, open: Arc::new(open) }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Opens it for good.
    pub fn open(&self) {
        (self.open)(self.number);
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gate").field(&self.number).finish()
    }
}
