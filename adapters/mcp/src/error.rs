//! What a caller is told when a call has no result.

use std::fmt;
use std::sync::Arc;

use tenure::{DeadlineKind, Generation, Refusal};
use tenure_driver::Failure;
pub use tenure_mcp_proto::Delivery;
use tenure_mcp_proto::pages::PagesError;
use tenure_mcp_proto::types::{DecodeError, ParamsError, Raw};
use tenure_mcp_proto::{CallError, InputError, RequestError, RequiredInput, ServerError};

/// Why a call has no result. Each says what happened to the caller, and [`delivery`](Self::delivery) how far the call
/// got.
///
/// A call that the server may have done is never sent again by itself, unless it does no harm twice: see
/// [`Client`](crate::Client).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// Nothing was started and nothing was sent; the reason says what to do.
    Refused {
        /// Why.
        reason: Refusal,
    },
    /// The session was closed. Call again for the next generation, unless it was for good.
    Closed {
        /// The generation that was closed; `None` if none was needed.
        generation: Option<Generation>,
        /// Whether the session was shut down.
        for_good: bool,
        /// How far the call got.
        delivery: Delivery,
    },
    /// The server could not be started, or the handshake with it failed.
    ConnectFailed {
        /// Which attempt.
        generation: Generation,
        /// Why.
        failure: Failure,
    },
    /// The session was lost. Call again to reconnect.
    Lost {
        /// Which life; `None` if the runtime was gone before there was one.
        generation: Option<Generation>,
        /// Why.
        failure: Failure,
        /// How far the call got.
        delivery: Delivery,
    },
    /// A deadline passed.
    TimedOut {
        /// Which life; `None` if the caller waited for one.
        generation: Option<Generation>,
        /// Which deadline.
        deadline: Deadline,
        /// How far the call got.
        delivery: Delivery,
        /// What the server said instead, and the last lines of its standard error, if there is something to tell.
        note: Option<Arc<str>>,
    },
    /// The exchange over HTTP that carried the call gave no answer. Whether the session lives on is another matter: a
    /// server that forgot it ([`HttpErrorKind::Expired`](crate::HttpErrorKind)) is asked on a new one by the next call.
    #[cfg(feature = "http")]
    Http {
        /// Which life.
        generation: Generation,
        /// What happened: how far the call got, the status, and when the server wants to be asked again.
        error: tenure_mcp_proto::http::HttpError,
    },
    /// The server answered with an error.
    Server(ServerError),
    /// The answer was larger than one message may be; the session lives on.
    TooLarge {
        /// [`Options::max_message`](tenure_mcp_proto::Options::max_message), in bytes.
        limit: usize,
    },
    /// The server's answer was none that the protocol allows.
    Protocol {
        /// What was wrong.
        what: String,
        /// The beginning of what came; empty if the fault isn't in a message of its own.
        excerpt: String,
    },
    /// The server answered, and its answer is not what this call expects. It may well have done what it was
    /// asked for; `raw` is all that it said of it.
    Unreadable {
        /// What is wrong with the answer.
        reason: String,
        /// The answer's result byte for byte.
        raw: Raw,
    },
    /// The server wants input first (MCP 2026-07-28, basic/patterns/mrtr), and did not get it: what it wants is not
    /// [offered](crate::Options::handlers), or a handler refused it. It may well have begun what it was asked for.
    InputRequired {
        /// Why it did not get it.
        why: InputError,
        /// What it wants: its result byte for byte.
        raw: RequiredInput,
    },
    /// The request can't be sent as it is, or not now. Nothing was sent.
    NotSent(RequestError),
    /// The params, arguments or `_meta` are no JSON object. Nothing was sent.
    InvalidParams(ParamsError),
    /// The arguments of a [checked](crate::Call::checked) call are not what its tool takes, or the tool's schemas can't
    /// be used. Nothing was sent.
    #[cfg(feature = "jsonschema")]
    InvalidArguments(crate::SchemaError),
    /// The answer to a [checked](crate::Call::checked) call is not what its tool says that it gives. The tool has done
    /// what it was asked for; `result` is all that it said of it.
    #[cfg(feature = "jsonschema")]
    UnexpectedResult {
        /// What is wrong with it.
        error: crate::SchemaError,
        /// The result as it came.
        result: Box<tenure_mcp_proto::types::CallToolResult>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { reason } => write!(f, "refused: {reason}"),
            Self::Closed { for_good: true, .. } => f.write_str("the session was shut down"),
            Self::Closed { for_good: false, .. } => f.write_str("the session was closed"),
            Self::ConnectFailed { failure, .. } => write!(f, "could not connect: {failure}"),
            Self::Lost { failure, .. } => write!(f, "the session was lost: {failure}"),
            Self::TimedOut { deadline, note, .. } => {
                write!(f, "the {deadline} deadline passed{}", Note(note.as_deref()))
            }
            #[cfg(feature = "http")]
            Self::Http { error, .. } => error.fmt(f),
            Self::Server(error) => error.fmt(f),
            Self::TooLarge { limit } => write!(f, "the answer is too large: more than {limit} bytes"),
            Self::Protocol { what, excerpt } => {
                write!(f, "the server broke the protocol: {what}{}", Excerpt(excerpt))
            }
            Self::Unreadable { reason, .. } => {
                write!(f, "the server answered in a way that can't be read: {reason}")
            }
            Self::InputRequired { why, .. } => write!(f, "the server wants input first: {why}"),
            Self::NotSent(error) => write!(f, "not sent: {error}"),
            Self::InvalidParams(error) => write!(f, "not sent: {error}"),
            #[cfg(feature = "jsonschema")]
            Self::InvalidArguments(error) => write!(f, "not sent: {error}"),
            #[cfg(feature = "jsonschema")]
            Self::UnexpectedResult { error, .. } => {
                write!(f, "the server answered otherwise than it says: {error}")
            }
        }
    }
}

/// What is wrong is said by the error itself, with the first reason for it; the source is what is behind that reason.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::ConnectFailed { failure, .. } | Self::Lost { failure, .. } => failure.error()?.source(),
            Self::Server(error) => error.source(),
            Self::NotSent(error) => error.source(),
            Self::InvalidParams(error) => error.source(),
            #[cfg(feature = "jsonschema")]
            Self::InvalidArguments(_) | Self::UnexpectedResult { .. } => None,
            #[cfg(feature = "http")]
            Self::Http { .. } => None,
            Self::Refused { .. }
            | Self::Closed { .. }
            | Self::TimedOut { .. }
            | Self::TooLarge { .. }
            | Self::Protocol { .. }
            | Self::Unreadable { .. }
            | Self::InputRequired { .. } => None,
        }
    }
}

/// How far a call got, by whether it was sent.
pub(crate) const fn delivery_of(sent: bool) -> Delivery {
    if sent { Delivery::Unknown } else { Delivery::NotSent }
}

/// `: the server wrote …`, if there is something to tell.
struct Note<'a>(Option<&'a str>);

impl fmt::Display for Note<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |note| write!(f, ": {note}"))
    }
}

/// ` in "{\"jsonrpc\": …"`, if there is something to show.
struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " in {:?}", self.0) }
    }
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

/// Nothing was asked with the lease that this tells of.
impl From<tenure_driver::Error> for Error {
    fn from(error: tenure_driver::Error) -> Self {
        Self::revoked(error, Delivery::NotSent)
    }
}

impl Error {
    /// How far the call got. Only one that is [`NotSent`](Delivery::NotSent) or [`Refused`](Delivery::Refused) can be
    /// made again without being done twice.
    pub const fn delivery(&self) -> Delivery {
        match self {
            Self::Refused { .. } | Self::ConnectFailed { .. } | Self::NotSent(_) | Self::InvalidParams(_) => {
                Delivery::NotSent
            }
            Self::Closed { delivery, .. } | Self::Lost { delivery, .. } | Self::TimedOut { delivery, .. } => {
                *delivery
            }
            #[cfg(feature = "http")]
            Self::Http { error, .. } => error.delivery,
            Self::Server(_)
            | Self::TooLarge { .. }
            | Self::Protocol { .. }
            | Self::Unreadable { .. }
            | Self::InputRequired { .. } => Delivery::Unknown,
            #[cfg(feature = "jsonschema")]
            Self::InvalidArguments(_) => Delivery::NotSent,
            #[cfg(feature = "jsonschema")]
            Self::UnexpectedResult { .. } => Delivery::Unknown,
        }
    }

    /// Returns whether the same call may go better if it is made again: on another connection, or when there is room
    /// or time. Whether it may be done twice then is another question: see [`delivery`](Self::delivery).
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Refused { reason } => !matches!(reason, Refusal::Shutdown),
            Self::Closed { for_good, .. } => !*for_good,
            Self::ConnectFailed { failure, .. } => failure.is_retryable(),
            Self::Lost { generation, .. } => generation.is_some(),
            Self::TimedOut { .. } => true,
            #[cfg(feature = "http")]
            Self::Http { error, .. } => error.is_retryable(),
            Self::NotSent(error) => {
                matches!(error, RequestError::TooManyInFlight { .. } | RequestError::QueueFull { .. })
            }
            Self::Server(_)
            | Self::TooLarge { .. }
            | Self::Protocol { .. }
            | Self::Unreadable { .. }
            | Self::InputRequired { .. }
            | Self::InvalidParams(_) => false,
            #[cfg(feature = "jsonschema")]
            Self::InvalidArguments(_) | Self::UnexpectedResult { .. } => false,
        }
    }

    /// What went wrong over HTTP, if something did: with this call, or with the connection that it needed.
    #[cfg(feature = "http")]
    pub fn http(&self) -> Option<&tenure_mcp_proto::http::HttpError> {
        match self {
            Self::Http { error, .. } => Some(error),
            Self::ConnectFailed { failure, .. } | Self::Lost { failure, .. } => failure.downcast_ref(),
            _ => None,
        }
    }

    /// A connection was lost, and the server can't have seen the call: made again, it is done once.
    pub(crate) const fn was_lost_before_it_was_sent(&self) -> bool {
        let lost = matches!(
            self,
            Self::Lost { generation: Some(_), .. }
                | Self::TimedOut { generation: Some(_), deadline: Deadline::Session(_), .. }
        );
        lost && matches!(self.delivery(), Delivery::NotSent | Delivery::Refused)
    }

    /// Why a lease is over, and how far the call got that was made with it.
    pub(crate) fn revoked(error: tenure_driver::Error, delivery: Delivery) -> Self {
        use tenure_driver::Error as Driver;
        match error {
            Driver::Refused { reason } => Self::Refused { reason },
            Driver::Closed { generation, for_good } => Self::Closed { generation, for_good, delivery },
            Driver::ConnectFailed { generation, failure } => Self::ConnectFailed { generation, failure },
            Driver::Lost { generation, failure } => Self::Lost { generation, failure, delivery },
            Driver::TimedOut { generation, deadline, note } => {
                Self::TimedOut { generation, deadline: Deadline::Session(deadline), delivery, note }
            }
            // Whatever else the driver may learn to say ended the lease.
            other => Self::Lost { generation: other.generation(), failure: Failure::new(other), delivery },
        }
    }

    /// Why a call in `generation` has no result, though its lease was not revoked.
    /// `instead`: what the server said instead of an answer.
    pub(crate) fn of_call(generation: Generation, error: CallError, instead: Option<String>) -> Self {
        let of = generation;
        let generation = Some(of);
        match error {
            CallError::Server(error) => Self::Server(error),
            CallError::TimedOut => {
                let (deadline, delivery) = (Deadline::Call, Delivery::Unknown);
                Self::TimedOut { generation, deadline, delivery, note: instead.map(Arc::from) }
            }
            CallError::TooLarge { limit } => Self::TooLarge { limit },
            CallError::Protocol { what, excerpt } => Self::Protocol { what, excerpt },
            CallError::UnknownResult { what, raw } => Self::Unreadable { reason: what, raw },
            CallError::InputRequired { why, raw } => Self::InputRequired { why, raw },
            #[cfg(feature = "http")]
            CallError::Http(error) => Self::Http { generation: of, error },
            CallError::ConnectionLost { sent } => {
                let why = if sent { "the server says nothing more" } else { TAKES_NO_CALLS };
                Self::Lost { generation, failure: Failure::new(why), delivery: delivery_of(sent) }
            }
            // What else the protocol may learn to say is an answer of some kind. A cancelled call has no caller.
            other => Self::Protocol { what: other.to_string(), excerpt: String::new() },
        }
    }

    /// Why a request in `generation` could not be made.
    pub(crate) fn of_request(generation: Generation, error: RequestError) -> Self {
        match error {
            RequestError::Closed => {
                let (generation, failure) = (Some(generation), Failure::new(TAKES_NO_CALLS));
                Self::Lost { generation, failure, delivery: Delivery::NotSent }
            }
            other => Self::NotSent(other),
        }
    }
}

/// While the lease holds, the protocol is only told of the end of a session that retires: the server closed its output
/// or its input.
const TAKES_NO_CALLS: &str = "the server takes no calls any more";

impl From<ParamsError> for Error {
    fn from(error: ParamsError) -> Self {
        Self::InvalidParams(error)
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Unreadable { reason: error.to_string(), raw: error.into_raw() }
    }
}

impl From<PagesError> for Error {
    fn from(error: PagesError) -> Self {
        match error {
            PagesError::Decode(error) => error.into(),
            other => Self::Protocol { what: other.to_string(), excerpt: String::new() },
        }
    }
}
