//! What a caller is told when a call has no result.

use std::fmt;

use tenure::{DeadlineKind, Generation, Refusal};
use tenure_driver::Failure;
use tenure_mcp_proto::pages::PagesError;
use tenure_mcp_proto::types::DecodeError;
use tenure_mcp_proto::{CallError, RequestError, ServerError};

/// Why a call has no result. Each says what happened to the caller.
///
/// After [`Lost`](Self::Lost), [`Closed`](Self::Closed) and [`TimedOut`](Self::TimedOut) the server may
/// or may not have done what it was asked for; no call is ever sent again by itself.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing was started and nothing was sent; the reason says what to do.
    #[error("refused: {reason}")]
    Refused {
        /// Why.
        reason: Refusal,
    },
    /// The session was closed. Call again for the next generation, unless it was for good.
    #[error("the session was {}", if *.for_good { "shut down" } else { "closed" })]
    Closed {
        /// The generation that was closed; `None` if none was needed.
        generation: Option<Generation>,
        /// Whether the session was shut down.
        for_good: bool,
    },
    /// The server could not be started, or the handshake with it failed.
    #[error("could not connect: {failure}")]
    ConnectFailed {
        /// Which attempt.
        generation: Generation,
        /// Why.
        failure: Failure,
    },
    /// The session was lost. Call again to reconnect.
    #[error("the session was lost: {failure}")]
    Lost {
        /// Which life; `None` if the runtime was gone before there was one.
        generation: Option<Generation>,
        /// Why.
        failure: Failure,
    },
    /// A deadline passed.
    #[error("the {deadline} deadline passed")]
    TimedOut {
        /// Which life; `None` if the caller waited for one.
        generation: Option<Generation>,
        /// Which deadline.
        deadline: Deadline,
    },
    /// The server answered with an error.
    #[error("{0}")]
    Server(ServerError),
    /// The answer was larger than one message may be; the session lives on.
    #[error("the answer is too large: more than {limit} bytes")]
    TooLarge {
        /// [`Options::max_message`](tenure_mcp_proto::Options::max_message), in bytes.
        limit: usize,
    },
    /// The server's answer was none that the protocol allows.
    #[error("the server broke the protocol: {what}")]
    Protocol {
        /// What was wrong.
        what: String,
    },
    /// The request can't be sent as it is, or not now. Nothing was sent.
    #[error("not sent: {0}")]
    NotSent(RequestError),
}

/// Which deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deadline {
    /// One of the session's, such as connect.
    Session(DeadlineKind),
    /// The call's own ([`Options::call_timeout`](crate::Options::call_timeout)).
    Call,
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(kind) => kind.fmt(f),
            Self::Call => f.write_str("call"),
        }
    }
}

impl From<tenure_driver::Error> for Error {
    fn from(error: tenure_driver::Error) -> Self {
        use tenure_driver::Error as Driver;
        match error {
            Driver::Refused { reason } => Self::Refused { reason },
            Driver::Closed { generation, for_good } => Self::Closed { generation, for_good },
            Driver::ConnectFailed { generation, failure } => Self::ConnectFailed { generation, failure },
            Driver::Lost { generation, failure } => Self::Lost { generation, failure },
            Driver::TimedOut { generation, deadline } => {
                Self::TimedOut { generation, deadline: Deadline::Session(deadline) }
            }
            // Whatever else the driver may learn to say ended the lease.
            other => Self::Lost { generation: other.generation(), failure: Failure::new(other) },
        }
    }
}

impl Error {
    /// Why a call in `generation` has no result, though its lease was not revoked.
    pub(crate) fn of_call(generation: Generation, error: CallError) -> Self {
        match error {
            CallError::Server { code, message, data } => Self::Server(ServerError { code, message, data }),
            CallError::TimedOut => Self::TimedOut { generation: Some(generation), deadline: Deadline::Call },
            CallError::TooLarge { limit } => Self::TooLarge { limit },
            CallError::Protocol { what } => Self::Protocol { what },
            // A lost or a cancelled call has no answer: the revocation of its lease ends it. What else the
            // protocol may learn to say is an answer of some kind.
            other => Self::Protocol { what: other.to_string() },
        }
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Protocol { what: error.to_string() }
    }
}

impl From<PagesError> for Error {
    fn from(error: PagesError) -> Self {
        Self::Protocol { what: error.to_string() }
    }
}
