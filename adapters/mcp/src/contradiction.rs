//! Options that contradict each other.

use std::fmt;
use std::time::Duration;

use tenure::Config;
use tenure_mcp_proto::Options as Protocol;

use crate::client::limits::Limits;

/// A setting of [`Options`](crate::Options) that another one, or its own zero, leaves without a meaning. See
/// [`Options::contradictions`](crate::Options::contradictions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contradiction {
    /// One of the session's settings.
    Session(tenure::Contradiction),
    /// One of the protocol's.
    Protocol(tenure_mcp_proto::Contradiction),
    /// [`Options::call_timeout`](crate::Options::call_timeout) is zero: each call has timed out when it is made.
    NoTimeToAnswer,
    /// [`Options::call_idle_timeout`](crate::Options::call_idle_timeout) is zero: each call has timed out when it is
    /// made.
    NoTimeForProgress,
    /// [`Options::call_idle_timeout`](crate::Options::call_idle_timeout) is no shorter than the whole call may take: it
    /// ends nothing.
    IdlePastCall {
        /// [`call_idle_timeout`](crate::Options::call_idle_timeout).
        idle: Duration,
        /// [`call_timeout`](crate::Options::call_timeout).
        call: Duration,
    },
    /// The handshake may take longer than the whole connect, which ends first.
    HandshakePastConnect {
        /// [`handshake_timeout`](Protocol::handshake_timeout).
        handshake: Duration,
        /// [`connect_timeout`](crate::Options::connect_timeout).
        connect: Duration,
    },
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(contradiction) => contradiction.fmt(f),
            Self::Protocol(contradiction) => contradiction.fmt(f),
            Self::NoTimeToAnswer => {
                f.write_str("call_timeout is zero: no call can be answered in time; None sets no limit")
            }
            Self::NoTimeForProgress => {
                f.write_str("call_idle_timeout is zero: no call can be answered in time; None sets no limit")
            }
            Self::IdlePastCall { idle, call } => {
                write!(
                    f,
                    "call_idle_timeout ({idle:?}) is no shorter than call_timeout ({call:?}), which ends the call"
                )
            }
            Self::HandshakePastConnect { handshake, connect } => write!(
                f,
                "handshake_timeout ({handshake:?}) is longer than connect_timeout ({connect:?}), which ends it"
            ),
        }
    }
}

pub(crate) fn contradictions(session: &Config, protocol: &Protocol, limits: Limits) -> Vec<Contradiction> {
    let connect = session.connect_timeout;
    let handshake = protocol.handshake_deadline().filter(|handshake| *handshake > connect);
    let mut found: Vec<_> = session.contradictions().map(Contradiction::Session).collect();
    found.extend(protocol.contradictions().into_iter().map(Contradiction::Protocol));
    let (timeout, idle_timeout) = (limits.timeout(), limits.idle_timeout());
    found.extend((timeout == Some(Duration::ZERO)).then_some(Contradiction::NoTimeToAnswer));
    found.extend((idle_timeout == Some(Duration::ZERO)).then_some(Contradiction::NoTimeForProgress));
    if let (Some(idle), Some(call)) = (idle_timeout, timeout)
        && idle >= call
        && !call.is_zero()
    {
        found.push(Contradiction::IdlePastCall { idle, call });
    }
    found.extend(handshake.map(|handshake| Contradiction::HandshakePastConnect { handshake, connect }));
    found
}
