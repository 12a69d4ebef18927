//! How calls end without an answer: they are given up, or none can come any more.
//!
//! The package tests/concurrency compiles this file, too: see [`channel`](super::channel).

use tenure_driver::sync::Ordering;
use tenure_mcp_proto::RequestId;

use super::channel::Channel;

impl Channel {
    /// The caller of a request waits no more: the server is told, if it may know of it.
    pub(super) fn give_up(&self, id: RequestId) {
        let call = {
            let mut inner = self.lock();
            let call = inner.calls.remove(&id);
            if let Some(call) = &call {
                call.note(inner.connection.cancel(id, None));
            }
            call
        };
        if call.is_some() {
            self.runner.wake_all();
        }
    }

    /// Ends the calls in flight, and those that are made later: no answer can come any more. To be called when nobody
    /// can acquire this session any more; the answers are then [events](Self::poll_event).
    pub(crate) fn end(&self) {
        self.lock().connection.handle_end();
    }

    /// The server did not get this request, or not the whole of it, though it was handed out. One of which it had an
    /// earlier round is none that it doesn't know.
    pub(crate) fn note_unsent(&self, id: RequestId) {
        let inner = self.lock();
        if let Some(call) = inner.calls.get(&id).filter(|_| !inner.connection.was_wanted_again(id)) {
            call.unsent.store(true, Ordering::SeqCst);
        }
    }

    /// Nothing can be sent any more, this request included: ends the calls that were not sent, and those that are made
    /// later. To be called when nobody can acquire this session any more, as [`end`](Self::end).
    pub(crate) fn stop_sending(&self, unsent: Option<RequestId>) {
        self.lock().connection.handle_write_failure(unsent);
    }

    /// Gives up all calls in flight, telling the server so. Answers that came before still reach their
    /// callers.
    pub(crate) fn cancel_all(&self) {
        while self.poll_event().is_some() {}
        let calls = {
            let mut inner = self.lock();
            let calls = std::mem::take(&mut inner.calls);
            for (id, call) in &calls {
                call.note(inner.connection.cancel(*id, Some("the session is being closed")));
            }
            calls
        };
        // Out here: with them may go the last of a caller's waker.
        drop(calls);
    }
}
