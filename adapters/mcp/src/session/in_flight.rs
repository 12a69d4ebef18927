//! One call in flight.

use tenure_driver::sync::{Arc, AtomicBool, Ordering};
use tenure_driver::wake::Slot;
use tenure_mcp_proto::types::{Progress, Raw};
use tenure_mcp_proto::{CallError, Cancel};

use super::news::News;

/// What a server answered, or why it counts as none.
pub(crate) type Answer = Result<Raw, CallError>;

/// One call in flight, as its caller sees it.
pub(crate) struct Call {
    pub(crate) answer: Slot<Answer>,
    /// The server did not get it, and never will.
    pub(crate) unsent: AtomicBool,
    /// How far the server is, if the caller wants to know.
    pub(crate) news: Option<News>,
}

/// What concerns one call.
pub(crate) enum Arrived {
    Answer(Answer),
    Progress(Progress),
}

impl Call {
    pub(crate) fn new(is_watched: bool) -> Arc<Self> {
        let news = is_watched.then(News::default);
        Arc::new(Self { answer: Slot::new(), unsent: AtomicBool::new(false), news })
    }

    /// To be called without any lock.
    pub(crate) fn take(&self, arrived: Arrived) {
        match (arrived, &self.news) {
            (Arrived::Answer(answer), _) => self.answer.put(answer),
            (Arrived::Progress(progress), Some(news)) => news.tell(progress),
            (Arrived::Progress(_), None) => {}
        }
    }

    pub(crate) fn note(&self, cancel: Cancel) {
        if cancel == Cancel::Unsent {
            self.unsent.store(true, Ordering::SeqCst);
        }
    }
}
