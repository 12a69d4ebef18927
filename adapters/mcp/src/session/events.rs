//! What a server says without being asked.

use std::sync::Arc;

use serde_json::value::RawValue;
use tenure::Generation;
use tenure_mcp_proto::{Dropped, Event, ProtocolError, Server};

/// Who is told of them; the driver's task calls it.
pub(crate) type OnEvent = Arc<dyn Fn(Generation, &ServerEvent) + Send + Sync>;

/// What a server says without being asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ServerEvent {
    /// The handshake is complete.
    Connected(Arc<Server>),
    /// A notification.
    Notification {
        /// Its method, such as `notifications/tools/list_changed`.
        method: String,
        /// Its params byte for byte.
        params: Option<Box<RawValue>>,
    },
    /// It broke the protocol in a way that concerns no single call; the session lives on.
    ProtocolError(ProtocolError),
    /// So much came that some of it had to be dropped.
    Dropped(Dropped),
}

impl ServerEvent {
    /// The protocol's event, if it is one that a user is told of while the session is live. Answers go to
    /// their callers, and there is one handshake.
    pub(crate) fn of(event: Event) -> Option<Self> {
        match event {
            Event::Notification { method, params } => Some(Self::Notification { method, params }),
            Event::ProtocolError(error) => Some(Self::ProtocolError(error)),
            Event::Dropped(dropped) => Some(Self::Dropped(dropped)),
            _ => None,
        }
    }
}
