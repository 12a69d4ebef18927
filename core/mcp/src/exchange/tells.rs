//! What the server tells, as far as it concerns a request.

use serde_json::value::RawValue;

use crate::era::methods::CANCELLED;
use crate::error::ProtocolError;
use crate::exchange::Exchange;
use crate::exchange::in_flight::Moved;
use crate::types::{Notification, Progress};

const PROGRESS: &str = "notifications/progress";

impl Exchange {
    pub(super) fn handle_notification(&mut self, method: String, params: Option<&RawValue>) {
        if self.rules.has_listening() && self.handle_listening(&method, params) {
            return;
        }
        match method.as_str() {
            PROGRESS => {
                if let Some(progress) = params.and_then(Progress::read) {
                    return self.handle_progress(method, progress);
                }
            }
            CANCELLED => {
                if let Notification::Cancelled { request_id, reason } = Notification::read(&method, params)
                    && self.handle_ask_cancelled(&request_id, reason.as_deref())
                {
                    return;
                }
            }
            _ => {}
        }
        self.events.notification(method, params);
    }

    /// What a server tells of a subscription, or of its end. Returns whether it was that.
    fn handle_listening(&mut self, method: &str, params: Option<&RawValue>) -> bool {
        if method == CANCELLED
            && let Notification::Cancelled { request_id, .. } = Notification::read(method, params)
            && self.handle_listening_cancelled(&request_id)
        {
            return true;
        }
        self.handle_subscribed(method, params)
    }

    /// Progress goes to the request whose token it has, while that is in flight (MCP 2025-11-25,
    /// basic/utilities/progress).
    fn handle_progress(&mut self, method: String, progress: Progress) {
        match self.requests.moved(&progress.token, self.now, progress.progress) {
            Moved::Forward(id) => self.events.progress(id, progress),
            Moved::Back(id) => self.events.protocol_error(ProtocolError::ProgressNotIncreasing { id }),
            Moved::Passed => self.events.notification(method, Some(&progress.raw)),
            // It is late, or about nothing.
            Moved::Unknown => {}
        }
    }
}
