//! Settings that leave nothing of what they bound.

use std::fmt;

/// A setting of [`Options`](crate::Options) that leaves nothing of what it bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contradiction {
    /// [`Options::max_message`](crate::Options::max_message) is zero: no message is small enough, not even the first.
    NoMessage,
    /// [`Options::max_in_flight`](crate::Options::max_in_flight) is zero: each request is one too many.
    NothingInFlight,
    /// [`Options::max_replies`](crate::Options::max_replies) is zero: no question of the server's is answered, its
    /// pings included.
    NoReplies,
    /// [`Options::max_events`](crate::Options::max_events) is zero: all notifications are dropped.
    NoEvents,
    /// [`Options::handshake_timeout`](crate::Options::handshake_timeout) is zero: no handshake can be completed.
    NoTimeForTheHandshake,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoMessage => "max_message is zero: no message is small enough",
            Self::NothingInFlight => "max_in_flight is zero: no request can be made",
            Self::NoReplies => "max_replies is zero: the server's pings are never answered",
            Self::NoEvents => "max_events is zero: all notifications are dropped",
            Self::NoTimeForTheHandshake => {
                "handshake_timeout is zero: no handshake can be completed; None sets no limit"
            }
        })
    }
}
