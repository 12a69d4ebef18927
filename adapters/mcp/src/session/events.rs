//! What happens to a session without being asked for.

use std::sync::Arc;

use serde_json::value::RawValue;
use tenure::{Cause, Generation};
use tenure_driver::Failure;
use tenure_mcp_proto::types::Notification;
use tenure_mcp_proto::{
    CallError, Dropped, Event, ProtocolError, RequestError, Server, SubscriptionEnd, Subscriptions,
};

use crate::contradiction::Contradiction;
use crate::handlers::unhandled::Unhandled;

/// Who is told of them; the driver's task calls it.
pub(crate) type OnEvent = Arc<dyn Fn(Generation, &ServerEvent) + Send + Sync>;

/// What happens to a session without being asked for: what the server says, and what becomes of its connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ServerEvent {
    /// The handshake is complete.
    Connected {
        /// What the server said of itself.
        server: Arc<Server>,
        /// The process id of the server, if it is a process.
        pid: Option<u32>,
    },
    /// This generation is over, also if nobody held a lease of it, or it never was connected.
    Disconnected {
        /// Why it was on its way out.
        cause: Cause,
        /// How it went wrong, with the last words of the server's standard error if they are known
        /// ([`Failure::note`]); `None` if it ended in order.
        failure: Option<Failure>,
    },
    /// A notification. [`Notification::read`](tenure_mcp_proto::types::Notification::read) says what it tells.
    Notification {
        /// Its method, such as `notifications/tools/list_changed`.
        method: String,
        /// Its params byte for byte.
        params: Option<Box<RawValue>>,
    },
    /// It asked for something that is [offered](crate::Handlers::offers), and got an error that no handler chose. What
    /// is not offered, or too much at once, the protocol refuses without a word here.
    Unhandled {
        /// What it asked for, such as `roots/list`.
        method: String,
        /// Why no handler answered.
        why: Unhandled,
    },
    /// What the server tells of from now on, of what was [wished](crate::Client::subscribe); what came before is to be
    /// asked for anew.
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
        /// It is asked for it again by itself. If not, the next generation is.
        again: bool,
    },
    /// The stream on which the server tells had a gap: what it told meanwhile may be missing, and is to be asked for
    /// anew.
    Gap,
    /// The server does not take the level of [`set_log_level`](crate::Client::set_log_level).
    LogLevelRefused(CallError),
    /// The server can't be asked for what is wished: it doesn't offer log messages, or the request is too large.
    WishNotSent(RequestError),
    /// It broke the protocol in a way that concerns no single call; the session lives on.
    ProtocolError(ProtocolError),
    /// So much came that some of it had to be dropped.
    Dropped(Dropped),
    /// The session was made with settings that contradict each other; told when the driver is first polled, once for
    /// each, as of the first generation.
    Contradiction(Contradiction),
}

impl ServerEvent {
    /// What the server tells, if it is a notification.
    ///
    /// ```
    /// use tenure_mcp::ServerEvent;
    /// use tenure_mcp::proto::types::Notification;
    ///
    /// fn has_other_tools(event: &ServerEvent) -> bool {
    ///     matches!(event.notification(), Some(Notification::ToolsChanged))
    /// }
    /// # let _ = has_other_tools;
    /// ```
    pub fn notification(&self) -> Option<Notification> {
        match self {
            Self::Notification { method, params } => Some(Notification::read(method, params.as_deref())),
            _ => None,
        }
    }

    /// The protocol's event, if it is one that a user is told of while the session is live. Answers go to
    /// their callers, and there is one handshake.
    pub(crate) fn of(event: Event) -> Option<Self> {
        match event {
            Event::Notification { method, params } => Some(Self::Notification { method, params }),
            Event::ProtocolError(error) => Some(Self::ProtocolError(error)),
            Event::Subscribed { granted, refused } => Some(Self::Subscribed { granted, refused }),
            Event::SubscriptionEnded { why, again } => Some(Self::SubscriptionEnded { why, again }),
            Event::Gap => Some(Self::Gap),
            Event::LogLevelRefused(error) => Some(Self::LogLevelRefused(error)),
            Event::Dropped(dropped) => Some(Self::Dropped(dropped)),
            _ => None,
        }
    }
}
