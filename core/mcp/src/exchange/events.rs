//! What comes out for the caller, and the bounded queue it waits in.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::era::error::HandshakeError;
use crate::error::{CallError, ProtocolError};
use crate::exchange::asks::ServerRequestId;
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::raw::Raw;
use crate::options::Options;
use crate::seldom::{Empty, Seldom};
use crate::server::Server;
use crate::subscriptions::{SubscriptionEnd, Subscriptions};
use crate::types::Progress;

/// What happened. In the order in which it happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The connection is open; requests may be made. Comes at most once. Says who the server is.
    Ready(Arc<Server>),
    /// The opening failed; the connection is closed. Comes at most once, and never with [`Event::Ready`].
    HandshakeFailed(HandshakeError),
    /// A request ended. Comes exactly once for each accepted [`request`](crate::Connection::request), however
    /// it ended.
    Response {
        /// The request.
        id: RequestId,
        /// Its result byte for byte as received, or why there is none.
        result: Result<Raw, CallError>,
    },
    /// A request goes on that was made with [`RequestOptions::progress`](crate::RequestOptions::progress). Never
    /// comes behind its response.
    Progress {
        /// The request.
        id: RequestId,
        /// How far it is.
        progress: Progress,
    },
    /// The server sent a notification. [`Notification::read`](crate::types::Notification::read) says what it
    /// tells.
    Notification {
        /// The method, such as `notifications/tools/list_changed`.
        method: String,
        /// Its params byte for byte as received.
        params: Option<Box<RawValue>>,
    },
    /// The server asks for something that is [offered](crate::Options::offer), and waits for the
    /// [`answer`](crate::Connection::answer). Ends with that, or with [`Event::RequestCancelled`].
    Request {
        /// The request.
        id: ServerRequestId,
        /// The method, such as `sampling/createMessage`.
        method: String,
        /// Its params byte for byte as received.
        params: Option<Box<RawValue>>,
        /// The call it is for, if that can be known: if it is the only one in flight, or the server wants it as
        /// input for this one (MCP 2026-07-28, basic/patterns/mrtr). That call's clock stands
        /// still until the request ends, ten minutes in all at most.
        call: Option<RequestId>,
    },
    /// Nobody waits for the answer to a request of the server any more: the server has cancelled it (MCP
    /// 2025-11-25, basic/utilities/cancellation), or the call that it is for, or the connection, has ended. Comes
    /// behind its [`Event::Request`], and never if it was answered.
    RequestCancelled {
        /// The request.
        id: ServerRequestId,
        /// Why the server has cancelled it, if it said; shortened when it is long.
        reason: Option<String>,
    },
    /// What the server tells of from now on, of what [`subscribe`](crate::Connection::subscribe) wished; what came
    /// before is to be asked for anew.
    Subscribed {
        /// What it tells of.
        granted: Subscriptions,
        /// What was wished and is not told.
        refused: Subscriptions,
    },
    /// The server tells no more of what was wished.
    SubscriptionEnded {
        /// Why.
        why: SubscriptionEnd,
        /// The connection will ask for it again by itself. If not, nothing is subscribed to any more.
        again: bool,
    },
    /// The stream that the server tells on had a gap: what it told meanwhile may be missing, and is to be asked for
    /// anew.
    Gap,
    /// The server answered a request as only one of the other era does: it speaks another one than it did. Comes at
    /// most once, before that answer. The connection goes on, though hardly anything can come of it: the next one
    /// should find out the era anew.
    OtherEra,
    /// The server does not take the level of [`set_log_level`](crate::Connection::set_log_level).
    LogLevelRefused(CallError),
    /// Something had to be dropped because a bounded queue was full.
    Dropped(Dropped),
    /// The server broke the protocol in a way that concerns no single request. The connection goes on.
    ProtocolError(ProtocolError),
}

/// What was dropped since the last report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// Notifications of the server, progress included.
    pub notifications: u64,
    /// Protocol errors.
    pub errors: u64,
    /// Answers to requests of the server, which it therefore never gets.
    pub replies: u64,
    /// Notices that a request was cancelled or timed out.
    pub cancel_notices: u64,
}

impl Dropped {
    /// Everything together.
    pub fn total(&self) -> u64 {
        [self.errors, self.replies, self.cancel_notices]
            .into_iter()
            .fold(self.notifications, u64::saturating_add)
    }

    pub(crate) fn add(&mut self, other: Self) {
        let Self { notifications, errors, replies, cancel_notices } = other;
        self.notifications = self.notifications.saturating_add(notifications);
        self.errors = self.errors.saturating_add(errors);
        self.replies = self.replies.saturating_add(replies);
        self.cancel_notices = self.cancel_notices.saturating_add(cancel_notices);
    }
}

/// Responses are bounded by the requests in flight; notifications and protocol errors, which the server sends
/// as it likes, by count and by bytes.
#[derive(Debug)]
pub(crate) struct EventQueue {
    /// The first one: few have more than one at a time.
    next: Option<Event>,
    /// Those behind it.
    more: Seldom<VecDeque<Event>>,
    responses: usize,
    unsolicited: usize,
    unsolicited_bytes: usize,
    max_unsolicited: usize,
    max_unsolicited_bytes: usize,
    /// Not yet reported. A placeholder for the report is in the queue while this is not zero.
    dropped: Seldom<Dropped>,
}

impl Empty for Dropped {
    const EMPTY: &'static Self = &Self { notifications: 0, errors: 0, replies: 0, cancel_notices: 0 };
}

impl EventQueue {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            next: None,
            more: Seldom::new(),
            responses: 0,
            unsolicited: 0,
            unsolicited_bytes: 0,
            max_unsolicited: options.about.limits.max_events,
            max_unsolicited_bytes: options.about.limits.max_message,
            dropped: Seldom::new(),
        }
    }

    pub(crate) fn ready(&mut self, server: Arc<Server>) {
        self.push(Event::Ready(server));
    }

    pub(crate) fn handshake_failed(&mut self, error: HandshakeError) {
        self.push(Event::HandshakeFailed(error));
    }

    pub(crate) fn response(&mut self, id: RequestId, result: Result<Raw, CallError>) {
        self.responses = self.responses.saturating_add(1);
        self.push(Event::Response { id, result });
    }

    pub(crate) fn notification(&mut self, method: String, params: Option<&RawValue>) {
        let bytes = size(&method, params);
        if self.has_room(bytes) {
            let params = params.map(ToOwned::to_owned);
            self.unsolicited_bytes = self.unsolicited_bytes.saturating_add(bytes);
            self.unsolicited(Event::Notification { method, params });
        } else {
            self.dropped(Dropped { notifications: 1, ..Dropped::default() });
        }
    }

    pub(crate) fn progress(&mut self, id: RequestId, progress: Progress) {
        let bytes = progress.raw.get().len();
        if self.has_room(bytes) {
            self.unsolicited_bytes = self.unsolicited_bytes.saturating_add(bytes);
            self.unsolicited(Event::Progress { id, progress });
        } else {
            self.dropped(Dropped { notifications: 1, ..Dropped::default() });
        }
    }

    /// Returns whether so many requests of the server may wait to be polled, of so many bytes together.
    pub(crate) fn has_room_for_all(&self, requests: usize, bytes: usize) -> bool {
        self.unsolicited.saturating_add(requests) <= self.max_unsolicited
            && self.unsolicited_bytes.saturating_add(bytes) <= self.max_unsolicited_bytes
    }

    /// Returns whether a request of the server may wait to be polled.
    pub(crate) fn has_room_for(&self, method: &str, params: Option<&RawValue>) -> bool {
        self.has_room(size(method, params))
    }

    /// A request of the server for which there is room.
    pub(crate) fn request(
        &mut self,
        id: ServerRequestId,
        method: String,
        params: Option<&RawValue>,
        call: Option<RequestId>,
    ) {
        self.unsolicited_bytes = self.unsolicited_bytes.saturating_add(size(&method, params));
        let params = params.map(ToOwned::to_owned);
        self.unsolicited(Event::Request { id, method, params, call });
    }

    /// Not counted: there are no more of these than there are requests.
    pub(crate) fn request_cancelled(&mut self, id: ServerRequestId, reason: Option<String>) {
        self.push(Event::RequestCancelled { id, reason });
    }

    /// Not counted, as the next two: there are no more of these than the caller has wishes and deadlines.
    pub(crate) fn subscribed(&mut self, granted: Subscriptions, refused: Subscriptions) {
        self.push(Event::Subscribed { granted, refused });
    }

    pub(crate) fn subscription_ended(&mut self, why: SubscriptionEnd, again: bool) {
        self.push(Event::SubscriptionEnded { why, again });
    }

    pub(crate) fn gap(&mut self) {
        if !self.next.iter().chain(&*self.more).any(|event| matches!(event, Event::Gap)) {
            self.push(Event::Gap);
        }
    }

    pub(crate) fn other_era(&mut self) {
        self.push(Event::OtherEra);
    }

    pub(crate) fn log_level_refused(&mut self, error: CallError) {
        self.push(Event::LogLevelRefused(error));
    }

    pub(crate) fn protocol_error(&mut self, error: ProtocolError) {
        // Small, whatever the line was: bounded by their number alone.
        if self.has_room(0) {
            self.unsolicited(Event::ProtocolError(error));
        } else {
            self.dropped(Dropped { errors: 1, ..Dropped::default() });
        }
    }

    pub(crate) fn dropped(&mut self, dropped: Dropped) {
        if dropped.total() == 0 {
            return;
        }
        if self.dropped.total() == 0 {
            self.push(Event::Dropped(Dropped::default()));
        }
        self.dropped.make().add(dropped);
    }

    pub(crate) fn poll(&mut self) -> Option<Event> {
        let mut event = self.next.take().or_else(|| self.more.there()?.pop_front())?;
        match &mut event {
            Event::Dropped(report) => *report = std::mem::take(self.dropped.make()),
            Event::Response { .. } => self.responses = self.responses.saturating_sub(1),
            Event::Notification { method, params } | Event::Request { method, params, .. } => {
                self.unsolicited = self.unsolicited.saturating_sub(1);
                let bytes = size(method, params.as_deref());
                self.unsolicited_bytes = self.unsolicited_bytes.saturating_sub(bytes);
            }
            Event::Progress { progress, .. } => {
                self.unsolicited = self.unsolicited.saturating_sub(1);
                let bytes = progress.raw.get().len();
                self.unsolicited_bytes = self.unsolicited_bytes.saturating_sub(bytes);
            }
            Event::ProtocolError(_) => self.unsolicited = self.unsolicited.saturating_sub(1),
            Event::Ready(_)
            | Event::HandshakeFailed(_)
            | Event::RequestCancelled { .. }
            | Event::Subscribed { .. }
            | Event::SubscriptionEnded { .. }
            | Event::Gap
            | Event::OtherEra
            | Event::LogLevelRefused(_) => {}
        }
        Some(event)
    }

    /// Responses that wait to be polled.
    pub(crate) fn responses(&self) -> usize {
        self.responses
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.unsolicited < self.max_unsolicited
            && self.unsolicited_bytes.saturating_add(bytes) <= self.max_unsolicited_bytes
    }

    fn push(&mut self, event: Event) {
        if self.next.is_none() && self.more.is_empty() {
            self.next = Some(event);
        } else {
            self.more.make().push_back(event);
        }
    }

    fn unsolicited(&mut self, event: Event) {
        self.unsolicited = self.unsolicited.saturating_add(1);
        self.push(event);
    }
}

/// Bytes of a notification.
pub(crate) fn size(method: &str, params: Option<&RawValue>) -> usize {
    method.len().saturating_add(params.map_or(0, |params| params.get().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(max_events: usize, max_message: usize) -> EventQueue {
        let options = Options::default().max_events(max_events).max_message(max_message);
        EventQueue::new(&options)
    }

    fn names(queue: &mut EventQueue) -> Vec<String> {
        std::iter::from_fn(|| queue.poll())
            .map(|event| match event {
                Event::Notification { method, .. } => method,
                Event::Dropped(dropped) => format!("dropped {}", dropped.total()),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn the_report_stands_where_the_first_dropped_one_would_have_stood() {
        let mut queue = queue(2, 1000);
        for name in ["a", "b", "c", "d"] {
            queue.notification(name.to_owned(), None);
        }
        assert_eq!(names(&mut queue), ["a", "b", "dropped 2"]);
        queue.notification("e".to_owned(), None);
        assert_eq!(names(&mut queue), ["e"]);
    }

    #[test]
    fn notifications_are_bounded_in_bytes_too() {
        let mut queue = queue(100, 10);
        queue.notification("12345678".to_owned(), None);
        queue.notification("123".to_owned(), None);
        queue.notification("12".to_owned(), None);
        assert_eq!(queue.unsolicited_bytes, 10);
        assert_eq!(names(&mut queue), ["12345678", "dropped 1", "12"]);
        assert_eq!(queue.unsolicited_bytes, 0);
    }

    #[test]
    fn reports_never_pile_up() {
        let mut queue = queue(0, 10);
        for _ in 0..1000 {
            queue.notification("x".to_owned(), None);
            queue.protocol_error(ProtocolError::Batch);
        }
        assert_eq!(names(&mut queue), ["dropped 2000"]);
    }
}
