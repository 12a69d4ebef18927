//! What is known of the credentials that requests go out with.

use std::collections::BTreeMap;

/// What is known of the credentials.
#[derive(Debug, Default)]
pub(super) struct Authorization {
    /// The latest version that went out.
    pub(super) latest: Option<u64>,
    /// The question that is out.
    pub(super) asking: Option<Asking>,
    /// How often more scope was asked for.
    pub(super) scopes: BTreeMap<String, u32>,
}

/// A question for others than these.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) refused: Option<u64>,
}

impl Authorization {
    pub(super) fn saw(&mut self, version: u64) {
        self.latest = self.latest.max(Some(version));
    }
}
