//! Who is told what happens in one generation.

use tenure::Generation;

use crate::session::events::{OnEvent, ServerEvent};
use crate::spans::Span;

/// The user's listener, and the generation's span.
pub(crate) struct Listener {
    pub(crate) generation: Generation,
    pub(crate) span: Span,
    pub(crate) on_event: Option<OnEvent>,
}

impl Listener {
    pub(crate) fn tell(&self, event: &ServerEvent) {
        self.span.tell(event);
        if let Some(on_event) = &self.on_event {
            on_event(self.generation, event);
        }
    }
}
