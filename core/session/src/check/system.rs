//! What the checker can follow.

use crate::{Input, Output, Script, Status, Time, Wake};

/// What can be seen of a design between two inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct View {
    /// Its state.
    pub status: Status,
    /// How many callers wait.
    pub waiting: usize,
    /// How many discarded runners have not confirmed their end.
    pub orphans: usize,
    /// Failed attempts in a row.
    pub failed: u32,
    /// When it wants to be told the time.
    pub wake: Wake,
}

impl View {
    /// What is seen, in the order of the fields.
    pub const fn new(status: Status, waiting: usize, orphans: usize, failed: u32, wake: Wake) -> Self {
        Self { status, waiting, orphans, failed, wake }
    }
}

/// A design that the checker can follow.
pub trait SystemUnderTest: Clone {
    /// Returns whether the machine, without what its callers hold, equals what it was at `before`.
    fn is_unchanged(&self, before: &Self) -> bool;

    /// Feeds one input and carries out nothing: what it wants done is in the output, in order.
    fn apply(&mut self, now: Time, input: Input) -> Output;

    /// What can be seen of it now.
    fn view(&self) -> View;
}

impl SystemUnderTest for Script {
    fn is_unchanged(&self, before: &Self) -> bool {
        self.session() == before.session()
    }

    fn apply(&mut self, now: Time, input: Input) -> Output {
        Self::apply(self, now, input)
    }

    fn view(&self) -> View {
        let session = self.session();
        View {
            status: session.status(),
            waiting: session.waiting(),
            orphans: session.orphans().len(),
            failed: session.failed(),
            wake: session.poll_timeout(),
        }
    }
}
