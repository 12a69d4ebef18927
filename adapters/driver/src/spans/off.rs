//! Without the feature `tracing`: nothing of it is there.

use tenure::Generation;

use crate::error::Failure;
use crate::trace::TraceEvent;

/// The runner's future is itself.
pub(crate) type Spanned<F> = F;

#[derive(Clone, Debug)]
pub(crate) struct Span;

#[derive(Debug)]
pub(crate) struct Spans;

impl Spans {
    pub(crate) const ARE_ON: bool = false;

    #[allow(clippy::unused_self, reason = "as the other one")]
    pub(crate) const fn of(&self, _: Generation) -> Span {
        Span
    }

    #[allow(clippy::unused_self, reason = "as the other one")]
    pub(crate) const fn write(&self, _: &TraceEvent, _: Option<&Failure>) {}
}

pub(crate) fn start_in<F>(_: &Span, start: impl FnOnce() -> F) -> Spanned<F> {
    start()
}
