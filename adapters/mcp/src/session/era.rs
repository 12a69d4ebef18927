//! What is remembered of a server from one generation to the next.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tenure_driver::Failure;
use tenure_mcp_proto::Era;

/// The era that the server speaks, known from a generation that became ready.
#[derive(Default)]
pub(crate) struct LearnedEra(Mutex<Option<Era>>);

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

    /// A generation is over, or takes nothing more, for this reason: a server that speaks another era than it did is
    /// asked anew.
    pub(crate) fn doubt(&self, failure: &Failure) {
        if speaks_other_era(failure) {
            self.learn(None);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Era>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The session ended since the server speaks another era than it did when it was opened.
#[cfg(feature = "http")]
fn speaks_other_era(failure: &Failure) -> bool {
    use tenure_mcp_proto::http::{HttpError, HttpErrorKind};

    failure.downcast_ref().is_some_and(|error: &HttpError| error.kind == HttpErrorKind::OtherEra)
}

#[cfg(not(feature = "http"))]
const fn speaks_other_era(_: &Failure) -> bool {
    false
}
