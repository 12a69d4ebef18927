//! What is remembered of a server from one generation to the next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tenure_mcp_proto::Era;

/// The era that the server speaks, known from a generation that became ready.
#[derive(Clone, Default)]
pub(crate) struct LearnedEra(Arc<Mutex<Option<Era>>>);

impl LearnedEra {
    /// Takes what is known: a generation that doesn't become ready with it has shown that it may be known no more,
    /// since the server was replaced perhaps.
    pub(crate) fn take(&self) -> Option<Era> {
        self.lock().take()
    }

    /// A generation became ready; `None` if that says nothing of the next one.
    pub(crate) fn learn(&self, era: Option<Era>) {
        *self.lock() = era;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Era>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
